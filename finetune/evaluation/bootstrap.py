"""Confidence intervals of means and of AUC by resampling rows: seeded, percentile method."""

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
    return mean_of_means([values])


def mean_of_means(groups: Sequence[Sequence[float]]) -> Estimate:
    """Estimate the mean of groups' means; rows are resampled within their group.

    Raises ValueError for no group, and for an empty one.
    """
    if not groups or not all(groups):
        raise ValueError("there are no values: the mean of nothing is not defined")
    random = np.random.default_rng(SEED)
    arrays = [np.asarray(group, dtype=float) for group in groups]
    drawn = [
        rows[random.integers(len(rows), size=(SAMPLES, len(rows)))].mean(axis=1) for rows in arrays
    ]
    low, high = np.percentile(np.mean(drawn, axis=0), [2.5, 97.5])
    value = np.mean([rows.mean() for rows in arrays])
    return Estimate(float(value), float(low), float(high), sum(map(len, groups)))


def auc(positive: Sequence[float], negative: Sequence[float]) -> Estimate:
    """Estimate how often a positive row's value is above a negative row's; ties count half.

    Both groups are resampled on their own. Raises ValueError when one of them is empty.
    """
    if not positive or not negative:
        raise ValueError("there is one group of values only: nothing can be told apart")
    above = np.subtract.outer(np.asarray(positive, dtype=float), np.asarray(negative, dtype=float))
    wins = (np.sign(above) + 1) / 2
    ones, zeros = wins.shape
    random = np.random.default_rng(SEED)
    rows = random.multinomial(ones, np.full(ones, 1 / ones), size=SAMPLES)
    columns = random.multinomial(zeros, np.full(zeros, 1 / zeros), size=SAMPLES)
    low, high = np.percentile(((rows @ wins) * columns).sum(axis=1) / wins.size, [2.5, 97.5])
    return Estimate(float(wins.mean()), float(low), float(high), ones + zeros)
