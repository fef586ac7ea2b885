"""One immutable generation of the index: a FAISS file and a SQLite file in one folder.

Reads only. A generation that is open stays readable after newer ones have replaced it.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import threading
from array import array
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import Any
from weakref import finalize

import faiss
import numpy as np
from langchain_core.documents import Document

from app.errors import UserError
from app.index import full_text
from app.index.config import IndexConfig
from app.index.port import Filter
from app.index.vectors import Vectors

VECTORS_FILE = "vectors.faiss"
TEXT_FILE = "chunks.sqlite"
FILTERS_KEPT = 64  # whose rows are remembered; a search needs them twice, a tenant's come again

SCHEMA = (
    """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE documents (
    document TEXT PRIMARY KEY, root TEXT NOT NULL, sha256 TEXT NOT NULL,
    seen_by TEXT, changed TEXT, text TEXT NOT NULL
);
CREATE TABLE chunks (
    row INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, text TEXT NOT NULL,
    metadata TEXT NOT NULL, document TEXT AS (json_extract(metadata, '$.document')) STORED
);
CREATE INDEX chunks_document ON chunks (document);
"""
    + full_text.SCHEMA
)

COLUMNS = "SELECT name FROM pragma_table_info('documents')"
ADDED = ("seen_by", "changed")  # columns that indexes of earlier releases lack


class UnreadableIndex(UserError):
    """Report that files of an index cannot be read, or lack what is read of them."""

    def __init__(self, index: Path, error: Exception) -> None:
        super().__init__(
            f"the index in {index} cannot be read ({error}): build it again with "
            f"'groundtune ingest PATH --index {index} --rebuild'"
        )


class Generation:
    """An open generation, safe to share between threads."""

    def __init__(self, index: Path, folder: Path) -> None:
        self.folder = folder
        self._index = index
        # immutable: no lock files, so that readers need no write access and never block
        uri = f"{(folder / TEXT_FILE).absolute().as_uri()}?mode=ro&immutable=1"
        with self._reading():
            self.vectors = faiss.read_index(str(folder / VECTORS_FILE))
            self._database = sqlite3.connect(uri, uri=True, check_same_thread=False)
        finalize(self, self._database.close)  # where nobody closes it, Python 3.13 complains
        self._lock = threading.Lock()
        self._fitting = lru_cache(FILTERS_KEPT)(self._rows)
        self.config = IndexConfig.from_record(json.loads(self._meta("config")))
        self.version = self._meta("version")
        self._columns = {name for (name,) in self._all(COLUMNS, [])}

    @property
    def size(self) -> int:
        """Number of chunks."""
        return int(self.vectors.ntotal)

    def close(self) -> None:
        """Release the files."""
        self._database.close()

    def rows(self, where: Filter | None = None) -> Sequence[int]:
        """Return the rows whose metadata fits the filter, in the order of their adding."""
        return self._fitting(*_condition(where or {}))

    def dense(
        self, vector: Vectors, k: int, where: Filter | None = None
    ) -> list[tuple[int, float]]:
        """Return the rows nearest to a normalised vector and their cosine, best first."""
        among = self.rows(where) if where else None
        wanted = min(k, self.size if among is None else len(among))
        if wanted < 1:
            return []
        selector = among and faiss.IDSelectorBatch(np.array(among, dtype=np.int64))
        parameters = faiss.SearchParameters(sel=selector) if selector else None  # type: ignore[call-arg]  # SWIG
        scores, found = self.vectors.search(vector.reshape(1, -1), wanted, params=parameters)
        pairs = zip(found[0].tolist(), scores[0].tolist(), strict=True)
        return [(row, score) for row, score in pairs if row >= 0]

    def lexical(
        self, question: str, k: int, where: Filter | None = None
    ) -> list[tuple[int, float]]:
        """Return the best rows by BM25 and their score (higher is better), best first."""
        return full_text.best_rows(self._all, question, k, self.rows(where) if where else None)

    def chunks(self, rows: Sequence[int]) -> list[Document]:
        """Return the chunks of these rows, in their order."""
        found = dict(self._chunks("row", list(rows)))
        return [found[row] for row in rows]

    def get(self, ids: Sequence[str]) -> list[Document]:
        """Return the chunks with these ids that exist, in their order."""
        found = {document.id: document for _, document in self._chunks("id", list(ids))}
        return [found[id_] for id_ in ids if id_ in found]

    def stored(self, rows: Sequence[int]) -> Vectors:
        """Return the vectors of these rows, in their order."""
        vectors: Vectors = self.vectors.reconstruct_batch(np.array(rows, dtype=np.int64))
        return vectors

    def documents(self) -> dict[str, tuple[str, str]]:
        """Return root and content hash of each ingested document, by its name."""
        rows = self._all("SELECT document, root, sha256 FROM documents", [])
        return {document: (root, sha256) for document, root, sha256 in rows}

    def seen_by(self) -> dict[str, str]:
        """Return who may see each document that not everybody may, by its name."""
        if "seen_by" not in self._columns:
            return {}
        query = "SELECT document, seen_by FROM documents WHERE seen_by IS NOT NULL"
        return dict(self._all(query, []))

    def changed(self, documents: Sequence[str]) -> dict[str, str]:
        """Return when the files of documents were last changed, by name, where that is known."""
        if "changed" not in self._columns:
            return {}
        query = (
            "SELECT document, changed FROM documents WHERE changed IS NOT NULL "
            "AND document IN (SELECT value FROM json_each(?))"
        )
        return dict(self._all(query, [json.dumps(documents)]))

    def text_of(self, document: str) -> str | None:
        """Return a document's whole extracted text, in which all its spans count."""
        rows = self._all("SELECT text FROM documents WHERE document = ?", [document])
        return str(rows[0][0]) if rows else None

    def _rows(self, condition: str, values: tuple[str, ...]) -> Sequence[int]:
        query = f"SELECT row FROM chunks WHERE {condition} ORDER BY row"
        return array("q", (row for (row,) in self._all(query, values)))  # 8 bytes each

    def _chunks(self, column: str, keys: Sequence[int | str]) -> list[tuple[int, Document]]:
        found = self._all(
            f"SELECT row, id, text, metadata FROM chunks "
            f"WHERE {column} IN (SELECT value FROM json_each(?))",
            [json.dumps(keys)],
        )
        return [
            (row, Document(id=id_, page_content=text, metadata=json.loads(metadata)))
            for row, id_, text, metadata in found
        ]

    def _meta(self, key: str) -> str:
        return str(self._all("SELECT value FROM meta WHERE key = ?", [key])[0][0])

    def _all(self, query: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        # one connection: SQLite serialises anyway, Python's cursor state does not
        with self._lock, self._reading():
            return self._database.execute(query, values).fetchall()

    @contextmanager
    def _reading(self) -> Iterator[None]:
        try:
            yield
        except (RuntimeError, OSError, sqlite3.Error) as error:
            raise UnreadableIndex(self._index, error) from error


def content_version(database: sqlite3.Connection, config: IndexConfig) -> str:
    """Name what a database of texts holds; see `version_of`."""
    return version_of(
        config,
        database.execute("SELECT document, text FROM documents ORDER BY document"),
        database.execute("SELECT id, text, metadata FROM chunks ORDER BY id"),
    )


def version_of(config: IndexConfig, *tables: Iterable[tuple[str, ...]]) -> str:
    """Name an index by its content: equal documents and choices give an equal version.

    `tables` are (document, text) and (id, text, metadata), each sorted by the bytes of its key.
    """
    digest = hashlib.sha256(repr(config).encode())
    for row in chain(*tables):
        digest.update(repr(row).encode())
    return digest.hexdigest()[:12]


def _condition(where: Filter) -> tuple[str, tuple[str, ...]]:
    """Write a filter (equal to a value, or to one of a list) as SQL over the metadata.

    A key that is not there equals None.
    """
    # not json_extract, whose paths cannot name a key that holds a quotation mark
    part = (
        "EXISTS (SELECT 1 FROM json_each(?) AS wanted WHERE wanted.value IS "
        "(SELECT field.value FROM json_each(metadata) AS field WHERE field.key = ?))"
    )
    values: list[str] = []
    for key, wanted in where.items():
        options = wanted if isinstance(wanted, list | tuple) else [wanted]
        values += [json.dumps(options), key]
    return " AND ".join([part] * len(where)) or "TRUE", tuple(values)
