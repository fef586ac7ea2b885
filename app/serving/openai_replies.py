"""Write completions, their chunks and errors as OpenAI does."""

from __future__ import annotations

import re
import time
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import uuid4

from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse, Response

from app.errors import ContextLengthError, UserError
from app.serving.answer_events import ASKABLE, as_json, link, told_error
from app.serving.openai_requests import InvalidRequest
from graphs.state import Citation

Finish = Literal["stop", "length"]
DONE = {"data": "[DONE]"}
"""Ends every stream."""
_PIECE = re.compile(r"\s*\S+")


@dataclass(frozen=True)
class Reply:
    """What was answered, as long as it may be."""

    text: str
    finish: Finish = "stop"
    citations: Sequence[Citation] = ()
    tokens: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Completed:
    """Writes one completion, at once or in chunks."""

    model: str
    base: str
    """Address of the page, which citations link to."""
    warnings: Sequence[str]
    """What of the request changed nothing."""
    include_usage: bool = False
    id: str = field(default_factory=lambda: f"chatcmpl-{uuid4().hex}")
    created: int = field(default_factory=lambda: int(time.time()))

    def whole(self, reply: Reply) -> dict[str, Any]:
        """Write all in one."""
        message = {
            "role": "assistant",
            "content": reply.text,
            "refusal": None,
            "annotations": url_citations(reply, self.base),
        }
        choice = {"index": 0, "message": message, "finish_reason": reply.finish, "logprobs": None}
        return {**self._head("chat.completion"), "choices": [choice], "usage": _usage(reply)}

    def first(self) -> dict[str, str]:
        """Write the chunk that begins a stream."""
        return self._chunk({"role": "assistant", "content": ""})

    def rest(self, reply: Reply) -> Iterator[dict[str, str]]:
        """Write the chunks of a reply."""
        for piece in _PIECE.findall(reply.text):
            yield self._chunk({"content": piece})
        yield self._chunk({"annotations": url_citations(reply, self.base)})
        yield self._chunk({}, reply.finish)
        if self.include_usage:
            yield self._event([], usage=_usage(reply))

    def failed(self, error: Exception) -> dict[str, str]:
        """Write an error inside a stream."""
        return {"data": as_json(written(error))}

    def _head(self, kind: str) -> dict[str, Any]:
        head = {"id": self.id, "object": kind, "created": self.created, "model": self.model}
        return {**head, "warnings": list(self.warnings)} if self.warnings else head

    def _chunk(self, delta: dict[str, Any], finish: Finish | None = None) -> dict[str, str]:
        usage = {"usage": None} if self.include_usage else {}
        return self._event([{"index": 0, "delta": delta, "finish_reason": finish}], **usage)

    def _event(self, choices: list[dict[str, Any]], **extra: Any) -> dict[str, str]:
        chunk = {**self._head("chat.completion.chunk"), "choices": choices, **extra}
        return {"data": as_json(chunk)}


def shortened(
    text: str, stops: Sequence[str], most: int | None, count: Callable[[str], int]
) -> tuple[str, Finish]:
    """Cut a text before the first of `stops`, and after as many whole words as `most` tokens hold.

    A checked answer is cut, not the model's draft, for half a sentence would not be let out.
    """
    text = min((text.partition(stop)[0] for stop in stops if stop), key=len, default=text)
    if most is None or count(text) <= most:
        return text, "stop"
    ends = [0, *(piece.end() for piece in _PIECE.finditer(text))]
    fitting = bisect_right(ends, most, key=lambda end: count(text[:end]))
    return text[: ends[max(fitting - 1, 0)]], "length"


def url_citations(reply: Reply, base: str) -> list[dict[str, Any]]:
    """Write citations as `url_citation`s whose indices are those of `[n]` in the text."""
    annotations: list[dict[str, Any]] = []
    for number, citation in enumerate(reply.citations, start=1):
        marker = f"[{number}]"
        at = reply.text.find(marker)
        if at < 0:  # it was cut off
            continue
        cited = {
            "start_index": at,
            "end_index": at + len(marker),
            "title": citation["document"],
            "url": link(base, citation),
            "quote": citation["quote"],
        }
        annotations.append({"type": "url_citation", "url_citation": cited})
    return annotations


def _usage(reply: Reply) -> dict[str, int]:
    prompt, completion = reply.tokens.get("prompt", 0), reply.tokens.get("completion", 0)
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
    }


def no_key(conn: HTTPConnection, error: Exception) -> Response:
    """Write a missing or wrong token as OpenAI does."""
    payload = _error(str(error), code="invalid_api_key")
    return JSONResponse(payload, 401, headers={"WWW-Authenticate": "Bearer"})


def refusal(error: Exception) -> Response:
    """Write any error as a response."""
    status = _status(error)
    headers = error.headers if isinstance(error, HTTPException) else None
    return JSONResponse(written(error), status, headers=headers)


def written(error: Exception) -> dict[str, Any]:
    """Write any error as {"error": {"message", "type", "param", "code"}}."""
    if isinstance(error, InvalidRequest):
        return _error(str(error), param=error.param, code=error.code)
    if isinstance(error, HTTPException):
        return _error(error.detail, code=_CODES.get(error.status_code), status=error.status_code)
    code = "context_length_exceeded" if isinstance(error, ContextLengthError) else "invalid_value"
    message, askable = told_error(error)["message"], isinstance(error, ASKABLE)
    if askable:
        return _error(message, param="messages", code=code)
    return _error(message, code="not_ready" if isinstance(error, UserError) else None, status=500)


_CODES = {
    404: "unknown_url", 405: "method_not_supported", 413: "request_too_large",
    429: "rate_limit_exceeded", 503: "overloaded",
}  # fmt: skip


def _error(
    message: str, *, param: str | None = None, code: str | None = None, status: int = 400
) -> dict[str, Any]:
    kind = "invalid_request_error" if status < 500 else "server_error"
    return {"error": {"message": message, "type": kind, "param": param, "code": code}}


def _status(error: Exception) -> int:
    if isinstance(error, InvalidRequest):
        return error.status
    if isinstance(error, HTTPException):
        return error.status_code
    return 400 if isinstance(error, ASKABLE) else 503 if isinstance(error, UserError) else 500
