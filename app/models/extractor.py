"""Quote passages: the reader looks for what answers a question in the lines that fit it best."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from langchain_core.documents import Document

from app.models.line_reader import LineReader
from graphs.evidence import Source
from graphs.protocols import Claim, Extract


class ReaderExtractor:
    """Words of passages that answer questions, as the shipped reader finds them."""

    sure = 0.5
    """Measured by tests/quote_benchmark.py."""
    doubtful = 0.3
    """Measured by tests/conflict_benchmark.py."""

    def __init__(self, reader: LineReader) -> None:
        self._reader = reader

    def extract(self, question: str, passages: Sequence[Document]) -> list[Extract]:
        """Return the likeliest words of the lines of each passage that fit a question best."""
        lines = [
            (at, fitting.text)
            for at, passage in enumerate(passages)
            for fitting in Source.of([passage]).lines_for(question, Claim(question))[:1]
        ]
        readings = self._reader.read([(question, text) for _, text in lines])
        extracts = [
            Extract(text[best.start : best.end].strip(), best.probability, at)
            for reading, (at, text) in zip(readings, lines, strict=True)
            for best in reading.spans[:1]
        ]
        return sorted(extracts, key=lambda extract: -extract.probability)

    async def aextract(self, question: str, passages: Sequence[Document]) -> list[Extract]:
        """Do the same off the event loop."""
        return await asyncio.to_thread(self.extract, question, passages)
