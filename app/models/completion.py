"""Tell by a model which whole question a short follow-up means.

The model is asked to rewrite the follow-up, as it was trained to, but for nothing else than the
former question with the new words in the place of others: what it would write with the highest
probability is meant. Left to itself, the built-in model writes that for one follow-up in eight.
`tests/completion_recipes.py` fits the weights, with the built-in model and the shipped adapter.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from langchain_core.messages import AIMessage
from pydantic import BaseModel, ConfigDict

from app.models.ports import Prompt, Scorer
from finetune.measured import Score
from graphs import prompts
from graphs.ellipsis import Completed, completions

WEIGHTS = Path(__file__).with_name("completion.json")


class CompletionWeights(BaseModel):
    """Weighs what may be meant: `completion_values` times weights, as logits of a softmax."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    weights: tuple[float, float, float, float]
    sure: float
    """Probability from which a question counts as meant."""


def completion_values(one: Completed, score: Score) -> list[float]:
    """Return log-probability, tokens, words replaced, and whether none are."""
    tokens = score.text
    return [sum(tokens), float(len(tokens)), float(one.replaced), float(not one.replaced)]


def shares(values: Sequence[Sequence[float]], weights: Sequence[float]) -> list[float]:
    """Return how probable each way is, from the values of all."""
    return _softmax([sum(w * v for w, v in zip(weights, of, strict=True)) for of in values])


def _softmax(logits: Sequence[float]) -> list[float]:
    """Normalise log-scores to probabilities."""
    highest = max(logits)
    powers = [math.exp(logit - highest) for logit in logits]
    total = sum(powers)
    return [power / total for power in powers]


@dataclass(frozen=True)
class LikelyCompletion:
    """Completes a follow-up by the likeliest of all ways to fill the former question anew."""

    scorer: Scorer
    """Has to read texts."""

    def complete(self, asked: Sequence[str]) -> str | None:
        """Return what the last question means; None where that is not sure."""
        meant = asked[0]
        for follow_up in asked[1:]:
            ways = completions(meant, follow_up)
            if not ways:
                return None
            written, texts = rewrites(meant, follow_up, ways)
            surest = self._surest(ways, self.scorer.score(written, text=texts))
            if surest is None:
                return None
            meant = surest
        return meant

    async def acomplete(self, asked: Sequence[str]) -> str | None:
        """Do the same so that cancelling the task stops the model."""
        meant = asked[0]
        for follow_up in asked[1:]:
            ways = completions(meant, follow_up)
            if not ways:
                return None
            written, texts = rewrites(meant, follow_up, ways)
            surest = self._surest(ways, await self.scorer.ascore(written, text=texts))
            if surest is None:
                return None
            meant = surest
        return meant

    def _surest(self, ways: Sequence[Completed], scores: Sequence[Score]) -> str | None:
        values = [completion_values(*each) for each in zip(ways, scores, strict=True)]
        likely = shares(values, self._weights.weights)
        share, surest = max(zip(likely, ways, strict=True), key=lambda each: each[0])
        return surest.text if share >= self._weights.sure else None

    @cached_property
    def _weights(self) -> CompletionWeights:
        return CompletionWeights.model_validate_json(WEIGHTS.read_text(encoding="utf-8"))


def rewrites(
    former: str, follow_up: str, ways: Sequence[Completed]
) -> tuple[list[Prompt], list[str]]:
    """Return the prompt for a rewrite with each way as its reply, and the replies."""
    asking = prompts.rewrite_follow_up([("User", former)], follow_up)
    return [[*asking, AIMessage(one.text)] for one in ways], [one.text for one in ways]
