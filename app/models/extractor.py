"""Quote passages: the reader looks for what answers a question in the lines that fit it best."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from langchain_core.documents import Document

from app.models.extract_weights import ExtractWeights, extract_values
from app.models.line_reader import SHIPPED, LineReader
from graphs.evidence import Source
from graphs.protocols import Claim, Extract

WEIGHTS = "extracts.json"


@dataclass(frozen=True)
class Candidate:
    """The likeliest words of a passage, and what tells whether they answer."""

    text: str
    passage: int
    """Its index."""
    own: float
    """The probability that the reader itself gives them."""
    values: list[float]
    """See `extract_values`."""


def candidates(
    reader: LineReader, question: str, passages: Sequence[Document]
) -> Iterator[Candidate]:
    """Yield the likeliest words of the lines of each passage that fit a question best."""
    read = [
        (at, source, fitting.text)
        for at, source in enumerate(Source.of([passage]) for passage in passages)
        for fitting in source.lines_for(question, Claim(question))[:1]
    ]
    readings = reader.read([(question, text) for *_, text in read])
    for reading, (at, source, text) in zip(readings, read, strict=True):
        for best in reading.spans[:1]:
            values = extract_values(question, source, best.probability)
            yield Candidate(text[best.start : best.end].strip(), at, best.probability, values)


def extract_weights(file: Path = SHIPPED / WEIGHTS) -> ExtractWeights:
    """Read what tests/extract_recipes.py wrote."""
    return ExtractWeights.model_validate_json(file.read_text(encoding="utf-8"))


class ReaderExtractor:
    """Words of passages that answer questions, as the shipped reader finds them."""

    doubtful = 0.3
    """Measured by tests/conflict_benchmark.py."""

    def __init__(self, reader: LineReader) -> None:
        self._reader = reader
        self._weights = extract_weights()
        self.sure = self._weights.sure

    def extract(self, question: str, passages: Sequence[Document]) -> list[Extract]:
        """Return the likeliest words of each passage, those of all passages likeliest first."""
        extracts = [
            Extract(found.text, self._weights.probability(found.values), found.passage)
            for found in candidates(self._reader, question, passages)
        ]
        return sorted(extracts, key=lambda extract: -extract.probability)

    async def aextract(self, question: str, passages: Sequence[Document]) -> list[Extract]:
        """Do the same off the event loop."""
        return await asyncio.to_thread(self.extract, question, passages)
