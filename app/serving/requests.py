"""Read requests: their bodies, and who sends them."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from starlette.authentication import (
    AuthCredentials,
    AuthenticationBackend,
    AuthenticationError,
)
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.authentication import AuthenticationMiddleware
from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, Response

from app.serving.users import Authenticator, Caller, Unauthorized
from finetune.errors import first_fault

Body = TypeVar("Body", bound=BaseModel)
Result = TypeVar("Result")
Event = TypeVar("Event")

LOOK_SECONDS = 0.2  # between looks whether a client is still there

Refusal = Callable[[HTTPConnection, Exception], Response]


async def body_of(request: Request, model: type[Body]) -> Body:
    """Read a JSON body; another than was expected is answered by 422 and its first fault."""
    body = await request.body()
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        raise HTTPException(422, str(first_fault(error, "body"))) from error


async def while_connected(request: Request, work: Coroutine[Any, Any, Result]) -> Result:
    """Do work for a client; one that leaves cancels it."""
    task = asyncio.create_task(work)
    try:
        while not task.done():
            await asyncio.wait({task}, timeout=LOOK_SECONDS)
            if await request.is_disconnected():
                raise HTTPException(499, "the client left")
        return task.result()
    finally:
        task.cancel()


async def in_slices(work: Callable[[Callable[[], bool]], Result]) -> Result:
    """Do work in a thread, which looks now and then whether it is unwanted.

    Whoever is cancelled waits until the thread has ended.
    """
    unwanted = threading.Event()
    doing = asyncio.create_task(asyncio.to_thread(work, unwanted.is_set))
    try:
        return await asyncio.shield(doing)
    except asyncio.CancelledError:
        unwanted.set()
        await asyncio.wait({doing})
        raise


async def apart(events: AsyncIterator[Event]) -> AsyncIterator[Event]:
    """Pass events on from a task of their own, which is cancelled once when the client leaves.

    A response's own scope cancels again and again; LangGraph, interrupted on its way out, then
    leaves nodes running, and the model with them.
    """
    passed: asyncio.Queue[Event | None] = asyncio.Queue()

    async def draw() -> None:
        try:
            async for event in events:
                passed.put_nowait(event)
        finally:
            passed.put_nowait(None)

    drawing = asyncio.create_task(draw())
    try:
        while (event := await passed.get()) is not None:
            yield event
        await drawing  # for its error
    finally:
        drawing.cancel()


class _Backend(AuthenticationBackend):
    def __init__(self, authenticator: Authenticator) -> None:
        self._authenticator = authenticator

    async def authenticate(self, conn: HTTPConnection) -> tuple[AuthCredentials, Caller]:
        try:
            return AuthCredentials(["authenticated"]), self._authenticator.caller(conn.headers)
        except Unauthorized as error:
            raise AuthenticationError(str(error)) from error


def authenticated(authenticator: Authenticator, refusal: Refusal) -> Middleware:
    """Let nobody through whom the authenticator does not know."""
    return Middleware(AuthenticationMiddleware, backend=_Backend(authenticator), on_error=refusal)


def unauthorized(conn: HTTPConnection, error: Exception) -> Response:
    """Write who is missing as {"error", "message"}."""
    payload = {"error": "Unauthorized", "message": str(error)}
    return JSONResponse(payload, 401, headers={"WWW-Authenticate": "Bearer"})


async def told_http_error(request: Request, error: Exception) -> Response:
    """Write an HTTP error as `http_refusal` does."""
    assert isinstance(error, HTTPException)
    return http_refusal(error)


def http_refusal(error: HTTPException) -> Response:
    """Write an HTTP error as {"error", "message"}."""
    names = {401: "Unauthorized", 403: "Forbidden", 404: "NotFound", 409: "Busy", 422: "Invalid",
             429: "TooMany", 503: "Full"}  # fmt: skip
    payload = {"error": names.get(error.status_code, "Error"), "message": error.detail}
    return JSONResponse(payload, error.status_code, headers=error.headers)
