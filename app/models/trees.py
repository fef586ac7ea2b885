"""Evaluate gradient-boosted trees from plain numbers, so that no pickle is ever read.

They are fitted by scikit-learn's HistGradientBoostingClassifier; see tests/weigh_recipes.py.
"""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict

from app.models.log_odds import logistic

LEAF = -1


class Node(BaseModel):
    """A split of one feature, or a leaf."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    feature: int
    """LEAF for a leaf."""
    at: float = 0.0
    """The left branch takes values up to here."""
    left: int = 0
    right: int = 0
    value: float = 0.0


class Trees(BaseModel):
    """A sum of trees whose logistic is a probability."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    baseline: float
    trees: tuple[tuple[Node, ...], ...]

    def probability(self, values: Sequence[float]) -> float:
        """Return the probability of the positive class."""
        score = self.baseline + sum(_leaf(tree, values) for tree in self.trees)
        return logistic(score)


def _leaf(tree: Sequence[Node], values: Sequence[float]) -> float:
    node = tree[0]
    while node.feature != LEAF:
        node = tree[node.left if values[node.feature] <= node.at else node.right]
    return node.value
