"""Keep the index in one SQLite file: GROUNDTUNE_STORE=sqlite:///FOLDER."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np

from app.index.records.mirror import Mirror
from app.index.records.tables import UNTIL, Between, Condition, Record
from app.index.vectors import Vectors


class SqliteDatabase:
    """Tables of one file. What is written stands in it when a call returns."""

    errors: tuple[type[Exception], ...] = (sqlite3.Error,)

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.netloc or len(parts.path) < 2:
            raise ValueError("expected sqlite:///FOLDER")
        self.folder: Path | None = Path(parts.path)
        self.place = f"SQLite ({self.folder})"
        self._file = Path(parts.path) / "index.db"
        self._mirror = Mirror()

    def names(self) -> list[str]:
        """Return the names of the tables; none before the first is made."""
        if not self._file.exists():
            return []
        with self.opened() as file:
            found = file.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            return [name for (name,) in found]

    def create(self, name: str, dimension: int | None = None) -> bool:
        """Make a table; False where it is there already."""
        with self.opened() as file:
            try:
                file.execute(
                    f'CREATE TABLE "{name}" (row INTEGER PRIMARY KEY, text, fields, vector)'
                )
            except sqlite3.OperationalError:
                if name in self.names():
                    return False
                raise
        return True

    def drop(self, name: str) -> None:
        """Delete a table that is there."""
        with self.opened() as file:
            file.execute(f'DROP TABLE "{name}"')

    def table(self, name: str) -> SqliteTable:
        """Return a table that is there."""
        return SqliteTable(self, name, self._mirror)

    def refresh(self) -> None:
        """Do nothing: every call opens the file."""

    @contextmanager
    def opened(self) -> Iterator[sqlite3.Connection]:
        """Open the file for one transaction."""
        self._file.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(self._file, timeout=30)) as file, file:
            yield file


class SqliteTable:
    """Records, whose fields are one JSON object."""

    def __init__(self, database: SqliteDatabase, name: str, mirror: Mirror) -> None:
        self._opened = database.opened
        self._name = name
        self._mirror = mirror

    def put(self, records: Sequence[Record]) -> None:
        """Write records, replacing those with their rows."""
        rows = [
            (r.row, r.text, json.dumps(r.fields), None if r.vector is None else _bytes(r.vector))
            for r in records
        ]
        with self._opened() as file:
            file.executemany(f'INSERT OR REPLACE INTO "{self._name}" VALUES (?, ?, ?, ?)', rows)

    def end(self, rows: Sequence[int], generation: int) -> None:
        """Set the generation in which these records are no longer there."""
        change = f'UPDATE "{self._name}" SET fields = json_set(fields, ?, ?) WHERE row = ?'
        with self._opened() as file:
            file.executemany(change, [(f"$.{UNTIL}", generation, row) for row in rows])

    def remove(self, condition: Condition) -> None:
        """Delete the records for which it holds."""
        where, values = _where([condition])
        with self._opened() as file:
            file.execute(f'DELETE FROM "{self._name}" WHERE {where}', values)

    def rows(self, conditions: Sequence[Condition]) -> list[int]:
        """Return the rows of the records for which all hold."""
        return [row for (row,) in self._select("row", conditions)]

    def get(
        self, rows: Sequence[int], *, texts: bool = True, vectors: bool = False
    ) -> list[Record]:
        """Return the records with these rows that exist."""
        with self._opened() as file:
            found = file.execute(
                f'SELECT * FROM "{self._name}" WHERE row IN (SELECT value FROM json_each(?))',
                [json.dumps(list(rows))],
            ).fetchall()
        return [
            Record(
                row=row,
                text=text,
                fields=json.loads(fields),
                vector=np.frombuffer(vector, np.float32) if vectors else None,
            )
            for row, text, fields, vector in found
        ]

    def dense(
        self, vector: Vectors, k: int, conditions: Sequence[Condition]
    ) -> list[tuple[int, float]]:
        """Compare a vector with every other, which is exact, and slow beyond some 100,000."""
        found = self._select("row, vector", conditions)
        if not found:
            return []
        stored = np.frombuffer(b"".join(each for _, each in found), np.float32)
        cosines = stored.reshape(len(found), -1) @ vector
        best = np.argsort(-cosines, kind="stable")[:k]
        return [(found[at][0], float(cosines[at])) for at in best]

    def lexical(
        self, question: str, k: int, conditions: Sequence[Condition]
    ) -> list[tuple[int, float]]:
        """Return the best rows by BM25, from words that each process keeps in memory."""
        return self._mirror.fitting(self, self._name, question, k, conditions)

    def _select(self, what: str, conditions: Sequence[Condition]) -> list[tuple]:
        where, values = _where(conditions)
        with self._opened() as file:
            query = f'SELECT {what} FROM "{self._name}" WHERE {where} ORDER BY row'
            return file.execute(query, values).fetchall()


def _bytes(vector: Vectors) -> bytes:
    return np.asarray(vector, np.float32).tobytes()


def _where(conditions: Sequence[Condition]) -> tuple[str, list[object]]:
    """Write conditions in SQL, with their values."""
    parts, values = [], []
    for condition in conditions:
        path = f"$.{condition.field}"
        if isinstance(condition, Between):
            parts.append("(json_extract(fields, ?) > ? AND json_extract(fields, ?) < ?)")
            values += [path, condition.low, path, condition.high]
        else:
            missing = "OR json_extract(fields, ?) IS NULL" if condition.or_missing else ""
            one_of = "json_extract(fields, ?) IN (SELECT value FROM json_each(?))"
            parts.append(f"({one_of} {missing})")
            values += [path, json.dumps(condition.values), *[path] * condition.or_missing]
    return " AND ".join(parts), values
