"""A small logistic model whose weights a recipe wrote to a JSON file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, field_validator

from app.models.log_odds import logistic


class LogisticModel(BaseModel):
    """Weighs named values; each kind of model says which in `features`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    features: ClassVar[tuple[str, ...]]

    weights: tuple[float, ...]
    """Of each feature."""
    intercept: float
    sure: float
    """Probability from which what is told counts."""

    @field_validator("weights")
    @classmethod
    def _one_of_each(cls, weights: tuple[float, ...]) -> tuple[float, ...]:
        if len(weights) != len(cls.features):
            raise ValueError(f"{len(weights)} weights came, {len(cls.features)} are needed")
        return weights

    def probability(self, values: Sequence[float]) -> float:
        """Return the probability of what the model tells, for these values of its features."""
        return logistic(
            self.intercept + sum(w * v for w, v in zip(self.weights, values, strict=True))
        )
