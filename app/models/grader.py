"""Grade passages for a question with a few batched passes of the chat model.

The passes read two things off each prompt: how much likelier the passage makes the question's own
words, and "yes" against "no". The base model's yes and no alone are near chance; see GRADING.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.models.log_odds import logistic
from app.models.ports import Prompt, Scorer
from finetune.measured import Score
from graphs import prompts
from graphs.text import content

LABELS = ("yes", "no")


@dataclass(frozen=True, kw_only=True)
class Features:
    """What was read off a question and a passage."""

    gain: float
    """Nats by which the passage raises the mean log-probability of the question's tokens.

    0 where the scorer cannot read it.
    """
    verdict: float
    """Nats of log-odds of "yes" against "no"."""
    coverage: float
    """Share of the question's content words that the passage holds."""


@dataclass(frozen=True, kw_only=True)
class Calibration:
    """Weights of a logistic model that turns what was read into a probability."""

    gain: float
    verdict: float
    coverage: float
    bias: float

    def probability(self, read: Features) -> float:
        """Return the probability that the passage answers the question."""
        score = (
            self.gain * read.gain
            + self.verdict * read.verdict
            + self.coverage * read.coverage
            + self.bias
        )
        return logistic(score)


BASE_CALIBRATION = Calibration(gain=0.73, verdict=0.51, coverage=5.5, bias=-3.9)
"""For the untuned base model: logistic regression on 400 SQuAD train pairs (finetune/LOG.md)."""

PLAIN_VERDICT = Calibration(gain=0.0, verdict=1.0, coverage=0.0, bias=0.0)
"""The model's own yes against its no: where nothing was fitted and texts cannot be scored."""


@dataclass(frozen=True)
class ModelGrader:
    """Probability that a passage answers a question, by a language model."""

    scorer: Scorer
    calibration: Calibration = BASE_CALIBRATION

    def grade(self, question: str, passages: Sequence[str]) -> list[float]:
        """Return the probability that each passage answers the question."""
        read = self.features(question, passages)
        return [self.calibration.probability(features) for features in read]

    async def agrade(self, question: str, passages: Sequence[str]) -> list[float]:
        """Do the same in async code; cancelling the task stops the model."""
        if not passages:
            return []
        rows = self._rows(question, passages)
        scores = await self.scorer.ascore(rows, labels=LABELS, text=question)
        read = self._features(question, passages, scores)
        return [self.calibration.probability(features) for features in read]

    def features(self, question: str, passages: Sequence[str]) -> list[Features]:
        """Read off what the probabilities are made of."""
        if not passages:
            return []
        rows = self._rows(question, passages)
        scores = self.scorer.score(rows, labels=LABELS, text=question)
        return self._features(question, passages, scores)

    def _rows(self, question: str, passages: Sequence[str]) -> list[Prompt]:
        # The empty passage says how likely the question is anyway.
        texts = ["", *passages] if self.scorer.reads_texts else passages
        return [prompts.grade_document(question, text) for text in texts]

    def _features(
        self, question: str, passages: Sequence[str], scores: Sequence[Score]
    ) -> list[Features]:
        alone, given = (scores[0], scores[1:]) if self.scorer.reads_texts else (Score([]), scores)
        return [
            Features(
                gain=_mean(score.text) - _mean(alone.text),
                verdict=score.labels[0] - score.labels[1],
                coverage=coverage(question, passage),
            )
            for score, passage in zip(given, passages, strict=True)
        ]


def coverage(question: str, passage: str) -> float:
    """Return the share of the question's content words that the passage holds, 1 if it has none."""
    wanted = set(content(question))
    return len(wanted & set(content(passage))) / len(wanted) if wanted else 1.0


def _mean(values: Sequence[float]) -> float:
    return sum(values) / max(1, len(values))
