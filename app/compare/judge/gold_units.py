"""Find the sentence or row that holds a question's answer, and tell which chunks hold it whole."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from langchain_core.documents import Document

from app.dataset.pairs import Pair, shared_words
from graphs.units import Unit, units


@dataclass(frozen=True)
class GoldUnit:
    """A unit of a document that holds an answer; offsets count in the document's text."""

    document: str
    start: int
    end: int
    text: str

    def covered_by(self, chunk: Document) -> bool:
        """Tell whether a chunk holds all of it, also where it stands for an equal one elsewhere."""
        metadata = chunk.metadata
        if metadata["document"] == self.document:
            return bool(metadata["start"] <= self.start and self.end <= metadata["end"])
        return self.document in metadata.get("also", ()) and self.text in chunk.page_content


def gold_units(
    pair: Pair,
    text_of: Callable[[str], str | None],
    chunks_of: Callable[[str], Sequence[Document]],
) -> list[GoldUnit]:
    """Return the units that hold an accepted answer word for word, any of which answers.

    Of each document that the pair names, those nearest to the question: a short answer stands in
    others by chance. `chunks_of` tells what sections units stand in. Empty where no unit holds an
    answer, or no document is named.
    """
    return [
        GoldUnit(name, unit.start, unit.end, unit.text)
        for name in pair.documents
        for unit in _nearest(pair, text_of(name) or "", chunks_of(name))
    ]


def _nearest(pair: Pair, text: str, chunks: Sequence[Document]) -> list[Unit]:
    holding = [
        unit for unit in units(text) if any(pair.answered_by(unit.text, a) for a in pair.answers)
    ]
    in_order = sorted(chunks, key=lambda chunk: int(chunk.metadata["start"]))
    shared = [shared_words(pair.searched, f"{_section(u, in_order)}\n{u.whole}") for u in holding]
    return [unit for unit, count in zip(holding, shared, strict=True) if count == max(shared)]


def _section(unit: Unit, chunks: Sequence[Document]) -> str:
    at = bisect_right(chunks, unit.start, key=lambda chunk: int(chunk.metadata["start"])) - 1
    return str(chunks[at].metadata["section"]) if at >= 0 else ""
