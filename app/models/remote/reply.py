"""Put a reply together from what clients hand over, piece by piece or whole."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.messages.ai import UsageMetadata, add_usage
from langchain_core.outputs import ChatGenerationChunk, ChatResult

ENDINGS = ("finish_reason", "stop_reason", "stopReason", "done_reason")  # as clients call it
STATUSES = frozenset({"completed", "incomplete"})  # how OpenAI's Responses API says that it ended
CUT = frozenset({"length", "max_tokens", "model_length", "max_output_tokens", "incomplete"})
THOUGHT = ("<think>", "</think>")
"""How models think in the text of a reply, where their server does not part it from the answer."""


@dataclass
class Reply:
    """What has come of a reply."""

    text: str = ""
    """Without what was thought before it."""
    usage: UsageMetadata | None = None
    ending: str = ""
    """Why it ended, as the server says, or that a piece was the last; empty while neither came."""
    told: dict[str, Any] = field(default_factory=dict)
    """What came with it."""
    held: str = ""
    """Text of which it is not known yet whether it is a thought."""
    begun: bool = False
    """Whether the answer has begun."""

    @classmethod
    def of(cls, result: ChatResult) -> Reply:
        """Read a reply that came whole."""
        reply = cls()
        generation = result.generations[0]
        metadata = {**(result.llm_output or {}), **(generation.generation_info or {})}
        reply.add(generation.message, metadata)
        reply.rest()
        return reply

    @property
    def cut(self) -> bool:
        """Whether the limit of tokens ended it."""
        return self.ending.lower() in CUT

    def add(self, message: BaseMessage, metadata: Mapping[str, Any] | None) -> str:
        """Take in a piece, and return the text in it."""
        assert isinstance(message, AIMessage)
        self.told |= {**(metadata or {}), **message.response_metadata}
        last = getattr(message, "chunk_position", None) or ""
        self.ending = ending_of(self.told) or last or self.ending
        self.usage = add_usage(self.usage, message.usage_metadata)
        text = self._answer(message.text)
        self.text += text
        return text

    def _answer(self, piece: str) -> str:
        """Hold back what is thought, or may be, before the answer begins."""
        if self.begun:
            return piece
        self.held += piece
        opening, closing = THOUGHT
        shown = self.held.lstrip()
        if shown.startswith(opening):
            shown = shown.partition(closing)[2].lstrip()
        elif opening.startswith(shown):
            shown = ""
        self.begun = bool(shown)
        return shown

    def rest(self) -> str:
        """Let out what was held back and turned out to be no thought, at the end of a reply."""
        rest = "" if self.begun or self.held.lstrip().startswith(THOUGHT[0]) else self.held
        self.begun = True
        self.text += rest
        return rest

    def next(self, chunks: Iterator[ChatGenerationChunk]) -> str:
        """Take in pieces up to one with text in it; nothing when the reply is at its end."""
        for chunk in chunks:
            if text := self.add(chunk.message, chunk.generation_info):
                return text
        return self.rest()

    async def anext(self, chunks: AsyncIterator[ChatGenerationChunk]) -> str:
        """Do the same in async code."""
        async for chunk in chunks:
            if text := self.add(chunk.message, chunk.generation_info):
                return text
        return self.rest()


def ending_of(told: Mapping[str, Any]) -> str:
    """Return why a reply ended, in its server's words; empty where it has not said so."""
    if ended := next((told[name] for name in ENDINGS if told.get(name)), None):
        return str(getattr(ended, "name", ended))
    status, details = told.get("status"), told.get("incomplete_details") or {}
    return str(details.get("reason") or status) if status in STATUSES else ""
