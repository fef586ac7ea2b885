"""Keep vectors that were computed but not yet committed, so that a killed ingestion resumes."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from langchain_core.documents import Document

from app.index.lexical import heading, told
from app.index.vectors import Vectors

JOURNAL_FILE = "embedded.sqlite"


class EmbeddingJournal:
    """Vectors by the text they stand for and the model that made them."""

    def __init__(self, folder: Path, *, model: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._model = model
        self._database = sqlite3.connect(folder / JOURNAL_FILE)
        self._database.execute(
            "CREATE TABLE IF NOT EXISTS vectors (key TEXT PRIMARY KEY, vector BLOB NOT NULL)"
        )

    def embed(
        self, chunks: Sequence[Document], embed: Callable[[Sequence[Document]], Vectors]
    ) -> tuple[Vectors, int]:
        """Return the chunks' vectors and how many of them had to be computed."""
        keys = [self._key(chunk) for chunk in chunks]
        known = self._known(keys)
        missing = [at for at, key in enumerate(keys) if key not in known]
        if missing:
            computed = embed([chunks[at] for at in missing])
            known |= {keys[at]: row for at, row in zip(missing, computed, strict=True)}
            self._keep([(keys[at], known[keys[at]].tobytes()) for at in missing])
        return np.stack([known[key] for key in keys]), len(missing)

    def close(self) -> None:
        """Release the file."""
        self._database.close()

    def _key(self, chunk: Document) -> str:
        parts = (self._model, heading(chunk.metadata), told(chunk))
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()

    def _known(self, keys: Sequence[str]) -> dict[str, Vectors]:
        marks = ",".join("?" * len(keys))
        query = f"SELECT key, vector FROM vectors WHERE key IN ({marks})"
        found = self._database.execute(query, keys)
        return {key: np.frombuffer(vector, dtype=np.float32) for key, vector in found}

    def _keep(self, rows: Sequence[tuple[str, bytes]]) -> None:
        with self._database:
            self._database.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?)", rows)


def delete_journal(folder: Path) -> None:
    """Delete what an index's folder holds, once all of it is part of the index."""
    (folder / JOURNAL_FILE).unlink(missing_ok=True)
