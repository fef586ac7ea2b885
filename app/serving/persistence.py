"""Keep threads, feedback and reviews in SQLite files that survive a kill."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from langchain_core.embeddings import Embeddings
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from langgraph.store.base import BaseStore
from langgraph.store.sqlite.aio import AsyncSqliteStore
from langgraph.store.sqlite.base import SqliteIndexConfig

log = logging.getLogger(__name__)


@asynccontextmanager
async def open_checkpointer(folder: Path) -> AsyncIterator[BaseCheckpointSaver[Any]]:
    """Open what keeps the state of threads, its tables made."""
    async with AsyncSqliteSaver.from_conn_string(
        await asyncio.to_thread(_file, folder / "threads.sqlite")
    ) as saver:
        await saver.setup()
        yield saver


@asynccontextmanager
async def open_store(folder: Path, embeddings: Embeddings) -> AsyncIterator[BaseStore]:
    """Open what keeps everything else; each item's `text` can be searched by meaning.

    Pythons whose SQLite takes no extensions search it by namespace and fields only.
    """
    async with AsyncSqliteStore.from_conn_string(
        await asyncio.to_thread(_file, store_file(folder)),
        index=await asyncio.to_thread(_index, embeddings),
    ) as store:
        # The server and its page both write.
        await store.conn.execute("PRAGMA journal_mode=WAL")
        await store.setup()
        yield store


def _index(embeddings: Embeddings) -> SqliteIndexConfig | None:
    if not hasattr(sqlite3.Connection, "enable_load_extension"):
        log.warning("this Python's SQLite takes no extensions: the store has no search by meaning")
        return None
    dimension = len(embeddings.embed_query("dimension"))
    return {"dims": dimension, "embed": embeddings, "fields": ["text"]}


def store_file(folder: Path) -> Path:
    """Return where a server that keeps its things in `folder` keeps its store."""
    return folder / "store.sqlite"


def _file(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    return str(path)
