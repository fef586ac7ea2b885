"""Keep what sources told of the versions of their files, so that these are not read again."""

from __future__ import annotations

import sqlite3
from contextlib import closing, suppress
from pathlib import Path

from app.index.written import WrittenDatabase
from app.ingest.readers import check_size
from app.ingest.scan import SourceFile

VERSIONS_FILE = "versions.sqlite"  # in the index's folder
_TABLE = "CREATE TABLE IF NOT EXISTS versions (origin TEXT PRIMARY KEY, version TEXT, sha256 TEXT)"


class Versions:
    """The hashes of files by the versions that their sources tell.

    Without it files are read again, and only that.
    """

    def __init__(self, folder: Path) -> None:
        self._file = folder / VERSIONS_FILE

    def sha256(self, source: SourceFile, max_bytes: int) -> str:
        """Hash a file, or return the hash of its version if that is known.

        Raises UnreadableFile or OSError where it cannot be read, or is larger than allowed.
        """
        version = source.content.version
        if version and (known := self._known(source.origin, version)):
            return known
        check_size(source.place.stat().st_size, max_bytes)  # before reading it all for its hash
        new = source.sha256()
        if version:
            self._note(source.origin, version, new)
        return new

    def _known(self, origin: str, version: str) -> str:
        if not self._file.exists():
            return ""
        query = "SELECT sha256 FROM versions WHERE origin = ? AND version = ?"
        with closing(sqlite3.connect(self._file)) as database, suppress(sqlite3.OperationalError):
            # without its table, as a full disk leaves it, it knows nothing
            found = database.execute(query, (origin, version)).fetchone()
            return str(found[0]) if found else ""
        return ""

    def _note(self, origin: str, version: str, sha256: str) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        with closing(WrittenDatabase(self._file)) as database:
            database.execute(_TABLE)
            database.execute(
                "INSERT OR REPLACE INTO versions VALUES (?, ?, ?)", (origin, version, sha256)
            )
            database.commit()
