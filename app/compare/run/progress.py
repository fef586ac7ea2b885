"""Say which step of a comparison runs, of how many, and how long the rest will take."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field

from rich.console import Console

from app.compare.plan.steps import Step

TAKEN_UP = 0.1  # of what a step should take: one that was faster was mostly done before


@dataclass
class Steps:
    """Announces the planned steps in their order; what they take corrects the time left."""

    console: Console
    planned: Sequence[Step]
    clock: Callable[[], float] = time.monotonic
    _at: int = -1
    _began: float = 0
    _measured: list[tuple[Step, float]] = field(default_factory=list)
    """Steps, and the seconds that each took."""

    def next(self) -> None:
        """End the step that runs, and announce the next."""
        if self._at >= 0:
            self._end(self.planned[self._at])
        self._at += 1
        self._began = self.clock()
        number = f"[{self._at + 1}/{len(self.planned)}]"
        self.console.print(f"{number} {self.planned[self._at].name}; {self.left()}", markup=False)

    def leave_out(self, arms: Collection[str]) -> None:
        """Take the steps that would ask these arms from what is still to come."""
        done, ahead = self.planned[: self._at + 1], self.planned[self._at + 1 :]
        self.planned = [*done, *(step for step in ahead if step.arm not in arms)]

    def seconds_left(self) -> float:
        """Return what is left of this step and those after it will take, at the pace until now."""
        now, *ahead = [step.seconds * self._pace(step) for step in self.planned[self._at :]]
        return max(0.0, now - (self.clock() - self._began)) + sum(ahead)

    def _pace(self, step: Step) -> float:
        """Return how many times longer than planned such steps took.

        How long training takes, of lessons that nobody has counted before, does not tell how fast
        questions are answered.
        """
        like = [(done, took) for done, took in self._measured if bool(done.arm) == bool(step.arm)]
        return sum(took for _, took in like) / sum(done.seconds for done, _ in like) if like else 1

    def left(self) -> str:
        """Say how long the rest will take."""
        seconds = self.seconds_left()
        return f"about {seconds / 60:.0f} min left" if seconds >= 90 else "about a minute left"

    @property
    def done(self) -> int:
        """Steps that are behind."""
        return max(0, self._at)

    def _end(self, step: Step) -> None:
        took = self.clock() - self._began
        if took > TAKEN_UP * step.seconds:
            self._measured.append((step, took))
