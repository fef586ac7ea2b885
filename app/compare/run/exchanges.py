"""Keep what the chat model was asked about a question, and what it replied, word for word."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypedDict, cast
from uuid import UUID

from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.messages import BaseMessage
from langchain_core.outputs import LLMResult


class Exchange(TypedDict):
    """One call of the chat model."""

    step: str
    """Node of the workflow that made it."""
    prompt: list[dict[str, str]]
    """Messages, each {"role", "content"}."""
    reply: str
    """As it came, before anything was checked or left out."""


_KEPT: ContextVar[list[Exchange] | None] = ContextVar("kept", default=None)


@contextmanager
def keeping_exchanges() -> Iterator[list[Exchange]]:
    """Gather what is exchanged until the end, in this thread and in those that it starts."""
    kept: list[Exchange] = []
    token = _KEPT.set(kept)
    try:
        yield kept
    finally:
        _KEPT.reset(token)


def exchanges_of(answer: Mapping[str, Any]) -> list[Exchange]:
    """Return what was kept with an answer; nothing where its arm never asked the chat model."""
    return cast(list[Exchange], answer.get("exchanges", []))


class ExchangeKeeper(BaseCallbackHandler):
    """Hears the calls of the chat model; grades are no such calls."""

    run_inline = True

    def __init__(self) -> None:
        self._begun: dict[UUID, Exchange] = {}

    def on_chat_model_start(
        self,
        serialized: dict[str, Any],
        messages: list[list[BaseMessage]],
        *,
        run_id: UUID,
        metadata: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        """Note what is asked."""
        step = str((metadata or {}).get("langgraph_node", ""))
        self._begun[run_id] = Exchange(step=step, prompt=_told(messages[0]), reply="")

    def on_llm_end(self, response: LLMResult, *, run_id: UUID, **kwargs: Any) -> None:
        """Note what was replied."""
        exchange = self._begun.pop(run_id, None)
        kept = _KEPT.get()
        if exchange is not None and kept is not None:
            kept.append(exchange | {"reply": response.generations[0][0].text})


def _told(messages: Sequence[BaseMessage]) -> list[dict[str, str]]:
    return [{"role": message.type, "content": message.text} for message in messages]
