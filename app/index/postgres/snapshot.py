"""Read the index within one transaction."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, LiteralString

import numpy as np
import psycopg
from langchain_core.documents import Document

from app.index.config import IndexConfig
from app.index.lexical import query_terms
from app.index.port import Filter
from app.index.vectors import Vectors

WEIGHTS: LiteralString = "'{0, 0, 0.5, 1}'"  # of D to A: a term in the title counts twice
RANKED: LiteralString = f"""
WITH asked AS (
    SELECT DISTINCT to_tsquery('english', term) AS query FROM unnest(%s::text[]) AS term
), rare AS (
    SELECT query, ln(1 + (size - count(*) + 0.5) / (count(*) + 0.5)) AS weight
    FROM asked JOIN groundtune_chunks ON terms @@ query,
        (SELECT count(*) AS size FROM groundtune_chunks) AS whole
    WHERE numnode(query) > 0 GROUP BY query, size
)
SELECT row, sum(ts_rank({WEIGHTS}, terms, query, 1) * weight)::float8 AS score
FROM rare JOIN groundtune_chunks ON terms @@ query"""
BEST: LiteralString = "GROUP BY row ORDER BY score DESC, row LIMIT %s"
# what is not there equals null, as in the index of files
FITS: LiteralString = "coalesce(metadata::jsonb -> %s, 'null') IN (SELECT jsonb_array_elements(%s))"
COLUMNS: LiteralString = (
    "SELECT attname FROM pg_attribute WHERE attrelid = to_regclass('groundtune_documents')"
)
ADDED: tuple[LiteralString, ...] = ("seen_by", "changed")
"""Columns that tables of earlier releases lack."""

Connection = psycopg.Connection[tuple[Any, ...]]


class PostgresSnapshot:
    """The index as one transaction sees it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        config, self.version = self._all("SELECT config, version FROM groundtune_index")[0]
        self.config = IndexConfig.from_record(json.loads(config))

    @property
    def size(self) -> int:
        """Number of chunks."""
        return int(self._all("SELECT count(*) FROM groundtune_chunks")[0][0])

    def rows(self, where: Filter | None = None) -> Sequence[int]:
        """Return the rows whose metadata fits the filter, in the order of their adding."""
        fits, values = _condition(where)
        query: LiteralString = f"SELECT row FROM groundtune_chunks WHERE {fits} ORDER BY row"
        return [row for (row,) in self._all(query, *values)]

    def dense(
        self, vector: Vectors, k: int, where: Filter | None = None
    ) -> list[tuple[int, float]]:
        """Return the rows nearest to a normalised vector and their cosine, best first."""
        fits, values = _condition(where)
        return self._all(
            "SELECT row, -(vector <#> %s::vector) AS score FROM groundtune_chunks "
            f"WHERE {fits} ORDER BY score DESC, row LIMIT %s",
            *(literal(vector), *values, k),
        )

    def lexical(
        self, question: str, k: int, where: Filter | None = None
    ) -> list[tuple[int, float]]:
        """Return the best rows, best first.

        A row's score is the sum of PostgreSQL's rank of each term, normalised by length, times the
        term's inverse document frequency as BM25 has it, without which common words would decide.
        """
        fits, values = _condition(where)
        quoted = [f"'{term}'" for term in query_terms(question)]
        return self._all(f"{RANKED} WHERE {fits} {BEST}", quoted, *values, k)

    def chunks(self, rows: Sequence[int]) -> list[Document]:
        """Return the chunks of these rows, in their order."""
        found = self._all(
            "SELECT row, id, text, metadata FROM groundtune_chunks WHERE row = ANY(%s)", list(rows)
        )
        by_row = {row: _document(*rest) for row, *rest in found}
        return [by_row[row] for row in rows]

    def get(self, ids: Sequence[str]) -> list[Document]:
        """Return the chunks with these ids that exist, in their order."""
        found = self._all(
            "SELECT id, text, metadata FROM groundtune_chunks WHERE id = ANY(%s)", list(ids)
        )
        by_id = {id_: _document(id_, *rest) for id_, *rest in found}
        return [by_id[id_] for id_ in ids if id_ in by_id]

    def stored(self, rows: Sequence[int]) -> Vectors:
        """Return the vectors of these rows, in their order."""
        query: LiteralString = (
            "SELECT row, vector::real[] FROM groundtune_chunks WHERE row = ANY(%s)"
        )
        by_row = dict(self._all(query, list(rows)))
        return np.array([by_row[row] for row in rows], dtype=np.float32)

    def documents(self) -> dict[str, tuple[str, str]]:
        """Return root and content hash of each ingested document, by its name."""
        rows = self._all("SELECT document, root, sha256 FROM groundtune_documents")
        return {document: (root, sha256) for document, root, sha256 in rows}

    def seen_by(self) -> dict[str, str]:
        """Return who may see each document that not everybody may, by its name."""
        if not self._knows("seen_by"):
            return {}
        query: LiteralString = (
            "SELECT document, seen_by FROM groundtune_documents WHERE seen_by IS NOT NULL"
        )
        return dict(self._all(query))

    def changed(self, documents: Sequence[str]) -> dict[str, str]:
        """Return when the files of documents were last changed, by name, where that is known."""
        if not self._knows("changed"):
            return {}
        query: LiteralString = (
            "SELECT document, changed FROM groundtune_documents "
            "WHERE changed IS NOT NULL AND document = ANY(%s)"
        )
        return dict(self._all(query, list(documents)))

    def text_of(self, document: str) -> str | None:
        """Return a document's whole extracted text, in which all its spans count."""
        query: LiteralString = "SELECT text FROM groundtune_documents WHERE document = %s"
        rows = self._all(query, document)
        return str(rows[0][0]) if rows else None

    def _knows(self, column: str) -> bool:
        return (column,) in self._all(COLUMNS)

    def _all(self, query: LiteralString, *values: Any) -> list[tuple[Any, ...]]:
        return self._connection.execute(query, values).fetchall()


def _condition(where: Filter | None) -> tuple[LiteralString, list[str]]:
    values: list[str] = []
    for key, wanted in (where or {}).items():
        options = list(wanted) if isinstance(wanted, list | tuple) else [wanted]
        values += [key, json.dumps(options)]
    return " AND ".join([FITS] * (len(values) // 2)) or "TRUE", values


def _document(id_: str, text: str, metadata: str) -> Document:
    return Document(id=id_, page_content=text, metadata=json.loads(metadata))


def literal(vector: Vectors) -> str:
    """Write a vector as pgvector reads it."""
    return json.dumps(np.asarray(vector, dtype=np.float32).tolist())
