"""The board of a comparison: how each arm does while the others are still asked."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from rich.console import Group, RenderableType
from rich.live import Live
from rich.table import Table

from app.answers import Answer
from app.compare.judge.scores import is_right
from app.compare.judge.stopping import Stopped
from app.compare.run.progress import Steps
from app.dataset.pairs import Pair
from finetune.evaluation.bootstrap import Estimate, mean

Ended = Literal["", "done", "cut off"]
EVERY_S = 1.0  # between two states that are shown, for taken up answers come by the thousand


@dataclass
class Standing:
    """What one arm did with the questions that rank the arms."""

    arm: str
    of: int
    """Questions that it is to be asked."""
    right: dict[str, float] = field(default_factory=dict)
    """Whether it was right (1 or 0), by question id."""
    stopped: str = ""
    """Why it is asked no more, in a sentence."""

    def count(self, question: str, right: float) -> None:
        """Count the answer to a question, once however often it comes."""
        self.right[question] = right
        self.__dict__.pop("share", None)  # an estimate of fewer answers

    @cached_property  # its interval takes milliseconds, and each state that is shown reads it often
    def share(self) -> Estimate | None:
        """Share that was right until now; None before the first answer."""
        return mean(list(self.right.values())) if self.right else None

    @property
    def told(self) -> str:
        """The share in words."""
        share = self.share
        return f"{share.value:.0%} ({share.low:.0%} to {share.high:.0%})" if share else "\u2013"


@dataclass
class Board:
    """Steps and standings of a comparison in progress.

    `publish` is given the board when a step begins or an arm is stopped, and at most once a second
    while answers come.
    """

    steps: Steps
    publish: Callable[[Board], None]
    standings: dict[str, Standing] = field(default_factory=dict)
    ended: Ended = ""
    """How it ended; empty while it goes on."""
    _shown: float = 0

    def begin(self, arms: Collection[str], questions: int) -> None:
        """Set up the arms that are ranked by so many questions, each from the start."""
        self.standings = {arm: Standing(arm, questions) for arm in arms}

    def next(self) -> None:
        """Begin the next step."""
        self.steps.next()
        self._publish()

    def stop(self, stopped: Sequence[Stopped]) -> None:
        """Ask these arms no more, and say why."""
        self.steps.leave_out({each.arm for each in stopped})
        for each in stopped:
            self.standings[each.arm].stopped = each.sentence(void=False)
        self._publish()

    def hear(self, arm: str, pair: Pair, answer: Answer) -> None:
        """Count an answer to a question that ranks the arms."""
        self.standings[arm].count(pair.id, is_right(answer, pair))
        if self.steps.clock() - self._shown >= EVERY_S:
            self._publish()

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Say in the end how it ended, also where it was cut off."""
        try:
            yield
        except BaseException:
            self.ended = "cut off"
            raise
        else:
            self.ended = "done"
        finally:
            self._publish()

    @contextmanager
    def live(self) -> Iterator[None]:
        """Show the board at the foot of a terminal, until what is asked now is answered."""
        with Live(
            console=self.steps.console,
            get_renderable=self._drawn,
            refresh_per_second=2,
            transient=True,
        ):
            yield

    def tell(self, arm: str) -> None:
        """Print how an arm stands."""
        standing = self.standings[arm]
        line = f"{arm}: right {standing.told} of {len(standing.right)} questions"
        self.steps.console.print(line, markup=False)

    def _publish(self) -> None:
        self._shown = self.steps.clock()
        self.publish(self)

    def _drawn(self) -> RenderableType:
        table = Table("arm", "answered", "right until now", box=None)
        for standing in self.standings.values():
            table.add_row(
                standing.arm,
                f"{len(standing.right)} of {standing.of}",
                standing.stopped or standing.told,
            )
        return Group(table, self.steps.left())
