"""The page's own routes: threads, questions, reviews and feedback."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import ExitStack
from functools import partial
from uuid import UUID

from langchain_core.runnables import RunnableConfig
from sse_starlette import EventSourceResponse
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from app.serving.accounts import OUTCOMES, Account
from app.serving.admission import Place
from app.serving.answer_events import ASKABLE, Event, as_json, tell, told_error
from app.serving.blocks import answer_blocks
from app.serving.page_requests import Asked, Feedback, Renamed, Reviewed
from app.serving.persistence import UNKEPT
from app.serving.requests import body_of
from app.serving.resources import Resources
from app.serving.running_answers import Answers
from app.serving.thread_deletion import forget_thread, stop_elsewhere
from app.serving.thread_messages import told_messages
from app.serving.tracing import send_feedback
from app.serving.users import Caller
from graphs.review import read_verdict

log = logging.getLogger(__name__)

ABOUT = {"arm", "only", "repeats"}
"""What of a request is kept with the question."""


class Conversations:
    """Answers for the threads of each user."""

    def __init__(self, resources: Resources) -> None:
        self._of = resources
        self._answers = Answers()

    async def close(self) -> None:
        """Stop the answers that are on their way."""
        await self._answers.stop_all()

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [
            _route("/threads", self.listed, "GET"),
            _route("/threads/{thread:uuid}", self.shown, "GET"),
            _route("/threads/{thread:uuid}", self.renamed, "PATCH"),
            _route("/threads/{thread:uuid}", self.forgotten, "DELETE"),
            _route("/threads/{thread:uuid}/ask", self.asked, "POST"),
            _route("/threads/{thread:uuid}/events", self.followed, "GET"),
            _route("/threads/{thread:uuid}/stop", self.stopped, "POST"),
            _route("/reviews", self.held, "GET"),
            _route("/reviews/{thread:uuid}", self.reviewed, "POST"),
            _route("/feedback", self.feedback, "POST"),
        ]

    async def listed(self, request: Request) -> Response:
        """List the caller's threads, and which of them are being answered.

        Those whose title holds the words of `q`, after `skip`.
        """
        words, skip = request.query_params.get("q", ""), request.query_params.get("skip", "0")
        if not skip.isdecimal():
            raise HTTPException(422, f"skip is {skip[:20]!r}: give how many threads to pass over")
        listed = await self._of.threads.listed(request.user.username, words, int(skip))
        running = self._of.busy.taken
        return JSONResponse([{**thread, "running": running(thread["id"])} for thread in listed])

    async def shown(self, request: Request) -> Response:
        """Show a thread's messages, and with each question how its answer came about."""
        thread = await self._own(request)
        running = self._of.busy.taken(thread)  # before its state, which changes until it is not
        state = await self._of.graph.aget_state(_config(thread))
        contents = {
            "id": thread,
            "messages": told_messages(state, await self._of.given.of(thread)),
            "held": any(task.interrupts for task in state.tasks),
            "running": running,
            "beside": await self._of.threads.beside(thread, request.user.username),
        }
        return JSONResponse(contents)

    async def renamed(self, request: Request) -> Response:
        """Give a thread another title."""
        thread = await self._own(request)
        await self._of.threads.rename(thread, (await body_of(request, Renamed)).title)
        return Response(status_code=204)

    async def forgotten(self, request: Request) -> Response:
        """Delete a thread with all that was said; an answer on its way is stopped."""
        thread = await self._own(request)
        owner = request.user.username
        for each in (*await self._of.threads.beside(thread, owner), thread):
            for forget in self._of.forgetting:
                await forget(each)
        await forget_thread(self._of, thread, owner, self._stop)
        return Response(status_code=204)

    async def asked(self, request: Request) -> Response:
        """Answer a question as events; the answer goes on when its reader leaves."""
        body = await body_of(request, Asked)
        self._of.check_arm(body.arm)
        await asyncio.to_thread(self._of.check_documents, body.only, request.user)
        thread, owner = str(request.path_params["thread"]), request.user.username
        if not await self._of.threads.claim(thread, owner):
            raise HTTPException(404, "there is no such thread")
        await self._of.busy.take_soon(thread)
        with ExitStack() as unless_begun:
            unless_begun.callback(self._of.busy.free, thread)
            await self._check_open(thread, body.run)
            await self._of.given.stopped(thread)  # that was about an answer before
            turn = self._of.queue.enter(owner)
            unless_begun.callback(turn.leave)
            beside = str(body.beside) if body.beside else None
            await self._of.threads.touch(thread, owner, body.question, beside)
            account = Account(
                body.question, body.run, **body.model_dump(mode="json", include=ABOUT)
            )
            await self._of.given.keep(thread, account.run, account.told())  # it may wait for long
            unless_begun.pop_all()
        events = self._events(thread, body, account, turn, request.user)
        unwanted = partial(self._of.given.stopped, thread)
        answering = self._answers.begin(thread, events, unwanted, str(account.run))
        return EventSourceResponse(answering.followed())

    async def _check_open(self, thread: str, run: UUID | None) -> None:
        if await self._of.reviews.waits(thread):
            message = "the last answer waits for a review: ask when it is decided"
            raise HTTPException(409, message)
        if run and await self._of.given.knows(thread, run):
            raise HTTPException(409, "this question was asked before: name another run")

    async def followed(self, request: Request) -> Response:
        """Tell the events of the answer that is on its way from its beginning; 204 if none is.

        With `run`, only of the answer to that question.
        """
        run = request.query_params.get("run")
        answering = self._answers.of(await self._own(request), run)
        if answering is None:
            return Response(status_code=204)
        return EventSourceResponse(answering.followed())

    async def stopped(self, request: Request) -> Response:
        """Stop the answer that is on its way, if any."""
        await self._stop(await self._own(request))
        return Response(status_code=204)

    async def _stop(self, thread: str) -> None:
        if self._answers.of(thread) is None:
            await stop_elsewhere(self._of, thread)
        await self._answers.stop(thread)

    async def _events(
        self, thread: str, body: Asked, account: Account, turn: Place, caller: Caller
    ) -> AsyncIterator[dict[str, str]]:
        try:
            async for event in self._told(thread, body, account.run, turn, caller):
                account.note(event)
                # Whoever has read it finds it again, or is told that it was not kept.
                if event["event"] in OUTCOMES and not await self._kept(thread, account):
                    event["kept"] = False
                yield {"event": event["event"], "data": as_json(event)}
        except asyncio.CancelledError:
            account.stop()
            await self._kept(thread, account)
            raise
        finally:
            self._of.busy.free(thread)

    async def _told(
        self, thread: str, body: Asked, run: UUID, turn: Place, caller: Caller
    ) -> AsyncIterator[Event]:
        try:
            async for event in turn.events(self._answered(thread, body, run, caller)):
                yield event
        except Exception as error:  # the arm could not be loaded, or nothing can be kept
            yield {"event": "error", **told_error(error)}

    async def _answered(
        self, thread: str, body: Asked, run: UUID, caller: Caller
    ) -> AsyncIterator[Event]:
        async with self._of.lent(body.arm, caller) as assistant:
            graph = await asyncio.to_thread(self._of.graph_of, assistant, body.only)
            async for event in tell(graph, assistant, body.question, _config(thread), run):
                if event["event"] == "answer":
                    event["blocks"] = answer_blocks(event["answer"])
                yield event

    async def _kept(self, thread: str, account: Account) -> bool:
        """Keep what became of a question; an answer reaches its reader even where that fails."""
        try:
            await self._of.given.keep(thread, account.run, account.told())
        except UNKEPT:
            log.exception("how an answer came about could not be kept")
            return False
        return True

    async def held(self, request: Request) -> Response:
        """List the answers that wait for a person."""
        self._reviews(request)
        return JSONResponse(await self._of.reviews.held())

    async def reviewed(self, request: Request) -> Response:
        """Let a held answer out, as it is or edited, or reject it."""
        self._reviews(request)
        verdict = (await body_of(request, Reviewed)).model_dump()
        thread = str(request.path_params["thread"])
        try:
            read_verdict(verdict)
            await self._of.busy.take_soon(thread)
            try:
                await self._check_waits(thread)
                await self._of.resumed(thread, verdict, request.user.username)
            finally:
                self._of.busy.free(thread)
        except ASKABLE as error:
            return JSONResponse(told_error(error), 422)
        return Response(status_code=204)

    async def _check_waits(self, thread: str) -> None:
        state = await self._of.graph.aget_state(_config(thread))
        if any(task.interrupts for task in state.tasks):
            return
        await self._of.reviews.drop(thread)
        raise HTTPException(409, "no answer waits in this thread: it may be decided already")

    async def feedback(self, request: Request) -> Response:
        """Keep what a reader thought of an answer."""
        feedback = await body_of(request, Feedback)
        if await self._of.threads.owner(feedback.thread) != request.user.username:
            raise HTTPException(404, "there is no such thread")
        said = await self._said(feedback.thread, str(feedback.run))
        by = {"by": request.user.username}
        await self._of.reviews.note({**feedback.model_dump(mode="json"), **said, **by})
        thumb = {"score": feedback.score, "comment": feedback.comment}
        await self._of.given.keep(feedback.thread, feedback.run, thumb)
        texts = self._of.settings.trace_texts
        await asyncio.to_thread(
            send_feedback, feedback.run, feedback.score, feedback.comment, texts=texts
        )
        return Response(status_code=204)

    async def _said(self, thread: str, run: str) -> dict[str, str]:
        """Return what was asked and answered in a run, as it is kept."""
        checkpoints = self._of.checkpointer.alist(_config(thread), filter={"run_id": run}, limit=1)
        async for last in checkpoints:
            values = last.checkpoint["channel_values"]
            return {"question": values.get("asked", ""), "answer": values["messages"][-1].text}
        raise HTTPException(404, "there is no such run in this thread")

    async def _own(self, request: Request) -> str:
        thread = str(request.path_params["thread"])
        if await self._of.threads.owner(thread) != request.user.username:
            raise HTTPException(404, "there is no such thread")
        return thread

    def _reviews(self, request: Request) -> None:
        if not self._of.settings.may_review(request.user.username):
            raise HTTPException(403, "reviewing is for the users named in GROUNDTUNE_REVIEWERS")


def _config(thread: str) -> RunnableConfig:
    return {"configurable": {"thread_id": thread}}


def _route(path: str, endpoint: Callable[[Request], Awaitable[Response]], method: str) -> Route:
    return Route(path, endpoint, methods=[method], include_in_schema=False)
