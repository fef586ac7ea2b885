"""Say which arm to run, from measured rows and from what only the user can know."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.compare.judge.comparison import Comparison
from app.compare.judge.evidence import Row
from app.compare.judge.exclusions import Exclusion, exclusions
from app.compare.judge.significance import Difference
from app.compare.plan.arms import Arm, Role
from app.compare.plan.needs import Needs


@dataclass(frozen=True)
class Verdict:
    """The arm to run and how sure that is."""

    arm: str | None
    """The arm that was right most often of those not ruled out; of equal ones the quickest."""
    role: Role | None
    """What that arm does."""
    behind: tuple[Difference, ...]
    """Differences to arms that are worse, beyond chance."""
    level: tuple[Difference, ...]
    """Differences to arms that chance alone may have put behind."""
    excluded: tuple[Exclusion, ...]
    """Those of one arm beside each other."""
    given_up: tuple[str, ...]
    """Excluded arms that were right more often than any that is left: what the needs cost."""
    told_by: tuple[str, ...] = ()
    """Rows of what its parts tell of changed facts, where it was not asked about them itself."""

    @property
    def settled(self) -> bool:
        """Whether an arm is named and no other may be as good."""
        return self.arm is not None and not self.level

    def sentences(self) -> list[str]:
        """Tell the verdict in words, a sentence for each thing that was found."""
        by_arm = itertools.groupby(self.excluded, key=lambda exclusion: exclusion.arm)
        ruled_out = [self._ruled_out(arm, list(each)) for arm, each in by_arm]
        return [self._lead(), *map(self._open, self.level), *ruled_out]

    def _lead(self) -> str:
        if self.arm is None:
            return (
                "No arm meets what is needed and was right even once: give up one of the needs, "
                "add documents, or train on more."
            )
        among = "of those that meet what is needed, " if self.given_up else ""
        recommended = f"Run `{self.arm}`: {among}it was right most often [right.{self.arm}]"
        names = ", ".join(f"`{_other(self.arm, difference)}`" for difference in self.behind)
        better = f", and better than {names} beyond chance" if names else ""
        return f"{recommended}{better}.{self._unmeasured()}"

    def _unmeasured(self) -> str:
        if not self.told_by:
            return ""
        rows = ", ".join(f"[{row}]" for row in self.told_by)
        return f" What it tells of changed facts was not measured, only what its parts tell {rows}."

    def _open(self, difference: Difference) -> str:
        equal = f"No difference is shown between it and `{_other(self.arm, difference)}`"
        if difference.more is None:
            return f"{equal}: they were right equally often."
        return f"{equal}: about {difference.more} more questions would settle it."

    def _ruled_out(self, arm: str, excluded: Sequence[Exclusion]) -> str:
        reasons = (
            exclusion.reason + (f" [{exclusion.row}]" if exclusion.row else "")
            for exclusion in excluded
        )
        though = f", though it was right more often [right.{arm}]" if arm in self.given_up else ""
        return f"`{arm}` is ruled out{though}: {'; '.join(reasons)}."


def judge(comparison: Comparison, rows: Mapping[str, Row], needs: Needs) -> Verdict:
    """Rank the arms that can be run; raises ValueError when there are none."""
    runnable = [arm for arm in comparison.arms if arm.runnable]
    if not runnable:
        raise ValueError("there is no arm that can be run")
    reasons = {arm.name: exclusions(arm, rows, needs) for arm in runnable}
    excluded = tuple(reason for each in reasons.values() for reason in each)
    right = {arm: sum(comparison.right[arm].values()) for arm in reasons}
    meeting = [arm for arm in reasons if not reasons[arm]]
    most = max((right[arm] for arm in meeting), default=0)
    given_up = tuple(arm for arm in reasons if reasons[arm] and right[arm] > most)
    if not most:
        return Verdict(None, None, (), (), excluded, given_up)
    best = min(meeting, key=lambda arm: (-right[arm], comparison.cost(arm).p50_ms))
    of_best = [d for d in comparison.differences if best in (d.left, d.right)]
    of_best = [d for d in of_best if _other(best, d) in meeting]
    shown, open_ = (tuple(d for d in of_best if d.shown is is_shown) for is_shown in (True, False))
    arm = next(arm for arm in runnable if arm.name == best)
    told_by = _told_by(arm, rows) if needs.changes != "never" else ()
    return Verdict(best, arm.role, shown, open_, excluded, given_up, told_by)


def _told_by(arm: Arm, rows: Mapping[str, Row]) -> tuple[str, ...]:
    if f"stale.{arm.name}" in rows:
        return ()
    return tuple(row for part in arm.parts if (row := f"stale.{part}") in rows)


def _other(arm: str | None, difference: Difference) -> str:
    return difference.right if difference.left == arm else difference.left
