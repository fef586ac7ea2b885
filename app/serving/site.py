"""The web application: page, its routes, OpenAI's, and what tells of the server's health."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from app.errors import UserError
from app.ingest.readers import SUFFIXES
from app.serving.answer_events import told_error
from app.serving.checks import Checks
from app.serving.conversations import Conversations
from app.serving.documents import Documents
from app.serving.examples import Examples
from app.serving.guards import MOST_JSON, guards
from app.serving.mcp_tool import McpTool
from app.serving.openai_replies import no_key, refusal
from app.serving.openai_routes import OpenAI
from app.serving.persistence import UNKEPT
from app.serving.requests import authenticated, http_refusal, told_http_error, unauthorized
from app.serving.resources import Resources
from app.serving.settings import SHARED_METRICS
from app.serving.users import Caller
from app.tracing import send_traces

log = logging.getLogger(__name__)

UPLOADS = "/api/documents"
PAGE = Path(__file__).parent / "page"
FRESH = {"Cache-Control": "no-cache"}  # else a browser mixes modules of two releases
# Nothing comes from elsewhere, and nobody frames the page.
POLICY = "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'"


def create_site(resources: Resources) -> Starlette:
    """Assemble the application; it opens and warms up its resources when it starts."""

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with resources.opened(), mcp.sessions.run():
            yield
            await conversations.close()
        # now: uvicorn lets the signal that stops it end the process, which comes to no exit
        await asyncio.to_thread(send_traces, texts=resources.settings.trace_texts)

    def most(path: str) -> int:
        return resources.library.most_bytes if path == UPLOADS else MOST_JSON

    def refused(path: str, error: HTTPException) -> Response:
        return refusal(error) if path.startswith("/v1/") else http_refusal(error)

    mcp = McpTool(resources)
    status, conversations = Status(resources), Conversations(resources)
    users = resources.authenticator
    own = [
        Route("/status", status.told, methods=["GET"], include_in_schema=False),
        *conversations.routes(),
        *Documents(resources.library, Examples(), resources.seen_by).routes(),
        *Checks(resources).routes(),
    ]
    return Starlette(
        routes=[
            Route("/", page, methods=["GET"], include_in_schema=False),
            Route("/healthz", status.alive, methods=["GET"], include_in_schema=False),
            Route("/readyz", status.ready, methods=["GET"], include_in_schema=False),
            Route("/metrics", metrics, methods=["GET"], include_in_schema=False),
            Mount("/page", Parts(directory=PAGE)),
            Mount("/api", routes=own, middleware=[authenticated(users, unauthorized)]),
            *mcp.routes(authenticated(users, unauthorized)),
            Mount("/v1", OpenAI(resources).app(authenticated(users, no_key))),
        ],
        middleware=guards(local=not users.asks, most=most, refused=refused),
        lifespan=lifespan,
        exception_handlers={
            HTTPException: told_http_error,
            UserError: told_unready,
            **dict.fromkeys(UNKEPT, told_unkept),
        },
    )


class Parts(StaticFiles):
    """The files that the page consists of."""

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        """Return a file, or that it is as the browser has it."""
        response = super().file_response(*args, **kwargs)
        response.headers.update(FRESH)
        return response


class Status:
    """Tells what is served, and whether it is."""

    def __init__(self, resources: Resources) -> None:
        self._of = resources

    async def alive(self, request: Request) -> Response:
        """Answer while the process does."""
        return JSONResponse({"ok": True})

    async def ready(self, request: Request) -> Response:
        """Answer 200 once models are warm, while all can be kept and runs are taken up."""
        trouble = await self._of.trouble()
        if trouble:
            return JSONResponse({"ready": False, "reason": trouble}, 503)
        return JSONResponse({"ready": True})

    async def told(self, request: Request) -> Response:
        """Tell the page what answers it, and what its user may do."""
        return JSONResponse(await asyncio.to_thread(self._told, request.user))

    def _told(self, caller: Caller) -> dict[str, Any]:
        assistant = self._of.seen_by(caller)
        user = caller.username
        return {
            "user": user,
            "model": assistant.model,
            "adapter": assistant.adapter,
            "retrieval": assistant.settings.retrieval,
            "borrowed": assistant.calibration.borrowed,
            "documents": len(assistant.roots()),
            "arms": list(self._of.arms()),
            "suffixes": sorted(SUFFIXES),
            "uploads": self._of.library.folder_of(user),
            "asks": self._of.authenticator.asks,
            "reviews": bool(self._of.settings.review_below) and self._of.settings.may_review(user),
        }


async def told_unready(request: Request, error: Exception) -> Response:
    """Write what the operator must mend, for clients."""
    return JSONResponse(told_error(error), 503)


async def told_unkept(request: Request, error: Exception) -> Response:
    """Tell clients that nothing can be kept, as on a full disk; why is for the operator."""
    log.error("nothing could be kept", exc_info=error)
    message = "nothing can be kept now: the operator finds the reason in the log"
    return JSONResponse({"error": "NotReady", "message": message}, 503)


async def page(request: Request) -> Response:
    """Return the page."""
    return FileResponse(PAGE / "index.html", headers={"Content-Security-Policy": POLICY, **FRESH})


async def metrics(request: Request) -> Response:
    """Return all metrics as Prometheus reads them: those of all workers where there are several."""
    registry = REGISTRY
    if SHARED_METRICS in os.environ:
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)
