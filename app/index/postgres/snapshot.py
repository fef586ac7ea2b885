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
# what is not there equals null, as in the index of files
FITS: LiteralString = "coalesce(metadata::jsonb -> %s, 'null') IN (SELECT jsonb_array_elements(%s))"

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

    def matching(self, where: Filter | None) -> list[int] | None:
        """Return the rows whose metadata fits the filter; None where there is no filter."""
        if not where:
            return None
        values: list[Any] = []
        for key, wanted in where.items():
            options = list(wanted) if isinstance(wanted, list | tuple) else [wanted]
            values += [key, json.dumps(options)]
        condition: LiteralString = " AND ".join([FITS] * len(where))
        query: LiteralString = "SELECT row FROM groundtune_chunks WHERE " + condition
        return [row for (row,) in self._all(query + " ORDER BY row", *values)]

    def dense(
        self, vector: Vectors, k: int, among: Sequence[int] | None = None
    ) -> list[tuple[int, float]]:
        """Return the rows nearest to a normalised vector and their cosine, best first."""
        return self._all(
            "SELECT row, -(vector <#> %s::vector) AS score FROM groundtune_chunks "
            "WHERE %s OR row = ANY(%s) ORDER BY score DESC, row LIMIT %s",
            *(literal(vector), among is None, list(among or []), k),
        )

    def lexical(
        self, question: str, k: int, among: Sequence[int] | None = None
    ) -> list[tuple[int, float]]:
        """Return the best rows by PostgreSQL's own rank, normalised by length, best first."""
        return self._all(
            f"SELECT row, ts_rank({WEIGHTS}, terms, query, 1)::float8 AS score "
            "FROM groundtune_chunks, to_tsquery('english', %s) AS query "
            "WHERE terms @@ query AND (%s OR row = ANY(%s)) ORDER BY score DESC, row LIMIT %s",
            " | ".join(f"'{term}'" for term in query_terms(question)),
            *(among is None, list(among or []), k),
        )

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

    def similarities(self, rows: Sequence[int], vector: Vectors) -> list[float]:
        """Return the cosine of each row's vector with a normalised vector."""
        found = self._all(
            "SELECT row, -(vector <#> %s::vector) FROM groundtune_chunks WHERE row = ANY(%s)",
            *(literal(vector), list(rows)),
        )
        by_row = dict(found)
        return [by_row[row] for row in rows]

    def documents(self) -> dict[str, tuple[str, str]]:
        """Return root and content hash of each ingested document, by its name."""
        rows = self._all("SELECT document, root, sha256 FROM groundtune_documents")
        return {document: (root, sha256) for document, root, sha256 in rows}

    def all_chunks(self) -> list[Document]:
        """Return every chunk, in the order of their rows."""
        rows = self._all("SELECT id, text, metadata FROM groundtune_chunks ORDER BY row")
        return [_document(*row) for row in rows]

    def text_of(self, document: str) -> str | None:
        """Return a document's whole extracted text, in which all its spans count."""
        query: LiteralString = "SELECT text FROM groundtune_documents WHERE document = %s"
        rows = self._all(query, document)
        return str(rows[0][0]) if rows else None

    def _all(self, query: LiteralString, *values: Any) -> list[tuple[Any, ...]]:
        return self._connection.execute(query, values).fetchall()


def _document(id_: str, text: str, metadata: str) -> Document:
    return Document(id=id_, page_content=text, metadata=json.loads(metadata))


def literal(vector: Vectors) -> str:
    """Write a vector as pgvector reads it."""
    return json.dumps(np.asarray(vector, dtype=np.float32).tolist())
