"""Let another model answer while the one elsewhere does not."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

from langchain_core.language_models import BaseChatModel

from app.errors import ModelUnavailable
from graphs.protocols import Grader

RESTS = 30.0  # seconds for which a model that failed is not asked again

Part = TypeVar("Part")

log = logging.getLogger(__name__)


class Fallback:
    """The other model, and whether it is its turn."""

    def __init__(self, load: Callable[[], BaseChatModel]) -> None:
        self.load = load
        """Returns the other model; loads it when it is first needed."""
        self._loader = ThreadPoolExecutor(1, "fallback")
        self._until = 0.0

    async def beside(self, load: Callable[[], Part]) -> Part:
        """Return a part of the other model beside the event loop, which weights would hold up.

        All who wait share one thread of its own: those of the loop are for what others ask.
        """
        return await asyncio.get_running_loop().run_in_executor(self._loader, load)

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
        other = await self.fallback.beside(self.other)
        return await other.agrade(question, passages)
