"""Files of an index that are written, and what tells in one line that they cannot be."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from app.errors import UserError, one_line

REFUSED = (sqlite3.OperationalError, RuntimeError)
"""What SQLite and FAISS raise on a full disk; neither is an OSError."""


@contextmanager
def writing(file: Path) -> Iterator[None]:
    """Raise UserError where a library cannot write a file."""
    try:
        yield
    except REFUSED as error:
        raise UserError(
            f"{file} cannot be written ({one_line(error)}): the index is as it was"
        ) from error


class WrittenDatabase(sqlite3.Connection):
    """A SQLite file; raises UserError where it cannot be written."""

    def __init__(self, file: Path) -> None:
        self._file = file
        with writing(file):
            super().__init__(file)

    def execute(self, query: str, values: Any = (), /) -> sqlite3.Cursor:
        """Run a query."""
        with writing(self._file):
            return super().execute(query, values)

    def executemany(self, query: str, rows: Any, /) -> sqlite3.Cursor:
        """Run a query for each row."""
        with writing(self._file):
            return super().executemany(query, rows)

    def executescript(self, script: str, /) -> sqlite3.Cursor:
        """Run several queries."""
        with writing(self._file):
            return super().executescript(script)

    def commit(self) -> None:
        """Keep what was changed; a block of the connection's own would not tell an error so."""
        with writing(self._file):
            super().commit()
