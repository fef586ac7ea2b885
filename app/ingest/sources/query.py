"""An SQL query whose rows can be listed and asked for one by one; knows nothing of documents."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from sqlalchemy import NullPool, column, create_engine, select, text

VERSION = "version"
"""Name of the column that changes whenever a row does."""


class Listed(NamedTuple):
    """A row of a list."""

    key: Any
    """Value of the first column."""
    version: str
    row: Mapping[str, Any] | None
    """The row itself where the query gives no versions."""


class Query:
    """A query over the database of a URL. Raises whatever SQLAlchemy or a driver does."""

    def __init__(self, url: str, sql: str) -> None:
        self._engine = create_engine(url, poolclass=NullPool)
        with self._engine.connect() as connection:
            names = list(
                connection.execution_options(stream_results=True).execute(text(sql)).keys()
            )
        self._versioned = VERSION in names
        self._rows = text(sql).columns(*map(column, names)).subquery("listed")
        self._key = self._rows.columns[names[0]]

    def listed(self) -> Iterator[Listed]:
        """Yield all rows: names and versions alone where there are versions."""
        wanted = [self._key, self._rows.columns[VERSION]] if self._versioned else [self._rows]
        with self._engine.connect() as connection:
            found = connection.execution_options(stream_results=True).execute(select(*wanted))
            for row in found.mappings():
                version = row.get(VERSION)
                told = "" if version is None else str(version)
                yield Listed(row[self._key.name], told, None if self._versioned else dict(row))

    def row(self, key: Any) -> Mapping[str, Any] | None:
        """Return one row without its version; None if it is gone."""
        told = [each for each in self._rows.columns if each.name != VERSION]
        with self._engine.connect() as connection:
            asked = select(*told).where(self._key == key)
            found = connection.execute(asked).mappings().first()
        return dict(found) if found is not None else None
