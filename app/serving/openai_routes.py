"""Speak OpenAI's chat completions, for the clients that exist already."""

from __future__ import annotations

import asyncio
import textwrap
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from sse_starlette import EventSourceResponse
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from app.serving.admission import Place
from app.serving.exchanges import Exchange, Exchanges
from app.serving.openai_replies import DONE, Completed, Finish, Reply, refusal, shortened
from app.serving.openai_requests import (
    Completion,
    Conversation,
    InvalidRequest,
    read_completion,
    read_conversation,
)
from app.serving.requests import apart, while_connected
from app.serving.resources import SERVED, Resources
from app.serving.users import Caller

TITLE = 80  # characters
ABOUT = "the messages quote what was answered here: its question comes back, nothing is searched"


@dataclass(frozen=True)
class Begun:
    """A request that nothing speaks against."""

    work: Callable[[], Coroutine[Any, Any, Reply]]
    warnings: Sequence[str]
    place: Place | None = None
    """In the queue, where there is something to answer."""


class OpenAI:
    """Answers chat completions; an arm's name is the model's."""

    def __init__(self, resources: Resources) -> None:
        self._of = resources
        self._exchanges = Exchanges()

    def app(self, *middleware: Middleware) -> Starlette:
        """Return the application, whose errors all have OpenAI's shape."""
        return Starlette(
            routes=[
                Route("/models", answering(self.models), methods=["GET"]),
                Route("/models/{name:path}", answering(self.model), methods=["GET"]),
                Route("/chat/completions", answering(self.completions), methods=["POST"]),
            ],
            middleware=middleware,
            exception_handlers={HTTPException: no_route},
        )

    async def models(self, request: Request) -> Response:
        """List the arms."""
        return JSONResponse({"object": "list", "data": [_model(name) for name in self._names()]})

    async def model(self, request: Request) -> Response:
        """Tell of one arm."""
        name = request.path_params["name"]
        self._check_model(name)
        return JSONResponse(_model(name))

    async def completions(self, request: Request) -> Response:
        """Answer the last message; what cannot be answered is refused before a stream begins.

        A streamed answer is sent when it was checked: what was sent cannot be taken back.
        """
        completion = read_completion(await request.body())
        self._check_model(completion.model)
        begun = await self._begun(request.user, completion)
        writer = Completed(
            model=completion.model,
            base=str(request.base_url),
            warnings=[*completion.warnings, *begun.warnings],
            include_usage=bool(completion.stream_options.include_usage),
        )
        if completion.stream:
            return EventSourceResponse(apart(_streamed(writer, begun)), sep="\n")
        return JSONResponse(writer.whole(await while_connected(request, begun.work())))

    async def _begun(self, caller: Caller, completion: Completion) -> Begun:
        """Return what is left to do once nothing speaks against it."""
        if about := await asyncio.to_thread(self._quoted, caller, completion):
            return Begun(partial(self._titled, completion, about), [ABOUT])
        conversation = read_conversation(completion.messages)
        check = self._of.check_askable
        await asyncio.to_thread(check, completion.model, conversation.question, caller)
        place = self._of.queue.enter(caller.username)
        work = partial(self._answered, caller, completion, conversation, place)
        return Begun(work, conversation.warnings, place)

    def _quoted(self, caller: Caller, completion: Completion) -> Exchange | None:
        if any(message.role == "assistant" for message in completion.messages):
            return None
        return self._exchanges.quoted(caller.username, completion.text)

    async def _titled(self, completion: Completion, about: Exchange) -> Reply:
        title = textwrap.shorten(about.question, TITLE, placeholder=" …")
        return Reply(*self._shortened(completion, title))

    async def _answered(
        self, caller: Caller, completion: Completion, conversation: Conversation, place: Place
    ) -> Reply:
        question, history = conversation.question, conversation.history
        async with place, self._of.lent(completion.model, caller) as assistant:
            answer = await assistant.aask(question, history=history)
        self._exchanges.keep(Exchange(caller.username, question, answer["answer"]))
        text, finish = self._shortened(completion, answer["answer"])
        return Reply(text, finish, answer["citations"], answer["tokens"])

    def _shortened(self, completion: Completion, text: str) -> tuple[str, Finish]:
        count = self._of.served.chat_model.get_num_tokens
        return shortened(text, completion.stop, completion.most_tokens, count)

    def _names(self) -> list[str]:
        return [SERVED, *self._of.arms()]

    def _check_model(self, name: str) -> None:
        if name not in (known := self._names()):
            message = f"there is no model {name!r}: choose from {', '.join(known)}"
            raise InvalidRequest(message, param="model", code="model_not_found", status=404)


def answering(
    endpoint: Callable[[Request], Awaitable[Response]],
) -> Callable[[Request], Awaitable[Response]]:
    """Write whatever an endpoint raises as OpenAI does."""

    async def answered(request: Request) -> Response:
        try:
            return await endpoint(request)
        except Exception as error:
            return refusal(error)

    return answered


async def no_route(request: Request, error: Exception) -> Response:
    """Say that OpenAI's other routes are not here."""
    assert isinstance(error, HTTPException)
    message = (
        f"{request.method} {request.url.path} is not served: there are chat/completions and models"
    )
    return refusal(HTTPException(error.status_code, message, error.headers))


async def _streamed(writer: Completed, begun: Begun) -> AsyncIterator[dict[str, str]]:
    yield writer.first()
    if begun.place:
        async for ahead in begun.place.turn():
            yield {"comment": f"place {ahead} in the queue"}
    try:
        reply = await begun.work()
    except Exception as error:  # the stream has begun: an error is an event of it
        yield writer.failed(error)
        yield DONE
        return
    for event in writer.rest(reply):
        yield event
    yield DONE


def _model(name: str) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": 0, "owned_by": "groundtune"}
