"""Tell what changed between two finished comparisons, and whether an arm got worse."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from app.compare.judge.finished import FinishedRun
from app.compare.judge.significance import Difference, differences
from app.compare.plan.power import smallest_gap
from app.errors import UserError


@dataclass(frozen=True)
class Change:
    """What became of one arm."""

    arm: str
    before: float
    """Share of the questions that it answered rightly in the first run."""
    after: float
    difference: Difference
    """Of the second run over the first, on the same questions."""
    lost: tuple[str, ...]
    """Ids of the questions that it answers rightly no more."""
    gained: tuple[str, ...]

    @property
    def worse(self) -> bool:
        """Whether it answers fewer questions rightly, beyond chance."""
        return self.difference.shown and self.difference.estimate.value < 0

    def sentence(self) -> str:
        """Say it in words."""
        gap = self.difference.estimate
        conclusion = "no change beyond chance"
        if self.difference.shown:
            conclusion = "worse beyond chance" if self.worse else "better beyond chance"
        return (
            f"{self.arm}: {self.before:.0%} right before, {self.after:.0%} now: "
            f"{100 * gap.value:+.1f} points [{100 * gap.low:+.1f}, {100 * gap.high:+.1f}], "
            f"p = {self.difference.adjusted:.3g}: {conclusion}"
        )


@dataclass(frozen=True)
class Changes:
    """What changed from one run to the next."""

    arms: tuple[Change, ...]
    questions: int
    """That both runs asked."""
    unpaired: int
    """Questions that one run alone asked, or whose accepted answers changed: they do not count."""
    made: tuple[str, ...]
    """What of the making differs, such as the prompts."""

    @property
    def worse(self) -> list[str]:
        """The arms that got worse beyond chance."""
        return [change.arm for change in self.arms if change.worse]

    def sentences(self) -> list[str]:
        """Tell it in words, a line for each thing."""
        others = f"; {self.unpaired} others were asked in one of them alone"
        left_out = others if self.unpaired > 0 else ""
        gap = smallest_gap(self.questions, pairs=len(self.arms))
        seen = f"a fall of {100 * gap:.0f} points" if gap else "no fall, however large,"
        return [
            f"{self.questions} questions were asked in both runs{left_out}.",
            f"Made with other {', '.join(self.made)}." if self.made else "Made of the same.",
            *[line for change in self.arms for line in _lines(change)],
            f"So many questions show {seen} in 8 of 10 runs.",
        ]

    def to_json(self) -> dict[str, Any]:
        """Return the figures by name."""
        arms = [{**asdict(c), "difference": c.difference.to_json()} for c in self.arms]
        return {**asdict(self), "arms": arms, "worse": self.worse}


def changes(before: FinishedRun, after: FinishedRun, arms: Sequence[str]) -> Changes:
    """Compare arms of two runs on the questions that both asked.

    Raises UserError for an arm that one of them did not ask, and where no question is the same.
    """
    for name in arms:
        for run, which in ((before, "first"), (after, "second")):
            if name not in run.arms:
                known = ", ".join(run.arms)
                raise UserError(f"the {which} run did not ask {name!r}: choose from {known}")
    ids = {question.key: question.id for question in before.questions}
    keys = [question.key for question in after.questions if question.key in ids]
    if not keys:
        raise UserError("no question was asked in both runs: compare on the same question file")
    then, now = (_right(run, arms, keys) for run in (before, after))
    sides = {f"{arm}, before": scores for arm, scores in then.items()}
    sides |= {f"{arm}, now": scores for arm, scores in now.items()}
    tested = differences(sides, [(f"{arm}, now", f"{arm}, before") for arm in arms])
    changed = [
        _change(arm, then[arm], now[arm], difference, ids)
        for arm, difference in zip(arms, tested, strict=True)
    ]
    unpaired = len({q.key for q in (*before.questions, *after.questions)}) - len(keys)
    return Changes(tuple(changed), len(keys), unpaired, tuple(_made(before, after)))


Right = Mapping[str, float]


def _right(run: FinishedRun, arms: Sequence[str], keys: Sequence[str]) -> dict[str, Right]:
    return {arm: {key: scores[key] for key in keys} for arm in arms for scores in [run.right(arm)]}


def _change(
    arm: str, then: Right, now: Right, difference: Difference, ids: Mapping[str, str]
) -> Change:
    return Change(
        arm,
        before=sum(then.values()) / len(then),
        after=sum(now.values()) / len(now),
        difference=difference,
        lost=tuple(ids[key] for key in now if now[key] < then[key]),
        gained=tuple(ids[key] for key in now if now[key] > then[key]),
    )


def _lines(change: Change) -> list[str]:
    lists = {"no more right": change.lost, "right now": change.gained}
    return [
        change.sentence(),
        *[f"  {what}: {', '.join(ids)}" for what, ids in lists.items() if ids],
    ]


def _made(before: FinishedRun, after: FinishedRun) -> list[str]:
    """Name what of the making differs; a command changes nothing, nor what was taken up."""
    former, latter = before.provenance, after.provenance
    parts = [part for part in latter if part not in ("command", "reused", "made")]
    made, later = former.get("made", {}), latter.get("made", {})
    return [
        *[part for part in parts if former.get(part) != latter[part]],
        *[part for part in later if made.get(part) != later[part]],
    ]
