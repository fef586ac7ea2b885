"""Search by words in SQLite: BM25 over a title and a body, a title's terms counting more."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Sequence
from typing import Any

from langchain_core.documents import Document

from app.index.lexical import match_query, title_and_body

TITLE_WEIGHT = 2.0  # a term in the title says more about a chunk than one in its body
SATURATION, LENGTH_SHARE = 1.2, 0.75  # k1 and b of SQLite's BM25, which other stores are given
SCHEMA = """
CREATE VIRTUAL TABLE lexical USING fts5 (
    title, body, tokenize = 'porter unicode61 remove_diacritics 2'
);
"""

Read = Callable[[str, Sequence[Any]], list[tuple[Any, ...]]]
"""Run a query with its values and return all rows."""


def insert_terms(database: sqlite3.Connection, row: int, chunk: Document) -> None:
    """Make a chunk findable by its words."""
    database.execute(
        "INSERT INTO lexical (rowid, title, body) VALUES (?, ?, ?)", (row, *title_and_body(chunk))
    )


def best_rows(
    read: Read, question: str, k: int, among: Sequence[int] | None = None
) -> list[tuple[int, float]]:
    """Return the best rows by BM25 and their score (higher is better), best first."""
    query = match_query(question)
    if not query:
        return []
    # +rowid: without the sign SQLite repeats the full-text search for each of the rows
    found = read(
        f"SELECT rowid, -bm25(lexical, {TITLE_WEIGHT}, 1.0) AS score FROM lexical "
        "WHERE lexical MATCH ? AND (? OR +rowid IN (SELECT value FROM json_each(?))) "
        "ORDER BY score DESC, rowid LIMIT ?",
        [query, among is None, json.dumps(list(among or [])), k],
    )
    return [(int(row), float(score)) for row, score in found]
