"""Let another model answer while the one elsewhere does not."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from langchain_core.language_models import BaseChatModel

from app.errors import ModelUnavailable
from graphs.protocols import Grader

RESTS = 30.0  # seconds for which a model that failed is not asked again

log = logging.getLogger(__name__)


class Fallback:
    """The other model, and whether it is its turn."""

    def __init__(self, load: Callable[[], BaseChatModel]) -> None:
        self.load = load
        """Returns the other model; loads it when it is first needed."""
        self._until = 0.0

    @property
    def due(self) -> bool:
        """Whether the first model failed a moment ago."""
        return time.monotonic() < self._until

    def note(self, error: ModelUnavailable) -> None:
        """Note that the first model failed."""
        log.warning("another model answers for %g s: %s", RESTS, error)
        self._until = time.monotonic() + RESTS


@dataclass(frozen=True)
class FallbackGrader:
    """Grades by the first model, or by the other one while the first does not answer."""

    first: Grader
    other: Callable[[], Grader]
    fallback: Fallback

    def grade(self, question: str, passages: Sequence[str]) -> list[float]:
        """Return for each passage the probability that it helps to answer the question."""
        if not self.fallback.due:
            try:
                return self.first.grade(question, passages)
            except ModelUnavailable as error:
                self.fallback.note(error)
        return self.other().grade(question, passages)

    async def agrade(self, question: str, passages: Sequence[str]) -> list[float]:
        """Do the same in async code; cancelling the task stops the work."""
        if not self.fallback.due:
            try:
                return await self.first.agrade(question, passages)
            except ModelUnavailable as error:
                self.fallback.note(error)
        other = await asyncio.to_thread(self.other)  # which may have to load it
        return await other.agrade(question, passages)
