"""Connect to the database that holds the index.

Its tables stand in the first schema of the connection's search path.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from langchain_core.embeddings import Embeddings

from app.errors import BeingWritten, NoIndex, UserError, one_line
from app.index.config import IndexConfig
from app.index.forgotten import Forgotten
from app.index.postgres.addresses import readable
from app.index.postgres.snapshot import Connection, PostgresSnapshot
from app.index.postgres.writer import PostgresWriter
from app.index.store import HybridVectorStore
from app.index.writer import only_writer
from app.patience import again

CONNECT_SECONDS = 5
WRITING = 0x67726F75  # the lock of whoever writes, one for each schema


class PostgresVectorStore(HybridVectorStore):
    """Chunks of documents with their vectors, kept in a PostgreSQL database with pgvector.

    Every search and read sees one committed state. `folder` only keeps vectors that wait.
    """

    def __init__(self, url: str, folder: Path, embeddings: Embeddings, config: IndexConfig) -> None:
        super().__init__(folder, embeddings, config)
        self._url = readable(url, "GROUNDTUNE_STORE")

    def exists(self) -> bool:
        """Tell whether anything was ingested yet."""
        with self._connected() as connection:
            return _exists(connection)

    def forgotten(self) -> list[Forgotten]:
        """Return the documents that are not to come back, whatever the index was built with."""
        with self._connected() as connection:
            if not _exists(connection, "groundtune_forgotten"):
                return []
            query = "SELECT document, path, sha256, since FROM groundtune_forgotten"
            found = connection.execute(query).fetchall()
            names = ("document", "path", "sha256", "since")
            return [Forgotten(**dict(zip(names, row, strict=True))) for row in found]

    @contextmanager
    def unchecked(self) -> Iterator[PostgresSnapshot]:
        """Begin a transaction that only reads."""
        with self._connected() as connection:
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            connection.read_only = True
            if not _exists(connection):
                raise NoIndex(
                    f"there is no index in {self.place}: run 'groundtune ingest PATH' first"
                )
            yield PostgresSnapshot(connection)

    @property
    def place(self) -> str:
        """Where the index is, without its password."""
        known = psycopg.conninfo.conninfo_to_dict(self._url)
        return f"PostgreSQL ({known.get('host', 'localhost')}, {known.get('dbname', 'default')})"

    @property
    def option(self) -> str:
        """What tells a command of this place, with a blank before it."""
        return ""  # the setting names the place

    @contextmanager
    def write(self, *, fresh: bool = False) -> Iterator[PostgresWriter]:
        """Change the index in one transaction; see `Index.write`."""
        if not fresh and self.exists():
            self.version  # noqa: B018  # reading it checks that its choices equal ours
        self.folder.mkdir(parents=True, exist_ok=True)
        with only_writer(self.folder), self._connected() as connection:
            locked = connection.execute(
                "SELECT pg_try_advisory_xact_lock(%s, hashtext(current_schema()))", [WRITING]
            )
            if locked.fetchone() != (True,):
                raise BeingWritten(
                    f"another process is writing to {self.place}: wait until it is done"
                )
            writer = PostgresWriter(connection)
            if fresh:
                writer.clear()
            yield writer
            writer.save(self.config)

    @contextmanager
    def _connected(self) -> Iterator[Connection]:
        try:
            with _reached(self._url) as connection:
                yield connection
        except psycopg.Error as error:
            reason = one_line(error)
            raise UserError(f"GROUNDTUNE_STORE cannot be used ({reason})") from error


def _reached(url: str) -> Connection:
    """Connect, again if the server cannot be reached; it does not tell that from a refusal."""
    attempts = again(lambda error: isinstance(error, psycopg.OperationalError))
    connection: Connection = attempts(psycopg.connect, url, connect_timeout=CONNECT_SECONDS)
    return connection


def _exists(connection: Connection, table: str = "groundtune_index") -> bool:
    found = connection.execute("SELECT to_regclass(%s) IS NOT NULL", [table]).fetchone()
    return found == (True,)
