"""Put a reply together from what clients hand over, piece by piece or whole."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.messages.ai import UsageMetadata, add_usage
from langchain_core.outputs import ChatGenerationChunk, ChatResult

from finetune.data.thoughts import Thought, outside

ENDINGS = ("finish_reason", "stop_reason", "stopReason", "done_reason")  # as clients call it
STATUSES = frozenset({"completed", "incomplete"})  # how OpenAI's Responses API says that it ended
CUT = frozenset({"length", "max_tokens", "model_length", "max_output_tokens", "incomplete"})
THOUGHT = ("<think>", "</think>")
"""How models think in the text of a reply, where their server does not part it from the answer."""
_THOUGHT_ENDS = re.compile(
    rf"^[^\S\n]*{THOUGHT[1]}[^\S\n]*(?P<line_end>\n|\Z)|(?<=[\w.!?。！？]){THOUGHT[1]}",
    re.MULTILINE,
)
"""An end tag as models write it, on a line of its own or right behind the thought: no mention."""


@dataclass
class Habits:
    """What replies of a model have shown of those that follow."""

    unopened: bool = False
    """Whether it ends thoughts that it never began, as their first tag stands in its prompt."""

    def note(self, written: str, *, whole: bool = False, goes_on: bool = False) -> None:
        """Learn from a reply, as far as it has come; a whole one without the tag unlearns it.

        The last line of one that goes on may get more words.
        """
        opening, closing = THOUGHT
        if closing not in written:  # which is found much sooner than where a thought ends
            self.unopened &= not (whole and written.strip())
        elif ended := _THOUGHT_ENDS.search(written):
            told = not goes_on or ended["line_end"] != ""
            self.unopened |= told and opening not in written[: ended.start()]


@dataclass
class Reply:
    """What has come of a reply."""

    habits: Habits = field(default_factory=Habits)
    """Of its model."""
    text: str = ""
    """Without what was thought before it."""
    usage: UsageMetadata | None = None
    ending: str = ""
    """Why it ended, as the server says, or that a piece was the last; empty while neither came."""
    told: dict[str, Any] = field(default_factory=dict)
    """What came with it."""
    written: str = ""
    """All text, with what was thought."""
    begun: bool = False
    """Whether the answer has begun."""

    @classmethod
    def of(cls, result: ChatResult, habits: Habits) -> Reply:
        """Read a reply that came whole."""
        reply = cls(habits)
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
        self.written += piece
        if self.begun:
            return piece
        self.habits.note(self.written, goes_on=True)
        shown = "" if self._may_think else self._shown()
        self.begun = bool(shown)
        return shown

    @property
    def _may_think(self) -> bool:
        """Whether all that came may be a thought that goes on."""
        opening, closing = THOUGHT
        begins = self.written.lstrip()
        if closing.startswith(begins.rstrip()) and "\n" not in begins:
            return True  # the tag on a line of its own, or of a sentence about it
        opened = begins.startswith(opening) or opening.startswith(begins)
        return closing not in self.written and (opened or self.habits.unopened)

    def _shown(self) -> str:
        """Return what is no thought."""
        thought = Thought(*THOUGHT, certain=self.habits.unopened)
        start, stop = outside(self.written, [thought])
        return self.written[start:stop].lstrip()

    def rest(self) -> str:
        """Let out what was held back and turned out to be no thought, at the end of a reply."""
        self.habits.note(self.written, whole=bool(self.ending) and not self.cut)
        unended = self._may_think and self.habits.unopened and self.cut
        rest = "" if self.begun or unended else self._shown()
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
