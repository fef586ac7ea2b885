"""A gate that was learned from outcomes: it searches where the weights alone would do worse."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from langchain_core.embeddings import Embeddings
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, ValidationError

from app.errors import UserError
from app.models.gate import SmallTalkGate
from app.models.log_odds import logistic
from app.models.ports import Scorer
from graphs import prompts
from graphs.citations import refuses
from graphs.protocols import Need
from graphs.sealing import HIDDEN

Nearest = Callable[[str, int], Sequence[float]]
"""Cosines of the chunks nearest to a question, best first."""

RECALL_TOKENS = 32  # of the answer from the weights whose confidence is read
FEATURES = ("nearest taught question", "nearest passage", "lead of that passage", "confidence")


class LearnedWeights(BaseModel):
    """A logistic model of whether the weights alone answer a question rightly."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    means: tuple[float, ...]
    scales: tuple[float, ...]
    """Features are centred and divided by these."""
    weights: tuple[float, ...]
    bias: float
    threshold: float
    """Probability from which nothing is searched."""
    taught: tuple[str, ...]
    """Questions that the adapter was trained on."""
    index: str
    """Version of the index that the outcomes belong to."""
    adapter: str
    """The adapter that they belong to, as answers name it."""

    def probability(self, features: Sequence[float]) -> float:
        """Return the probability that nothing needs to be searched."""
        score = self.bias + sum(
            weight * (value - mean) / scale
            for weight, value, mean, scale in zip(
                self.weights, features, self.means, self.scales, strict=True
            )
        )
        return logistic(score)


def read_weights(path: Path | None, *, adapter: str | None) -> LearnedWeights:
    """Read what was learned of an adapter; raises UserError for a file that holds anything else."""
    if path is None:
        raise UserError(
            "GROUNDTUNE_RETRIEVAL=learned needs GROUNDTUNE_GATE, a gate.json that 'groundtune "
            "compare' wrote"
        )
    try:
        learned = LearnedWeights.model_validate_json(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, ValidationError) as error:
        raise UserError(
            f"GROUNDTUNE_GATE={path} holds no learned gate: name a gate.json that "
            "'groundtune compare' wrote"
        ) from error
    if learned.adapter != adapter:
        raise UserError(
            f"{path} belongs to the adapter {learned.adapter}, not to {adapter}: compare again, or "
            "set GROUNDTUNE_RETRIEVAL=always"
        )
    return learned


@dataclass(frozen=True)
class FeatureReader:
    """Reads off a question what is known before retrieval, or after a cheap search."""

    embeddings: Embeddings
    nearest: Nearest
    chat_model: BaseChatModel
    scorer: Scorer
    """One that reads texts."""
    taught: Sequence[str]

    def read(self, question: str) -> tuple[list[float], AIMessage]:
        """Return the values of FEATURES, and what the weights reply."""
        vector = np.array(self.embeddings.embed_query(question), dtype=np.float32)
        first, second = (*self.nearest(question, 2), 0.0, 0.0)[:2]
        known = float(np.max(self._taught @ vector, initial=0.0)) if self.taught else 0.0
        prompt = prompts.recall(question)
        reply = self.chat_model.invoke(prompt, HIDDEN, max_tokens=RECALL_TOKENS)
        features = [known, first, first - second, self._confidence(prompt, reply.text.strip())]
        return features, reply

    def _confidence(self, prompt: list[BaseMessage], reply: str) -> float:
        """Return the mean log-probability that the model gives its own answer from the weights."""
        if not reply or refuses(reply):
            return math.log(0.01)  # it says that it does not know
        (score,) = self.scorer.score([[*prompt, AIMessage(reply)]], text=reply)
        return sum(score.text) / max(1, len(score.text))

    @cached_property
    def _taught(self) -> NDArray[np.float32]:
        return np.array(self.embeddings.embed_documents(list(self.taught)), dtype=np.float32)


@dataclass(frozen=True)
class LearnedGate:
    """Searches where the weights alone would probably do worse."""

    talk: SmallTalkGate
    reader: FeatureReader
    learned: LearnedWeights
    index: Callable[[], str]
    """Tells the version that is searched now."""

    def is_small_talk(self, question: str) -> bool:
        """Tell it as ever: small talk has a prompt of its own."""
        return self.talk.is_small_talk(question)

    def decide(self, question: str) -> Need:
        """Leave it to the weights where they are right as probably as a search usually is.

        Their reply comes with it, unless its end was cut off.
        """
        if self.index() != self.learned.index:
            # Documents changed, and nobody measured what the weights still know.
            return Need(documents=True)
        features, reply = self.reader.read(question)
        cut = reply.response_metadata.get("finish_reason") == "length"
        doubted = self.learned.probability(features) < self.learned.threshold
        return Need(doubted, None if cut else reply)
