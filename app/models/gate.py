"""Tell small talk from questions, erring on the safe side.

A question taken for small talk would be answered from nowhere, small talk taken for a question is
merely searched for. A logistic model weighs how near a line is to examples of small talk, how near
to questions that sound like it, and how many subjects are left to look up. `tests/talk_recipes.py`
fits it, to vectors of the built-in embedding model.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from langchain_core.embeddings import Embeddings
from numpy.typing import NDArray

from app.models.logistic_model import LogisticModel
from app.models.talk_examples import QUESTIONS, SMALL_TALK
from graphs.protocols import Need
from graphs.text import content

WEIGHTS = Path(__file__).with_name("small_talk.json")
NEAR = 0.5
"""Cosine from which an example's subjects are talked about, too."""

_CONTRACTION = re.compile(r"n?['’](?:t|s|m|re|ve|ll|d)\b", re.IGNORECASE)

Vectors = NDArray[np.float32]
"""A row for each text, of length one."""


class TalkWeights(LogisticModel):
    """Tells from `talk_values` how probably a line is small talk."""

    features = ("nearest_talk", "nearest_question", "subjects")


def talk_values(text: str, to_talk: Vectors, to_questions: Vectors) -> list[float]:
    """Return a line's values, for its cosines to SMALL_TALK and to QUESTIONS."""
    near = np.flatnonzero(to_talk >= NEAR)
    known = {subject for at in near for subject in _subjects(SMALL_TALK[at])}
    return [float(to_talk.max()), float(to_questions.max()), len(_subjects(text) - known)]


def vectors_of(embeddings: Embeddings, texts: Sequence[str]) -> Vectors:
    """Embed texts; a row for each."""
    return np.array(embeddings.embed_documents(list(texts)), dtype=np.float32)


@dataclass(frozen=True)
class SmallTalkGate:
    """Skips retrieval for what is surely small talk."""

    embeddings: Embeddings
    """The built-in ones, whatever the index uses: cosines of others have another scale."""

    def load(self) -> None:
        """Embed the examples now instead of at the first question."""
        self._examples  # noqa: B018  # reading them embeds them

    def decide(self, question: str) -> Need:
        """Search for whatever is asked."""
        return Need(documents=True)

    def is_small_talk(self, question: str) -> bool:
        """Return True for what needs no documents."""
        talk, questions = self._examples
        vector = np.array(self.embeddings.embed_query(question), dtype=np.float32)
        values = talk_values(question, talk @ vector, questions @ vector)
        return self._weights.probability(values) >= self._weights.sure

    @cached_property
    def _weights(self) -> TalkWeights:
        return TalkWeights.model_validate_json(WEIGHTS.read_text(encoding="utf-8"))

    @cached_property
    def _examples(self) -> tuple[Vectors, Vectors]:
        both = vectors_of(self.embeddings, SMALL_TALK + QUESTIONS)
        return both[: len(SMALL_TALK)], both[len(SMALL_TALK) :]


@dataclass(frozen=True)
class ClosedBookGate:
    """Searches for nothing: what the weights do not hold is not answered."""

    talk: SmallTalkGate

    def is_small_talk(self, question: str) -> bool:
        """Tell it as ever: small talk has a prompt of its own."""
        return self.talk.is_small_talk(question)

    def decide(self, question: str) -> Need:
        """Leave every question to the weights."""
        return Need(documents=False)


def _subjects(text: str) -> set[str]:
    """Return the stems that carry content, contractions like "I'm" being none."""
    return set(content(_CONTRACTION.sub("", text)))
