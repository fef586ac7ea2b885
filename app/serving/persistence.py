"""Keep threads, feedback and reviews: in SQLite files that survive a kill, or in PostgreSQL."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, LiteralString

import psycopg
from langchain_core.embeddings import Embeddings
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.store.base import BaseStore, IndexConfig, Op, Result
from langgraph.store.postgres.aio import AsyncPostgresStore
from langgraph.store.sqlite.aio import AsyncSqliteStore
from psycopg.rows import dict_row
from psycopg_pool import AsyncConnectionPool

from app.errors import UserError, one_line
from app.index.postgres.addresses import readable
from app.serving.savers import PostgresSaver, SqliteSaver
from app.serving.settings import ServerSettings

CONNECT_SECONDS = 5
MOST_CONNECTIONS = 8
TABLES = 0x67726F756E64  # the lock of whoever makes the tables
LOOK_SECONDS = 0.1
PROBE = "ready"  # names a thread and an item that nobody keeps
UNKEPT = (OSError, sqlite3.Error, psycopg.Error)
"""What is raised where nothing can be kept: on a full disk, or while the database is gone."""
LEAST_ROOM = 1_000_000  # bytes; a thread takes some thousands

log = logging.getLogger(__name__)


class SqliteStore(AsyncSqliteStore):
    """Keeps items in an SQLite file, and raises SQLite's errors as such."""

    async def abatch(self, ops: Iterable[Op]) -> list[Result]:
        """Read and write; LangGraph's own makes an error of reading a ValueError."""
        try:
            return await super().abatch(ops)
        except ValueError as error:
            if isinstance(error.__cause__, sqlite3.Error):
                raise error.__cause__ from None
            raise


@asynccontextmanager
async def open_checkpointer(settings: ServerSettings) -> AsyncIterator[BaseCheckpointSaver[Any]]:
    """Open what keeps the state of threads, its tables made."""
    if url := _database(settings):
        async with _pool(url) as pool:
            saver = PostgresSaver(pool)
            async with _alone(pool):
                await saver.setup()
            yield saver
        return
    file = await asyncio.to_thread(_file, threads_file(settings.state))
    async with SqliteSaver.from_conn_string(file) as embedded:
        await embedded.setup()
        yield embedded


@asynccontextmanager
async def open_store(settings: ServerSettings, embeddings: Embeddings) -> AsyncIterator[BaseStore]:
    """Open what keeps everything else; each item's `text` can be searched by meaning.

    Where SQLite takes no extensions, or PostgreSQL has no pgvector, items are found by namespace
    and fields only.
    """
    dimension = len(await asyncio.to_thread(embeddings.embed_query, "dimension"))
    index: Any = IndexConfig(dims=dimension, embed=embeddings, fields=["text"])
    if url := _database(settings):
        async with _pool(url) as pool:
            store = AsyncPostgresStore(pool, index=index if await _has_vectors(pool) else None)
            async with _alone(pool):
                await store.setup()
            yield store
        return
    file = await asyncio.to_thread(_file, store_file(settings.state))
    known = index if hasattr(sqlite3.Connection, "enable_load_extension") else None
    async with SqliteStore.from_conn_string(file, index=known) as embedded:
        # The server and its page both write.
        await embedded.conn.execute("PRAGMA journal_mode=WAL")
        await embedded.setup()
        yield embedded


def no_room(folder: Path) -> str:
    """Return why nothing can be kept in a folder, which is made, or nothing."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=folder, prefix=".room-") as probe:
            probe.write(b"\0" * LEAST_ROOM)
    except OSError as error:
        return str(error.strerror)
    return ""


def check_database(settings: ServerSettings) -> None:
    """Raise UserError unless the database answers, if one is set."""
    if url := _database(settings):
        try:
            psycopg.connect(url, connect_timeout=CONNECT_SECONDS).close()
        except psycopg.Error as error:
            reason = one_line(error)
            raise UserError(f"GROUNDTUNE_DATABASE cannot be used ({reason})") from error


async def unreadable(
    settings: ServerSettings, saver: BaseCheckpointSaver[Any], store: BaseStore
) -> str:
    """Return why nothing of what is kept can be read, or nothing; the log tells more."""
    if not settings.database_url():  # SQLite goes on writing to a file that was deleted
        for file in (threads_file(settings.state), store_file(settings.state)):
            if not await asyncio.to_thread(file.exists):
                return f"{file.name} was deleted while the server ran"
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            await saver.aget_tuple({"configurable": {"thread_id": PROBE}})
            await store.aget((PROBE,), PROBE)
    except UNKEPT:
        log.warning("the database cannot be read", exc_info=True)
        return "the database cannot be read"
    return ""


def threads_file(folder: Path) -> Path:
    """Return where a server that keeps its things in `folder` keeps the state of threads."""
    return folder / "threads.sqlite"


def store_file(folder: Path) -> Path:
    """Return where a server that keeps its things in `folder` keeps its store."""
    return folder / "store.sqlite"


def _database(settings: ServerSettings) -> str:
    """Return the database's URL, or nothing; raises UserError for one that is misread."""
    url = settings.database_url()
    return readable(url, "GROUNDTUNE_DATABASE") if url else ""


@asynccontextmanager
async def _pool(url: str) -> AsyncIterator[AsyncConnectionPool[Any]]:
    pool: AsyncConnectionPool[Any] = AsyncConnectionPool(
        url,
        max_size=MOST_CONNECTIONS,
        timeout=CONNECT_SECONDS,
        open=False,
        check=AsyncConnectionPool.check_connection,  # a database may be started anew
        kwargs={"autocommit": True, "prepare_threshold": 0, "row_factory": dict_row},
    )
    async with pool:
        yield pool


@asynccontextmanager
async def _alone(pool: AsyncConnectionPool[Any]) -> AsyncIterator[None]:
    """Keep other workers out: two that make the same tables at once fail.

    Asks again and again instead of waiting in the database: some indexes are made concurrently,
    and that waits for every statement that waits.
    """
    async with pool.connection() as connection:
        while not await _holds(connection, "SELECT pg_try_advisory_lock(%s) AS yes"):
            await asyncio.sleep(LOOK_SECONDS)
        try:
            yield
        finally:
            await _holds(connection, "SELECT pg_advisory_unlock(%s) AS yes")


async def _holds(connection: psycopg.AsyncConnection[Any], query: LiteralString) -> bool:
    answer = await (await connection.execute(query, [TABLES])).fetchone()
    return bool(answer and answer["yes"])


async def _has_vectors(pool: AsyncConnectionPool[Any]) -> bool:
    async with pool.connection() as connection:
        cursor = await connection.execute(
            "SELECT 1 FROM pg_available_extensions WHERE name = 'vector'"
        )
        return await cursor.fetchone() is not None


def _file(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    return str(path)
