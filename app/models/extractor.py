"""Quote passages: the reader looks for what answers a question in the lines that fit it best."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from langchain_core.documents import Document

from app.models.line_reader import LineReader
from graphs.evidence import Source
from graphs.protocols import Claim

SURE = 0.5
"""Least probability of words that are quoted; tests/quote_benchmark.py tells what it costs."""


@dataclass(frozen=True)
class Likely:
    """Words of a passage, and how probable it is that they answer a question."""

    text: str
    probability: float


def likeliest(reader: LineReader, question: str, passages: Sequence[Document]) -> Likely | None:
    """Return the likeliest span of the lines of each passage that fit a question best."""
    lines = [
        fitting.text
        for passage in passages
        for fitting in Source.of([passage]).lines_for(question, Claim(question))[:1]
    ]
    readings = reader.read([(question, text) for text in lines])
    spans = [
        Likely(text[best.start : best.end].strip(), best.probability)
        for reading, text in zip(readings, lines, strict=True)
        for best in reading.spans[:1]
    ]
    return max(spans, key=lambda span: span.probability, default=None)


class ReaderExtractor:
    """Words of passages that answer questions, as the shipped reader finds them."""

    def __init__(self, reader: LineReader) -> None:
        self._reader = reader

    def extract(self, question: str, passages: Sequence[Document]) -> str:
        """Return the likeliest words of any passage; nothing if they are not likely."""
        found = likeliest(self._reader, question, passages)
        return found.text if found and found.probability >= SURE else ""

    async def aextract(self, question: str, passages: Sequence[Document]) -> str:
        """Do the same off the event loop."""
        return await asyncio.to_thread(self.extract, question, passages)
