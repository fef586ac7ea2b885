"""Say which arm to run, from what was measured; knows figures only."""

from __future__ import annotations

from dataclasses import dataclass

from app.compare.comparison import Comparison
from app.compare.statistics import Difference


@dataclass(frozen=True)
class Verdict:
    """The arm to run and how sure that is."""

    arm: str
    """The arm that was right most often; of equal ones the quickest."""
    behind: tuple[Difference, ...]
    """Arms that are worse, beyond chance."""
    level: tuple[Difference, ...]
    """Arms that chance alone may have put behind."""

    @property
    def settled(self) -> bool:
        """Whether no other arm may be as good."""
        return not self.level

    def sentences(self) -> list[str]:
        """Tell the verdict in words, a sentence for each thing that was found."""
        lead = [f"Run `{self.arm}`: it was right most often."]
        if self.behind:
            names = ", ".join(f"`{_other(self.arm, found)}`" for found in self.behind)
            lead.append(f"It is better than {names}, beyond chance.")
        return lead + [self._open(found) for found in self.level]

    def _open(self, found: Difference) -> str:
        said = f"No difference is shown between it and `{_other(self.arm, found)}`"
        if found.more is None:
            return f"{said}: they were right equally often."
        return f"{said}: about {found.more} more questions would settle it."


def judge(comparison: Comparison) -> Verdict:
    """Rank the arms that can be run; raises ValueError when there are none."""
    names = comparison.candidates
    if not names:
        raise ValueError("there is no arm that can be run")
    shares = {arm: sum(comparison.right[arm].values()) for arm in names}
    best = min(names, key=lambda arm: (-shares[arm], comparison.cost(arm).p50_ms))
    found = [d for d in comparison.differences if best in (d.left, d.right)]
    return Verdict(
        best,
        tuple(d for d in found if d.shown),
        tuple(d for d in found if not d.shown),
    )


def _other(arm: str, found: Difference) -> str:
    return found.right if found.left == arm else found.left
