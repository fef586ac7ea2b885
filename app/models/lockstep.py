"""Let callers that ask at the same time share batches whose make-up no clock decides.

What a row of a batch computes depends, in its last digits, on the rows beside it. Here a round of
the model begins when every member of a cohort waits for it, so the same questions make the same
batches every time.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

Request = TypeVar("Request")


@dataclass(frozen=True)
class Round(Generic[Request]):
    """What all members of a cohort wait for, in the members' order."""

    requests: list[Request]


@dataclass
class Cohort(Generic[Request]):
    """Members that wait for each other before each round."""

    size: int
    begin: Callable[[Round[Request]], None]
    _waiting: dict[int, Request] = field(default_factory=dict)
    _left: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def member(self, number: int) -> Iterator[None]:
        """Take part as this member; what is asked inside waits for the others' requests."""
        token = MEMBER.set((self, number))
        try:
            yield
        finally:
            MEMBER.reset(token)
            with self._lock:
                self._left += 1
                self._begin_if_all_wait()

    def arrive(self, number: int, request: Request) -> None:
        """Hand in a member's request."""
        with self._lock:
            self._waiting[number] = request
            self._begin_if_all_wait()

    def _begin_if_all_wait(self) -> None:
        if self._waiting and len(self._waiting) == self.size - self._left:
            requests = [self._waiting[number] for number in sorted(self._waiting)]
            self._waiting.clear()
            self.begin(Round(requests))


MEMBER: ContextVar[tuple[Cohort[Any], int] | None] = ContextVar("member", default=None)
"""Whose thread this is, where a cohort is asked."""
