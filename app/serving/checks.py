"""The route that checks answers which any system gave."""

from __future__ import annotations

import asyncio

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from app.batch import GivenDocument
from app.serving.answer_events import ASKABLE, told_error
from app.serving.requests import body_of, while_connected
from app.serving.resources import Resources


class ToCheck(BaseModel):
    """An answer, what it replies to, and the documents it should rest on."""

    question: str
    answer: str
    documents: list[GivenDocument] = []
    """The index is searched where none are given."""
    id: str = "1"


class Checks:
    """Checks answers with the served assistant's verifier."""

    def __init__(self, resources: Resources) -> None:
        self._of = resources

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [Route("/check", self.check, methods=["POST"], include_in_schema=False)]

    async def check(self, request: Request) -> Response:
        """Verify one answer claim by claim, as `groundtune check --json` does."""
        body = await body_of(request, ToCheck)
        given = [document.model_dump() for document in body.documents]
        checker = self._of.seen_by(request.user).checker
        work = asyncio.to_thread(
            checker.check, body.question, body.answer, documents=given, id_=body.id
        )
        try:
            return JSONResponse(await while_connected(request, work))
        except ASKABLE as error:
            return JSONResponse(told_error(error), 422)
