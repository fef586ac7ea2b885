"""Tell how probable it is that words which a reader found answer a question.

A reader asked for something that its lines do not speak of takes what looks alike: a number of
seats for litres of fuel. So its own probability is weighed beside the share of the question's words
and names that the passage has. `tests/extract_recipes.py` fits the weights.
"""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict, field_validator

from app.models.log_odds import log_odds, logistic
from graphs.evidence import Source, share
from graphs.text import content, sure_names

FEATURES = ("found", "words_in_passage", "names_in_passage")
CLOSEST = 0.001  # to 0 and 1


class ExtractWeights(BaseModel):
    """A logistic model over `extract_values`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    weights: tuple[float, ...]
    """Of each of FEATURES."""
    intercept: float
    sure: float
    """Probability from which words may be quoted where nothing of a model's answer is left."""

    @field_validator("weights")
    @classmethod
    def _one_of_each(cls, weights: tuple[float, ...]) -> tuple[float, ...]:
        if len(weights) != len(FEATURES):
            raise ValueError(f"{len(weights)} weights came, {len(FEATURES)} are needed")
        return weights

    def probability(self, values: Sequence[float]) -> float:
        """Return the probability that words with these values answer their question."""
        return logistic(
            self.intercept + sum(w * v for w, v in zip(self.weights, values, strict=True))
        )


def extract_values(question: str, source: Source, found: float) -> list[float]:
    """Return the values of FEATURES for words that a reader gives the probability `found`.

    `source` is the passage that they stand in, which also has the words of its document's name and
    of its section.
    """
    names = sure_names(question, [passage.page_content for passage in source.passages])
    return [
        log_odds(found, CLOSEST),
        share(frozenset(content(question)), source.stems),
        share(frozenset(names), source.stems) if names else 1.0,
    ]
