"""Confidence intervals of means by resampling rows: seeded, percentile method."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np

SAMPLES = 2_000
SEED = 13


@dataclass(frozen=True)
class Estimate:
    """A mean over rows with its 95 % interval."""

    value: float
    low: float
    high: float
    n: int

    def __str__(self) -> str:
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]"

    def to_json(self) -> dict[str, float]:
        """Return the figures by name, rounded to four digits."""
        return {name: round(value, 4) for name, value in asdict(self).items()}


def mean(values: Sequence[float]) -> Estimate:
    """Estimate a mean; raises ValueError for no values."""
    if not values:
        raise ValueError("there are no values: the mean of nothing is not defined")
    rows = np.asarray(values, dtype=float)
    drawn = np.random.default_rng(SEED).integers(len(rows), size=(SAMPLES, len(rows)))
    low, high = np.percentile(rows[drawn].mean(axis=1), [2.5, 97.5])
    return Estimate(float(rows.mean()), float(low), float(high), len(rows))


def paired_difference(left: Sequence[float], right: Sequence[float]) -> Estimate:
    """Estimate how much the left values exceed the right ones of the same rows."""
    return mean([a - b for a, b in zip(left, right, strict=True)])
