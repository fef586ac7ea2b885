"""Judge claims: a reader looks up in the lines what a claim says, and a small model weighs it.

The reader is trained and the weights are fitted once; neither depends on the model that answers, so
a claim is judged alike whoever made it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from langchain_core.documents import Document
from pydantic import BaseModel, ConfigDict

from app.models.claim_features import Beside, features
from app.models.line_reader import SHIPPED, LineReader
from app.models.trees import Trees
from graphs.capitals import unstressed
from graphs.evidence import Lines, Source
from graphs.markup import without_markup
from graphs.numbers import as_written, without_others
from graphs.openings import without_opening
from graphs.protocols import Claim, Support
from graphs.slots import added_value, slots

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
    """A claim beside lines that could support it, and what was found in them."""

    claim: int
    """Its index."""
    lines: Lines
    values: list[float]
    """Those of FEATURES."""


def judge(
    reader: LineReader,
    question: str,
    claims: Sequence[Claim],
    passages: Sequence[Document],
) -> Iterator[Judged]:
    """Yield each claim beside the lines of the passage that fits it best, then beside others.

    The reader is asked the question, and for what fills the blank of each value of the claim.
    """
    source, texts = Source.of(passages), [passage.page_content for passage in passages]
    beside = [
        (number, each)
        for number, claim in enumerate(claims)
        for each in _besides(
            unstressed(claim.asked or question, texts),
            replace(claim, text=unstressed(claim.text, texts)),
            source,
        )
    ]
    readings = iter(reader.read([query for _, each in beside for query in each.queries]))
    for number, each in beside:
        answers = list(islice(readings, len(each.queries)))
        claim = claims[number]
        said = f"{without_markup(claim.text)}\n{claim.asked or question}"
        yield Judged(number, each.lines, features(_comparable(each, said), answers))


def _comparable(beside: Beside, said: str) -> Beside:
    """Leave out of the lines the numbers that only look like those that are said."""
    text, quoted = (without_others(of, said) for of in (beside.lines.text, beside.lines.quoted))
    return replace(beside, lines=replace(beside.lines, text=text, quoted=quoted))


def _besides(question: str, claim: Claim, source: Source) -> Iterator[Beside]:
    """Yield a claim beside lines, and then the one value that it adds to its question, if it is so.

    Who says the whole question again claims no more than who says the value alone, unless small
    words that neither question nor lines have, such as "not", turn it round.
    """
    said = without_markup(claim.text)
    whole = replace(claim, text=without_opening(said, source.stems))
    found = list(_beside(question, whole, source))
    yield from found
    value = added_value(question, whole.text)
    if value and not any(slot.small for each in found for slot in each.slots):
        yield from _beside(question, replace(claim, text=value), source)


def _beside(question: str, claim: Claim, source: Source) -> Iterator[Beside]:
    """Yield a claim beside lines, its numbers and the question's as these write them."""
    for lines in source.lines_for(question, claim):
        shown = f"{lines.quoted}\n{lines.text}"
        asked, said = as_written(question, shown), as_written(claim.text, shown)
        yield Beside(asked, said, lines, slots(asked, said, lines.quoted))


class ReaderVerifier:
    """Probability that passages say what a claim says."""

    def __init__(self, reader: LineReader, weights: Path = SHIPPED / WEIGHTS) -> None:
        self._reader = reader
        self.weights = SupportWeights.model_validate_json(weights.read_text(encoding="utf-8"))

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
        """Return each claim's support, the claim read as a reply to what it has `asked`."""
        best = [Support(0.0)] * len(claims)
        for judged in judge(self._reader, question, claims, passages):
            probability = self.weights.model.probability(judged.values)
            if probability > best[judged.claim].probability:
                best[judged.claim] = Support(probability, judged.lines.evidence)
        return best

    async def averify(
        self, question: str, claims: Sequence[Claim], passages: Sequence[Document]
    ) -> list[Support]:
        """Do the same off the event loop; it takes a fraction of a second and is not stopped."""
        return await asyncio.to_thread(self.verify, question, claims, passages)
