"""Keep vectors that were computed but not yet committed, so that a killed ingestion resumes."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from langchain_core.documents import Document

from app.index.lexical import heading, text_under_header
from app.index.vectors import Vectors
from app.index.written import WrittenDatabase

JOURNAL_FILE = "embedded.sqlite"


class EmbeddingJournal:
    """Vectors by the text they stand for and the model that made them."""

    def __init__(self, folder: Path, *, model: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._model = model
        self._asked: set[str] = set()
        self._database = WrittenDatabase(folder / JOURNAL_FILE)
        self._database.execute(
            "CREATE TABLE IF NOT EXISTS vectors (key TEXT PRIMARY KEY, vector BLOB NOT NULL)"
        )

    def missing(self, chunks: Sequence[Document]) -> list[Document]:
        """Return the chunks whose vectors are neither here nor asked for by now."""
        by_key = {self._key(chunk): chunk for chunk in chunks}
        known = self._known(list(by_key)).keys() | self._asked
        new = {key: chunk for key, chunk in by_key.items() if key not in known}
        self._asked |= new.keys()
        return list(new.values())

    def keep(self, chunks: Sequence[Document], vectors: Vectors) -> None:
        """Keep vectors that were asked for, shape (chunks, dimension)."""
        keys = [self._key(chunk) for chunk in chunks]
        rows = [(key, row.tobytes()) for key, row in zip(keys, vectors, strict=True)]
        self._database.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?)", rows)
        self._database.commit()
        self._asked -= set(keys)

    def vectors(self, chunks: Sequence[Document]) -> Vectors:
        """Return the vectors of chunks, all of which are here."""
        keys = [self._key(chunk) for chunk in chunks]
        known = self._known(keys)
        return np.stack([known[key] for key in keys])

    def close(self) -> None:
        """Release the file."""
        self._database.close()

    def _key(self, chunk: Document) -> str:
        parts = (self._model, heading(chunk.metadata), text_under_header(chunk))
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()

    def _known(self, keys: Sequence[str]) -> dict[str, Vectors]:
        marks = ",".join("?" * len(keys))
        query = f"SELECT key, vector FROM vectors WHERE key IN ({marks})"
        found = self._database.execute(query, keys)
        return {key: np.frombuffer(vector, dtype=np.float32) for key, vector in found}


def delete_journal(folder: Path) -> None:
    """Delete what an index's folder holds, once all of it is part of the index."""
    (folder / JOURNAL_FILE).unlink(missing_ok=True)
