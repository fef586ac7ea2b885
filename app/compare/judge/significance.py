"""Tell differences between arms from chance: paired, on the same questions, corrected for many."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from scipy.stats import binomtest, norm

from app.compare.plan.power import LEVEL, POWER
from finetune.evaluation.bootstrap import Estimate, mean


@dataclass(frozen=True)
class Difference:
    """How much more of the same questions one arm gets right than another."""

    left: str
    right: str
    estimate: Estimate
    """Left less right, with its paired bootstrap interval."""
    only_left: int
    """Questions that the left arm alone got right."""
    only_right: int
    p: float
    """McNemar's exact test, before correction."""
    adjusted: float
    """The same, corrected for the number of differences looked at (Holm)."""
    effect: float
    """Cohen's h: 0.2 is small, 0.5 medium, 0.8 large."""
    more: int | None
    """Questions to add until such a difference shows; 0 where it does, None where none is seen."""

    @property
    def shown(self) -> bool:
        """Whether the difference is more than chance would explain."""
        return self.adjusted < LEVEL

    def to_json(self) -> dict[str, Any]:
        """Return the figures by name."""
        return {**asdict(self), "estimate": self.estimate.to_json(), "shown": self.shown}


def differences(
    right: Mapping[str, Mapping[str, float]], pairs: Sequence[tuple[str, str]]
) -> list[Difference]:
    """Compare pairs of arms, given what each arm scored (0 or 1) by question id.

    Raises ValueError when two arms were not asked the same questions.
    """
    tested = [_paired(right[a], right[b]) for a, b in pairs]
    raw = [mcnemar(wins, losses) for _, wins, losses in tested]
    level = LEVEL / max(1, len(pairs))  # what the strictest step of the correction leaves
    return [
        _difference(pair, right, paired, p, adjusted, level)
        for pair, paired, p, adjusted in zip(pairs, tested, raw, holm(raw), strict=True)
    ]


def mcnemar(only_left: int, only_right: int) -> float:
    """Return the exact two-sided p-value of McNemar's test from the questions that differ."""
    differing = only_left + only_right
    return float(binomtest(only_left, differing, 0.5).pvalue) if differing else 1.0


def holm(p_values: Sequence[float]) -> list[float]:
    """Adjust p-values for their number, stepping down; Holm, Scand. J. Statist. 6 (1979).

    In the order given. Equal to statsmodels' `multipletests`, which collects garbage at each call:
    a second where models are loaded.
    """
    order = sorted(range(len(p_values)), key=lambda at: p_values[at])
    adjusted = [0.0] * len(p_values)
    highest = 0.0
    for rank, at in enumerate(order):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p_values[at]))
        adjusted[at] = highest
    return adjusted


def cohens_h(left: float, right: float) -> float:
    """Return the effect size of two shares: the difference of their arcsine transforms."""
    return 2 * math.asin(math.sqrt(left)) - 2 * math.asin(math.sqrt(right))


def questions_needed(
    only_left: int, only_right: int, asked: int, *, level: float = LEVEL
) -> int | None:
    """Return how many questions would show the difference that was seen.

    Sample size of McNemar's test by Connor, Biometrics 43 (1987); None where no difference is seen.
    """
    difference = abs(only_left - only_right) / asked
    if not difference:
        return None
    differing = (only_left + only_right) / asked
    significant, powerful = float(norm.ppf(1 - level / 2)), float(norm.ppf(POWER))
    spread = math.sqrt(max(0.0, differing - difference**2))
    needed = ((significant * math.sqrt(differing) + powerful * spread) / difference) ** 2
    return math.ceil(needed)


def _paired(left: Mapping[str, float], right: Mapping[str, float]) -> tuple[list[float], int, int]:
    if left.keys() != right.keys() or not left:
        raise ValueError("two arms can be compared on the same questions only, at least one")
    gaps = [left[question] - right[question] for question in sorted(left)]
    return gaps, sum(gap > 0 for gap in gaps), sum(gap < 0 for gap in gaps)


def _difference(
    pair: tuple[str, str],
    right: Mapping[str, Mapping[str, float]],
    paired: tuple[list[float], int, int],
    p: float,
    adjusted: float,
    level: float,
) -> Difference:
    gaps, wins, losses = paired
    shares = [sum(right[arm].values()) / len(gaps) for arm in pair]
    needed = questions_needed(wins, losses, len(gaps), level=level)
    shown = adjusted < LEVEL
    more = 0 if shown else None if needed is None else max(1, needed - len(gaps))
    return Difference(
        *pair, mean(gaps), wins, losses, p, adjusted, cohens_h(shares[0], shares[1]), more
    )
