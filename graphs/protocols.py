"""What the graph asks of collaborators for which LangChain has no interface."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class Grader(Protocol):
    """Judges passages for a question."""

    def grade(self, question: str, passages: Sequence[str]) -> list[float]:
        """Return for each passage the probability that it helps to answer the question."""

    async def agrade(self, question: str, passages: Sequence[str]) -> list[float]:
        """Do the same in async code; cancelling the task stops the work."""


class Gate(Protocol):
    """Decides whether documents are needed at all."""

    def is_small_talk(self, question: str) -> bool:
        """Return True only for talk that no document could answer better."""

    def needs_documents(self, question: str) -> bool:
        """Return False where the model's weights are to answer; not asked about small talk."""
