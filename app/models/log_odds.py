"""Probabilities as log-odds, which linear models weigh."""

from __future__ import annotations

import math


def log_odds(probability: float, closest: float) -> float:
    """Return the log-odds of a probability, of one nearer to 0 or 1 than `closest` those of that.

    So near to certain, a probability tells no more.
    """
    inside = min(max(probability, closest), 1 - closest)
    return math.log(inside / (1 - inside))


def logistic(odds: float) -> float:
    """Return the probability of log-odds."""
    return 1 / (1 + math.exp(-odds))
