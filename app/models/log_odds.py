"""Probabilities as log-odds, which linear models weigh."""

from __future__ import annotations

import math


def log_odds(probability: float, closest: float) -> float:
    """Return a probability's log-odds; it is first kept at least `closest` away from 0 and 1."""
    inside = min(max(probability, closest), 1 - closest)
    return math.log(inside / (1 - inside))


def logistic(odds: float) -> float:
    """Return the probability of log-odds."""
    return 1 / (1 + math.exp(-odds))
