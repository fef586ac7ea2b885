"""Where files are read and cut and chunks embedded: in this process, or wherever an engine does."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol

from langchain_core.documents import Document

from app.index.vectors import Vectors
from app.ingest.cutting import Cut, Raw
from app.ingest.extracted import UnreadableFile

Taken = Raw | UnreadableFile
Made = Cut | UnreadableFile


class Engine(Protocol):
    """Does the work of an ingestion that needs no index.

    Results come in the order of what was given, which is taken as there is room for it.
    """

    def cut(self, cut: Callable[[Taken], Made], files: Iterable[Taken]) -> Iterator[Made]:
        """Yield what `cut` makes of each file."""

    def embed(self, parts: Iterable[Sequence[Document]]) -> Iterator[Vectors]:
        """Yield the vectors of each part of chunks, shape (chunks, dimension)."""


class OneProcess:
    """Does it here, one thing after the other."""

    def __init__(self, embed: Callable[[Sequence[Document]], Vectors]) -> None:
        self._embed = embed

    def cut(self, cut: Callable[[Taken], Made], files: Iterable[Taken]) -> Iterator[Made]:
        """Cut one file at a time: together their texts may not fit in memory."""
        return map(cut, files)

    def embed(self, parts: Iterable[Sequence[Document]]) -> Iterator[Vectors]:
        """Embed one part at a time."""
        return map(self._embed, parts)
