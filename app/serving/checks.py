"""The route that checks answers which any system gave."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from app.assistant import Assistant
from app.batch_rows import GivenDocument
from app.checking import Check
from app.serving.admission import Place
from app.serving.answer_events import ASKABLE, told_error
from app.serving.requests import body_of, in_slices, while_connected
from app.serving.resources import Resources
from graphs.question import check_length, printable

LONGEST_ANSWER = 20_000  # characters
MOST_CLAIMS = 100  # half a minute on a CPU
LONGEST_ID = 1_000  # characters


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
        """Verify one answer claim by claim, as `groundtune check --json` does.

        It waits for its turn as questions do, and stops when its client leaves.
        """
        body = await body_of(request, ToCheck)
        seen = self._of.seen_by(request.user)
        try:
            await asyncio.to_thread(_check_lengths, body, seen)
            place = self._of.queue.enter(request.user.username)
            return JSONResponse(await while_connected(request, _checked(body, seen, place)))
        except ASKABLE as error:
            return JSONResponse(told_error(error), 422)


def _check_lengths(body: ToCheck, seen: Assistant) -> None:
    count, most = seen.chat_model.get_num_tokens, seen.settings.max_question_tokens
    check_length(printable(body.question), count, most)
    longest_id = max((len(document.id) for document in body.documents), default=0)
    for what, length, most in (
        ("the answer", len(body.answer), LONGEST_ANSWER),
        ("a document's id", longest_id, LONGEST_ID),
    ):
        if length > most:
            message = f"{what} has {length:,} characters, more than {most:,}: send less at once"
            raise HTTPException(422, message)


async def _checked(body: ToCheck, seen: Assistant, place: Place) -> Check:
    given = [document.model_dump() for document in body.documents]

    def check(unwanted: Callable[[], bool]) -> Check:
        return seen.checker.check(
            body.question,
            body.answer,
            documents=given,
            id_=body.id,
            most_claims=MOST_CLAIMS,
            unwanted=unwanted,
        )

    async with place:
        return await in_slices(check)
