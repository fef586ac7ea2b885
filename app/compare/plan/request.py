"""What a comparison was asked to do, and how much of everything it measures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from app.compare.plan.arms import Arm
from app.compare.plan.metrics import Metric
from app.compare.plan.needs import Needs
from app.compare.plan.prices import Prices


@dataclass(frozen=True)
class Extent:
    """How much of everything is measured."""

    questions: int | None
    """At most, spread over all; None asks all."""
    harder: int
    """Of each kind that is made harder."""
    changed: int
    """About facts that changed."""
    timed: int
    """Of each arm, asked one at a time to see what a user waits."""
    alone: int
    """That each arm answers in a process of its own."""
    replies: int
    """On which forgetting is measured."""
    lessons: int
    """Rows of the closed-book training, at most: what documents hold beyond is not learned in
    minutes."""
    knobs: bool
    """Whether the knobs of retrieval are turned."""


FULL = Extent(
    questions=None, harder=10, changed=60, timed=8, alone=2, replies=40, lessons=600, knobs=True
)
BRIEF = Extent(
    questions=24, harder=2, changed=4, timed=3, alone=1, replies=8, lessons=32, knobs=False
)


@dataclass(frozen=True, kw_only=True)
class Request:
    """What a run was asked to do; see the command's flags."""

    paths: tuple[Path, ...]
    questions: Path
    revised: Path | None
    arms: Sequence[Arm]
    needs: Needs
    prices: Prices | None
    judge: str
    output: Path
    extent: Extent
    together: int
    stop_early: bool
    """Whether arms that are shown to be worse after half of the questions are asked no more."""
    repeats: int
    """Seeds of split and training, each of which ranks the arms by itself."""
    command: str
    metrics: Mapping[str, Metric] = field(default_factory=dict)
    """Scores of packages, by name."""

    @property
    def runnable(self) -> list[Arm]:
        """The arms that need no oracle."""
        return [arm for arm in self.arms if arm.runnable]

    @property
    def asked(self) -> list[Arm]:
        """The runnable arms that are asked; one with parts is put together from two of them."""
        return [arm for arm in self.runnable if not arm.parts]

    @property
    def answers(self) -> Path:
        """Where answers and measurements are kept for the next run."""
        return self.output / "answers"

    @property
    def sweeps(self) -> bool:
        """Whether the knobs are turned, which needs documents to cut in other ways."""
        return self.extent.knobs and bool(self.paths)
