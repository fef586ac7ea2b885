"""Judge claims: a reader looks up in the lines what a claim says, and a small model weighs it.

The reader is trained and the weights are fitted once; neither depends on the model that answers, so
a claim is judged alike whoever made it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from langchain_core.documents import Document
from pydantic import BaseModel, ConfigDict

from app.models.base import BUILTIN_EMBEDDINGS, resolve_embedding_model
from app.models.claim_features import Beside, features
from app.models.trees import Trees
from finetune.verification.reader import Reader, Reading, RowEncoder, read
from graphs.evidence import Lines, Source
from graphs.protocols import Claim, Support
from graphs.slots import Slot, slots

SHIPPED = Path(__file__).parents[2] / "finetune" / "reader"
WEIGHTS = "weights.json"
MOST_REJECTED = 0.1
"""Share of right claims that a check may reject and still remove what it finds unsupported."""


class SupportWeights(BaseModel):
    """What turns features into a probability, and how well that is known to work."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: Trees
    threshold: float
    """Probability from which a claim counts as supported."""
    rejects: float
    """Share of right claims below the threshold, on held-out sources."""
    accepts: float
    """Share of wrong claims above it."""


@dataclass(frozen=True)
class Judged:
    """A claim beside lines that could support it, and the values that are looked up in them."""

    number: int
    claim: Claim
    lines: Lines
    slots: list[Slot]

    def queries(self, question: str) -> list[tuple[str, str]]:
        """Return what the reader is asked: the question, then each value of the claim."""
        asked = [question, *(f"{question} {slot.query}".strip() for slot in self.slots)]
        return [(query, self.lines.text) for query in asked]


class ReaderVerifier:
    """Probability that passages say what a claim says."""

    def __init__(self, folder: Path = SHIPPED) -> None:
        encoder = resolve_embedding_model(BUILTIN_EMBEDDINGS)
        assert isinstance(encoder, Path), "the built-in encoder is a folder"
        self._reader = Reader.load(folder, encoder)
        self._rows = RowEncoder(encoder)
        text = (folder / WEIGHTS).read_text(encoding="utf-8")
        self.weights = SupportWeights.model_validate_json(text)

    @property
    def threshold(self) -> float:
        """Probability from which a claim counts as supported."""
        return self.weights.threshold

    @property
    def trusted(self) -> bool:
        """Whether few enough right claims are rejected to remove what has no support."""
        return self.weights.rejects <= MOST_REJECTED

    def verify(
        self, question: str, claims: Sequence[Claim], passages: Sequence[Document]
    ) -> list[Support]:
        """Return each claim's support, the claim read as a reply to the question."""
        judged = _judged(question, claims, passages)
        queries = [query for of in judged for query in of.queries(question)]
        readings = read(self._reader, self._rows, queries) if queries else []
        best = [Support(0.0)] * len(claims)
        begin = 0
        for of in judged:
            end = begin + 1 + len(of.slots)
            probability = self._probability(question, of, readings[begin:end])
            begin = end
            if probability > best[of.number].probability:
                best[of.number] = Support(probability, of.lines.evidence)
        return best

    async def averify(
        self, question: str, claims: Sequence[Claim], passages: Sequence[Document]
    ) -> list[Support]:
        """Do the same off the event loop; it takes a fraction of a second and is not stopped."""
        return await asyncio.to_thread(self.verify, question, claims, passages)

    def _probability(self, question: str, of: Judged, readings: Sequence[Reading]) -> float:
        beside = Beside(question, of.claim.text, of.lines.text, of.lines.quoted, of.slots)
        return self.weights.model.probability(features(beside, readings))


def _judged(question: str, claims: Sequence[Claim], passages: Sequence[Document]) -> list[Judged]:
    source = Source.of(passages)
    return [
        Judged(number, claim, lines, slots(question, claim.text))
        for number, claim in enumerate(claims)
        for lines in source.lines_for(question, claim)
    ]
