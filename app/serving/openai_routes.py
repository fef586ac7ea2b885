"""Speak OpenAI's chat completions, for the clients that exist already."""

from __future__ import annotations

import re
import time
from collections.abc import AsyncIterator
from typing import Any, Literal
from urllib.parse import quote
from uuid import uuid4

from pydantic import BaseModel, Field
from sse_starlette import EventSourceResponse
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from app.answers import Answer
from app.errors import ContextLengthError, UserError
from app.serving.requests import apart, body_of, while_connected
from app.serving.resources import SERVED, Resources
from app.serving.telling import ASKABLE, as_json, told_error
from graphs.state import Citation


class Part(BaseModel):
    """A piece of a message's content."""

    type: Literal["text"]
    text: str


class Message(BaseModel):
    """One turn."""

    role: Literal["system", "developer", "user", "assistant"]
    content: str | list[Part]

    @property
    def text(self) -> str:
        """The content as one text."""
        if isinstance(self.content, str):
            return self.content
        return "".join(part.text for part in self.content)


class Completion(BaseModel):
    """What is asked for; knobs of sampling are left alone, the graph answers greedily."""

    model: str = SERVED
    messages: list[Message] = Field(min_length=1)
    stream: bool = False
    n: Literal[1] = 1


class OpenAI:
    """Answers chat completions; an arm's name is the model's."""

    def __init__(self, resources: Resources) -> None:
        self._of = resources

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [
            Route("/models", self.models, methods=["GET"], include_in_schema=False),
            Route("/chat/completions", self.completions, methods=["POST"], include_in_schema=False),
        ]

    async def models(self, request: Request) -> Response:
        """List the arms."""
        names = [SERVED, *self._of.arms()]
        listed = [
            {"id": name, "object": "model", "created": 0, "owned_by": "groundtune"}
            for name in names
        ]
        return JSONResponse({"object": "list", "data": listed})

    async def completions(self, request: Request) -> Response:
        """Answer the last message.

        A streamed answer is sent when it was checked: what was sent cannot be taken back.
        """
        try:
            asked = await body_of(request, Completion)
            if asked.stream:
                told = self._streamed(asked, str(request.base_url))
                return EventSourceResponse(apart(told), sep="\n")
            answer = await while_connected(request, self._answer(asked))
        except Exception as error:
            return JSONResponse(_error(error), _status(error))
        return JSONResponse(_completion(asked.model, answer, str(request.base_url)))

    async def _answer(self, asked: Completion) -> Answer:
        turns = [m for m in asked.messages if m.role in ("user", "assistant")]
        history = [{"role": m.role, "content": m.text} for m in turns[:-1]]
        async with self._of.lent(asked.model) as assistant:
            return await assistant.aask(turns[-1].text if turns else "", history=history)

    async def _streamed(self, asked: Completion, base: str) -> AsyncIterator[dict[str, str]]:
        began = {"id": f"chatcmpl-{uuid4().hex}", "created": int(time.time()), "model": asked.model}
        yield _chunk(began, {"role": "assistant", "content": ""})
        try:
            answer = await self._answer(asked)
        except Exception as error:
            yield {"data": as_json(_error(error))}
            return
        for piece in re.findall(r"\s*\S+", answer["answer"]):
            yield _chunk(began, {"content": piece})
        yield _chunk(began, {"annotations": url_citations(answer, base)})
        yield _chunk(began, {}, finish="stop", usage=_usage(answer))
        yield {"data": "[DONE]"}


def url_citations(answer: Answer, base: str) -> list[dict[str, Any]]:
    """Write citations as `url_citation`s whose indices are those of `[n]` in the answer."""
    found: list[dict[str, Any]] = []
    for number, citation in enumerate(answer["citations"], start=1):
        marker = f"[{number}]"
        at = max(answer["answer"].find(marker), 0)
        found.append(
            {
                "type": "url_citation",
                "url_citation": {
                    "start_index": at,
                    "end_index": at + len(marker),
                    "title": citation["document"],
                    "url": _url(base, citation),
                    "quote": citation["quote"],
                },
            }
        )
    return found


def _url(base: str, citation: Citation) -> str:
    span = f"{citation['start']}-{citation['end']}"
    return f"{base}#{quote(citation['document'])}@{span}"


def _completion(model: str, answer: Answer, base: str) -> dict[str, Any]:
    message = {
        "role": "assistant",
        "content": answer["answer"],
        "refusal": None,
        "annotations": url_citations(answer, base),
    }
    return {
        "id": f"chatcmpl-{uuid4().hex}",
        "object": "chat.completion",
        "created": int(time.time()),
        "model": model,
        "choices": [{"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}],
        "usage": _usage(answer),
    }


def _chunk(
    began: dict[str, Any], delta: dict[str, Any], *, finish: str | None = None, **extra: Any
) -> dict[str, str]:
    choices = [{"index": 0, "delta": delta, "finish_reason": finish}]
    told = {**began, "object": "chat.completion.chunk", "choices": choices, **extra}
    return {"data": as_json(told)}


def _usage(answer: Answer) -> dict[str, int]:
    prompt, completion = answer["tokens"]["prompt"], answer["tokens"]["completion"]
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
    }


def no_key(conn: HTTPConnection, error: Exception) -> Response:
    """Write a missing or wrong token as OpenAI does."""
    told = {"message": str(error), "type": "invalid_request_error", "code": "invalid_api_key"}
    return JSONResponse({"error": told}, 401, headers={"WWW-Authenticate": "Bearer"})


def _status(error: Exception) -> int:
    if isinstance(error, HTTPException):
        return 400 if error.status_code == 422 else error.status_code  # OpenAI knows no 422
    return 400 if isinstance(error, ASKABLE) else 503 if isinstance(error, UserError) else 500


def _error(error: Exception) -> dict[str, Any]:
    if isinstance(error, HTTPException):
        told = {"error": "InvalidRequest", "message": error.detail}
    else:
        told = told_error(error)
    code = "context_length_exceeded" if isinstance(error, ContextLengthError) else told["error"]
    return {"error": {"message": told["message"], "type": told["error"], "code": code}}
