"""The rows of an SQL query, each a document."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.errors import UserError
from app.homes import at_home
from app.ingest.addresses import Address
from app.ingest.content import Content, Elsewhere, OnDisk, Room
from app.ingest.extracted import UnreadableFile
from app.ingest.scan import Found, SourceFile, Unreadable

if TYPE_CHECKING:
    from app.ingest.sources.query import Query

_FORM = "sql+DIALECT://HOST/DATABASE#QUERY.sql"


class Rows:
    """The rows of the query that a file holds, over the database that a URL names.

    The first column names a row. A column called `version` tells whether a row changed; all others
    are its text.
    """

    def __init__(self, url: str) -> None:
        whole, _, file = url.partition("#")
        self._address = Address(whole)
        if not file:
            raise UserError(f"{self._address.told} names no query: expected {_FORM}")
        self._file = at_home(file)

    def __str__(self) -> str:
        return f"{self._address.told}/{self._file.stem}"

    @property
    def given(self) -> str:
        """The URL as it is to be given again, without credentials."""
        return f"{self._address.told}#{self._file.absolute()}"

    def find(self, room: Room) -> Found:
        """Run the query: for names and versions alone where it gives versions."""
        sql = self._sql()
        try:
            from app.ingest.sources.query import Query

            return self._found(Query(self._address.url.removeprefix("sql+"), sql), room)
        except UserError:
            raise
        except ImportError as error:
            raise UserError(
                f"{self} needs SQLAlchemy and the database's driver ({error}): run pip install "
                "'groundtune[sql]' and the driver's package"
            ) from None
        except Exception as error:  # drivers raise what they like
            raise UserError(f"{self} cannot be read ({self._reason(error)})") from None

    def _sql(self) -> str:
        try:
            return self._file.read_text(encoding="utf-8").strip().rstrip(";")
        except (OSError, UnicodeDecodeError) as error:
            raise UserError(f"{self._file} cannot be read ({error}): name a file of SQL") from error

    def _found(self, query: Query, room: Room) -> Found:
        found = Found(roots=[str(self)])
        root = self._address.told
        for key, version, row in query.listed():
            name = f"{self._file.stem}/{key}.txt"
            origin = f"{root}/{name}"
            if key is None or origin in found.elsewhere:
                what = "has no name" if key is None else "has the name of another row"
                why = f"{what}: the first column of the query has to name rows"
                found.unreadable[origin] = Unreadable(name, why)
                continue
            found.elsewhere.add(origin)
            content = self._content(query, key, version, row, room)
            found.files.append(SourceFile(name, origin, root, content))
        if not found.elsewhere:
            raise UserError(f"{self} gives no row: nothing was removed")
        return found

    def _content(
        self, query: Query, key: Any, version: str, row: Mapping[str, Any] | None, room: Room
    ) -> Content:
        """Keep a row that came with the list; ask for one that did not when it is read."""
        if row is not None:
            return OnDisk(_kept(row, room))
        return Elsewhere(version, lambda: self._bring(query, key, room))

    def _bring(self, query: Query, key: Any, room: Room) -> Path:
        try:
            row = query.row(key)
        except Exception as error:  # drivers raise what they like
            raise UnreadableFile(f"cannot be fetched ({self._reason(error)})") from None
        if row is None:
            raise UnreadableFile("is gone from the database")
        return _kept(row, room)

    def _reason(self, error: Exception) -> str:
        return self._address.redacted(str(error).partition("\n")[0])


def _kept(row: Mapping[str, Any], room: Room) -> Path:
    """Write a row as a text of one paragraph a column."""
    place = room.new(".txt")
    told = [f"{name}: {value}" for name, value in row.items() if value is not None]
    place.write_text("\n\n".join(told), encoding="utf-8", errors="replace")
    return place
