"""The words of one generation, for stores that do not search by words themselves."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Hashable, Iterable, Sequence
from threading import Lock
from weakref import finalize

from app.index import full_text
from app.index.records.tables import Between, Condition, Record, Table, as_chunk, read


class Mirror:
    """Words of chunks in SQLite, in memory. It holds one generation, the last that was asked."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._generation: Hashable = None
        self._database = self._empty()

    def fitting(
        self,
        table: Table,
        name: Hashable,
        question: str,
        k: int,
        conditions: Sequence[Condition],
    ) -> list[tuple[int, float]]:
        """Return the best rows of a table by BM25; `name` tells it from others."""
        lives = tuple(each for each in conditions if isinstance(each, Between))
        return self._best_rows(
            (name, lives),
            lambda: read(table, table.rows(lives)),
            question, k, table.rows(conditions) if len(lives) < len(conditions) else None,
        )  # fmt: skip

    def _best_rows(
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
                self._database = self._empty()
                for record in records():
                    full_text.insert_terms(self._database, record.row, as_chunk(record))
                self._generation = generation
            return full_text.best_rows(
                lambda query, values: self._database.execute(query, values).fetchall(),
                question, k, among,
            )  # fmt: skip

    def _empty(self) -> sqlite3.Connection:
        database = sqlite3.connect(":memory:", check_same_thread=False)
        finalize(self, database.close)  # where nobody closes it, Python 3.13 complains
        database.executescript(full_text.SCHEMA)
        return database
