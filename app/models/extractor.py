"""Quote passages: the reader looks for what answers a question in the lines that fit it best."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from langchain_core.documents import Document

from app.models.line_reader import LineReader
from graphs.evidence import Source
from graphs.protocols import Claim

SURE = 0.5
"""Least probability of a span. Of answers to questions of held-out SQuAD train articles and of
invented organisations, wrong ones became fewer from here on, and no refusal that was right fell."""


class ReaderExtractor:
    """Words of passages that answer questions, as the shipped reader finds them."""

    def __init__(self, reader: LineReader) -> None:
        self._reader = reader

    def extract(self, question: str, passages: Sequence[Document]) -> str:
        """Return the likeliest span of the lines that fit a question best, if it is likely."""
        lines = [
            fitting.text
            for passage in passages
            for fitting in Source.of([passage]).lines_for(question, Claim(question))[:1]
        ]
        readings = self._reader.read([(question, text) for text in lines])
        spans = [
            (reading.spans[0], text)
            for reading, text in zip(readings, lines, strict=True)
            if reading.spans and reading.spans[0].probability >= SURE
        ]
        if not spans:
            return ""
        best, text = max(spans, key=lambda pair: pair[0].probability)
        return text[best.start : best.end].strip()

    async def aextract(self, question: str, passages: Sequence[Document]) -> str:
        """Do the same off the event loop."""
        return await asyncio.to_thread(self.extract, question, passages)
