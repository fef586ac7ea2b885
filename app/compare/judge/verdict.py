"""Say which arm to run, from measured rows and from what only the user can know."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.compare.judge.comparison import Comparison
from app.compare.judge.evidence import Row
from app.compare.judge.exclusions import Exclusion, exclusions
from app.compare.judge.significance import Difference
from app.compare.plan.arms import Role
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

    @property
    def settled(self) -> bool:
        """Whether an arm is named and no other may be as good."""
        return self.arm is not None and not self.level

    def sentences(self) -> list[str]:
        """Tell the verdict in words, a sentence for each thing that was found."""
        by_arm = itertools.groupby(self.excluded, key=lambda found: found.arm)
        ruled_out = [self._ruled_out(arm, list(found)) for arm, found in by_arm]
        return [self._lead(), *map(self._open, self.level), *ruled_out]

    def _lead(self) -> str:
        if self.arm is None:
            return (
                "No arm meets what is needed and was right even once: give up one of the needs, "
                "add documents, or train on more."
            )
        said = f"Run `{self.arm}`: it was right most often [right.{self.arm}]"
        if not self.behind:
            return f"{said}."
        names = ", ".join(f"`{_other(self.arm, found)}`" for found in self.behind)
        return f"{said}, and better than {names} beyond chance."

    def _open(self, found: Difference) -> str:
        said = f"No difference is shown between it and `{_other(self.arm, found)}`"
        if found.more is None:
            return f"{said}: they were right equally often."
        return f"{said}: about {found.more} more questions would settle it."

    def _ruled_out(self, arm: str, found: Sequence[Exclusion]) -> str:
        reasons = (one.reason + (f" [{one.row}]" if one.row else "") for one in found)
        though = f", though it was right more often [right.{arm}]" if arm in self.given_up else ""
        return f"`{arm}` is ruled out{though}: {'; '.join(reasons)}."


def judge(comparison: Comparison, rows: Mapping[str, Row], needs: Needs) -> Verdict:
    """Rank the arms that can be run; raises ValueError when there are none."""
    runnable = [arm for arm in comparison.arms if arm.runnable]
    if not runnable:
        raise ValueError("there is no arm that can be run")
    reasons = {arm.name: exclusions(arm, rows, needs) for arm in runnable}
    excluded = tuple(reason for found in reasons.values() for reason in found)
    right = {arm: sum(comparison.right[arm].values()) for arm in reasons}
    left = [arm for arm in reasons if not reasons[arm]]
    most = max((right[arm] for arm in left), default=0)
    given_up = tuple(arm for arm in reasons if reasons[arm] and right[arm] > most)
    if not most:
        return Verdict(None, None, (), (), excluded, given_up)
    best = min(left, key=lambda arm: (-right[arm], comparison.cost(arm).p50_ms))
    found = [d for d in comparison.differences if best in (d.left, d.right)]
    found = [d for d in found if _other(best, d) in left]
    shown, open_ = (tuple(d for d in found if d.shown is is_shown) for is_shown in (True, False))
    role = next(arm.role for arm in runnable if arm.name == best)
    return Verdict(best, role, shown, open_, excluded, given_up)


def _other(arm: str | None, found: Difference) -> str:
    return found.right if found.left == arm else found.left
