"""Find the arms that need not be asked the rest of the questions: others are shown to be better."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from app.compare.judge.comparison import Comparison
from app.compare.judge.evidence import evidence
from app.compare.judge.exclusions import exclusions
from app.compare.plan.needs import Needs


@dataclass(frozen=True)
class Stopped:
    """An arm that was asked some of the questions only."""

    arm: str
    asked: int
    """Questions until then."""
    right: float
    """Share of those that it answered rightly."""
    leader: str
    """The arm that was right most often then, of those that are shown to be better."""
    leader_right: float
    p: float
    """Of the difference, corrected for the number of pairs of arms."""

    def sentence(self, *, void: bool) -> str:
        """Say why it was stopped; `void` where the leader is ruled out in the end."""
        again = f" As `{self.leader}` is ruled out, run again without --stop-early." if void else ""
        return (
            f"`{self.arm}` was stopped after {self.asked} questions: it was right on "
            f"{self.right:.0%}, `{self.leader}` on {self.leader_right:.0%}, a difference beyond "
            f"chance (p = {self.p:.2g}).{again}"
        )


def behind(comparison: Comparison, needs: Needs, needed: Collection[str] = ()) -> list[Stopped]:
    """Return the arms that some other one, which needs do not rule out, is shown to beat.

    All pairs are corrected for together, so that in 95 of 100 comparisons no arm is stopped that is
    as good as the others. `needed` are never stopped, nor are upper bounds.
    """
    rows = evidence(comparison, {})
    ruled_out = {arm.name for arm in comparison.arms if exclusions(arm, rows, needs)}
    beaten = dict[str, Stopped]()
    for lead in comparison.differences:
        if lead.shown and lead.left not in ruled_out and lead.right not in needed:
            shares = [
                sum(comparison.right[arm].values()) / len(comparison.pairs)
                for arm in (lead.right, lead.left)
            ]
            stopped = Stopped(
                lead.right, len(comparison.pairs), shares[0], lead.left, shares[1], lead.adjusted
            )
            beaten.setdefault(lead.right, stopped)
    return list(beaten.values())
