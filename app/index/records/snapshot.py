"""Read one generation of an index that is kept as records."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from langchain_core.documents import Document

from app.index.audience import SEEN_BY
from app.index.port import Filter
from app.index.records.state import CHANGED, CHUNKS, DOCUMENTS, State
from app.index.records.tables import (
    ID,
    Condition,
    Database,
    OneOf,
    alive,
    as_chunk,
    fitting,
    joined,
    read,
)
from app.index.vectors import Vectors


class RecordSnapshot:
    """A generation, which stays as it is until the write after the next one begins."""

    def __init__(self, database: Database, state: State) -> None:
        self.config = state.index_config()
        self.version = state.version
        self._alive = alive(state.generation)
        self._chunks = database.table(state.table(CHUNKS))
        self._documents = database.table(state.table(DOCUMENTS))

    @property
    def size(self) -> int:
        """Number of chunks."""
        return len(self.rows())

    def rows(self, where: Filter | None = None) -> Sequence[int]:
        """Return the rows whose metadata fits the filter, in the order of their adding."""
        return sorted(self._chunks.rows(self._all(where)))

    def dense(
        self, vector: Vectors, k: int, where: Filter | None = None
    ) -> list[tuple[int, float]]:
        """Return the rows nearest to a normalised vector and their cosine, best first."""
        return self._chunks.dense(vector, k, self._all(where))

    def lexical(
        self, question: str, k: int, where: Filter | None = None
    ) -> list[tuple[int, float]]:
        """Return the rows that share words with a question; a higher score is better."""
        return self._chunks.lexical(question, k, self._all(where))

    def chunks(self, rows: Sequence[int]) -> list[Document]:
        """Return the chunks of these rows, in their order."""
        return [as_chunk(record) for record in read(self._chunks, rows)]

    def get(self, ids: Sequence[str]) -> list[Document]:
        """Return the chunks with these ids that exist, in their order."""
        rows = self._chunks.rows([*self._alive, OneOf(ID, list(ids))])
        found = {chunk.id: chunk for chunk in self.chunks(rows)}
        return [found[id_] for id_ in ids if id_ in found]

    def stored(self, rows: Sequence[int]) -> Vectors:
        """Return the vectors of these rows, in their order."""
        records = read(self._chunks, rows, texts=False, vectors=True)
        return np.array([record.vector for record in records], dtype=np.float32)

    def documents(self) -> dict[str, tuple[str, str]]:
        """Return root and content hash of each ingested document, by its name."""
        return {each[ID]: (each["root"], each["sha256"]) for each in self._described()}

    def seen_by(self) -> dict[str, str]:
        """Return who may see each document that not everybody may, by its name."""
        return {each[ID]: each[SEEN_BY] for each in self._described() if SEEN_BY in each}

    def text_of(self, document: str) -> str | None:
        """Return a document's whole extracted text, in which all its spans count."""
        rows = self._documents.rows([*self._alive, OneOf(ID, [document])])
        return joined(self._documents, rows) if rows else None

    def changed(self, documents: Sequence[str]) -> dict[str, str]:
        """Return when the files of documents were last changed, by name, where that is known."""
        found = self._described(OneOf(ID, list(documents)))
        return {each[ID]: each[CHANGED] for each in found if CHANGED in each}

    def _described(self, *conditions: Condition) -> Iterator[dict[str, Any]]:
        """Yield the fields of each document, or of those for which all conditions hold."""
        rows = self._documents.rows([*self._alive, *conditions])
        return (record.fields for record in read(self._documents, rows, texts=False))

    def _all(self, where: Filter | None) -> list[Condition]:
        return [*self._alive, *fitting(where)]
