"""The words of one generation, for stores that do not search by words themselves."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Hashable, Iterable, Sequence
from threading import Lock

from app.index import full_text
from app.index.records.tables import Record, as_chunk


class Mirror:
    """Words of chunks in SQLite, in memory. It holds one generation, the last that was asked."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._generation: Hashable = None
        self._database = _empty()

    def best_rows(
        self,
        generation: Hashable,
        records: Callable[[], Iterable[Record]],
        question: str,
        k: int,
        among: Sequence[int] | None,
    ) -> list[tuple[int, float]]:
        """Return the best rows by BM25; `records` reads a generation that is not held yet."""
        with self._lock:
            if generation != self._generation:
                self._database.close()
                self._database = _empty()
                for record in records():
                    full_text.insert_terms(self._database, record.row, as_chunk(record))
                self._generation = generation
            return full_text.best_rows(
                lambda query, values: self._database.execute(query, values).fetchall(),
                question, k, among,
            )  # fmt: skip


def _empty() -> sqlite3.Connection:
    database = sqlite3.connect(":memory:", check_same_thread=False)
    database.executescript(full_text.SCHEMA)
    return database
