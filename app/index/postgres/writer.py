"""Write the index within one transaction."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from typing import Any, LiteralString

import psycopg
from langchain_core.documents import Document

from app.index.audience import labelled
from app.index.config import IndexConfig
from app.index.forgotten import Forgotten
from app.index.generation import version_of
from app.index.ids import content_id
from app.index.lexical import title_and_body
from app.index.postgres.snapshot import ADDED, COLUMNS, Connection, literal
from app.index.vectors import Vectors
from app.index.writer import as_json

SCHEMA: LiteralString = """
CREATE EXTENSION IF NOT EXISTS vector;
CREATE TABLE IF NOT EXISTS groundtune_index (
    one BOOLEAN PRIMARY KEY CHECK (one), config TEXT NOT NULL, version TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS groundtune_documents (
    document TEXT PRIMARY KEY, root TEXT NOT NULL, sha256 TEXT NOT NULL, text TEXT NOT NULL,
    seen_by TEXT, changed TEXT
);
CREATE TABLE IF NOT EXISTS groundtune_chunks (
    row BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, id TEXT NOT NULL UNIQUE,
    text TEXT NOT NULL, metadata TEXT NOT NULL, document TEXT, vector vector NOT NULL,
    terms tsvector NOT NULL
);
CREATE TABLE IF NOT EXISTS groundtune_forgotten (
    document TEXT NOT NULL, path TEXT NOT NULL, sha256 TEXT NOT NULL, since TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS groundtune_chunks_document ON groundtune_chunks (document);
CREATE INDEX IF NOT EXISTS groundtune_chunks_terms ON groundtune_chunks USING gin (terms);
"""
TERMS: LiteralString = (
    "setweight(to_tsvector('english', %s), 'A') || setweight(to_tsvector('english', %s), 'B')"
)


class PostgresWriter:
    """What one transaction is about to change; see `IndexWriter`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        there = self._run("SELECT to_regclass('groundtune_chunks') IS NOT NULL").fetchone()
        self._run(SCHEMA)
        stored = self._run("SELECT config FROM groundtune_index").fetchone()
        self.places = IndexConfig.from_record(json.loads(stored[0])).places if stored else None
        """What has to be ingested to build the index anew; None where nobody noted it."""
        if there != (True,):
            # a search reads every vector, and PostgreSQL would keep them apart from their rows
            self._run("ALTER TABLE groundtune_chunks ALTER COLUMN vector SET STORAGE MAIN")
        known = self._run(COLUMNS).fetchall()
        for column in ADDED:
            if (column,) not in known:  # "IF NOT EXISTS" would lock readers out each time
                self._run(f"ALTER TABLE groundtune_documents ADD COLUMN {column} TEXT")

    def documents(self) -> dict[str, tuple[str, str]]:
        """Return root and content hash of each document by now, by its name."""
        rows = self._run("SELECT document, root, sha256 FROM groundtune_documents")
        return {document: (root, sha256) for document, root, sha256 in rows}

    def add(self, chunks: Sequence[Document], vectors: Vectors) -> None:
        """Add chunks with their normalised vectors, shape (chunks, dimension).

        A chunk whose id is there already replaces the old one; of equal ids the last counts.
        """
        unique = {str(chunk.id): at for at, chunk in enumerate(chunks)}
        self.delete(list(unique))
        with self._connection.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO groundtune_chunks (id, text, metadata, document, vector, terms) "
                f"VALUES (%s, %s, %s, %s, %s::vector, {TERMS})",
                [_values(chunks[at], vectors[at]) for at in unique.values()],
            )

    def delete(self, ids: Sequence[str]) -> None:
        """Remove chunks; ids that are not there are ignored."""
        self._run("DELETE FROM groundtune_chunks WHERE id = ANY(%s)", list(ids))

    def put_document(
        self, *, document: str, root: str, sha256: str, text: str,
        seen_by: str | None = None, changed: str | None = None,
    ) -> None:  # fmt: skip
        """Record a document's text, replacing an older one and removing that one's chunks."""
        self.delete_document(document)
        self._run(
            "INSERT INTO groundtune_documents (document, root, sha256, text, seen_by, changed) "
            "VALUES (%s, %s, %s, %s, %s, %s)",
            *(document, root, sha256, text, seen_by, changed),
        )

    def show_document(self, document: str, seen_by: str | None) -> None:
        """Say anew who may see an unchanged document and its chunks; its vectors stay."""
        query: LiteralString = "UPDATE groundtune_documents SET seen_by = %s WHERE document = %s"
        self._run(query, seen_by, document)
        query = "SELECT row, metadata FROM groundtune_chunks WHERE document = %s"
        for row, stored in self._run(query, document).fetchall():
            metadata = as_json(labelled(json.loads(stored), seen_by))
            query = "UPDATE groundtune_chunks SET metadata = %s WHERE row = %s"
            self._run(query, metadata, row)

    def move_document(self, document: str, *, root: str) -> None:
        """Record that an unchanged document now comes from another root."""
        query: LiteralString = "UPDATE groundtune_documents SET root = %s WHERE document = %s"
        self._run(query, root, document)

    def rename_document(self, old: str, new: str, *, root: str) -> None:
        """Give an unchanged document another name; its vectors stay."""
        query: LiteralString = (
            "UPDATE groundtune_documents SET document = %s, root = %s WHERE document = %s"
        )
        self._run(query, new, root, old)
        query = "SELECT row, text, metadata FROM groundtune_chunks WHERE document = %s"
        for row, text, stored in self._run(query, old).fetchall():
            metadata = {**json.loads(stored), "document": new}
            chunk = Document(text, metadata=metadata)
            self._run(
                "UPDATE groundtune_chunks SET id = %s, metadata = %s, document = %s, "
                f"terms = {TERMS} WHERE row = %s",
                content_id(new, str(metadata["start"]), text),
                *(as_json(metadata), new, *title_and_body(chunk), row),
            )

    def delete_document(self, document: str) -> None:
        """Remove a document and all its chunks."""
        self._run("DELETE FROM groundtune_chunks WHERE document = %s", document)
        self._run("DELETE FROM groundtune_documents WHERE document = %s", document)

    def put_forgotten(self, documents: Sequence[Forgotten]) -> None:
        """Replace the list of documents that are not to come back; it outlives a rebuild."""
        self._run("DELETE FROM groundtune_forgotten")
        query: LiteralString = "INSERT INTO groundtune_forgotten VALUES (%s, %s, %s, %s)"
        for each in documents:
            self._run(query, each.document, each.path, each.sha256, each.since)

    def put_places(self, places: Sequence[str]) -> None:
        """Note what has to be ingested to build the index anew; it stays until noted again."""
        self.places = tuple(places)

    def clear(self) -> None:
        """Remove all documents and chunks."""
        self.places = None
        self._run("DELETE FROM groundtune_chunks")
        self._run("DELETE FROM groundtune_documents")

    def save(self, config: IndexConfig) -> None:
        """Name the content anew."""
        config = replace(config, places=self.places or config.places)
        documents = self._streamed(
            'SELECT document, text FROM groundtune_documents ORDER BY document COLLATE "C"'
        )
        chunks = self._streamed(
            'SELECT id, text, metadata FROM groundtune_chunks ORDER BY id COLLATE "C"'
        )
        self._run(
            "INSERT INTO groundtune_index VALUES (true, %s, %s) ON CONFLICT (one) "
            "DO UPDATE SET config = excluded.config, version = excluded.version",
            *(json.dumps(asdict(config)), version_of(config, documents, chunks)),
        )

    def _streamed(self, query: LiteralString) -> Iterator[tuple[Any, ...]]:
        """Yield rows, of which a hundred are in memory at a time: all may not fit."""
        with self._connection.cursor("streamed") as cursor:
            yield from cursor.execute(query)

    def _run(self, query: LiteralString, *values: Any) -> psycopg.Cursor[tuple[Any, ...]]:
        return self._connection.execute(query, values)


def _values(chunk: Document, vector: Vectors) -> tuple[Any, ...]:
    metadata = as_json(chunk.metadata)
    document = chunk.metadata.get("document")
    place = (str(chunk.id), chunk.page_content, metadata, document)
    return (*place, literal(vector), *title_and_body(chunk))
