"""Savers of threads with everything that LangGraph's routes ask of one.

LangGraph's own cannot undo a run, and SQLite's cannot prune either: a route that misses its
method leaves run and thread busy for ever.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

Statement = tuple[str, Mapping[str, Any]]

SQLITE_UNDO = (
    """
    DELETE FROM writes WHERE (thread_id, checkpoint_ns, checkpoint_id) IN (
        SELECT thread_id, checkpoint_ns, checkpoint_id FROM checkpoints
        WHERE json_extract(CAST(metadata AS TEXT), '$.run_id') = :run)
    """,
    "DELETE FROM checkpoints WHERE json_extract(CAST(metadata AS TEXT), '$.run_id') = :run",
)
SQLITE_COPY = (
    """
    INSERT OR REPLACE INTO checkpoints
        (thread_id, checkpoint_ns, checkpoint_id, parent_checkpoint_id, type, checkpoint, metadata)
    SELECT :target, checkpoint_ns, checkpoint_id, parent_checkpoint_id, type, checkpoint,
        CAST(json_replace(CAST(metadata AS TEXT), '$.thread_id', :target) AS BLOB)
    FROM checkpoints WHERE thread_id = :source
    """,
    """
    INSERT OR REPLACE INTO writes
        (thread_id, checkpoint_ns, checkpoint_id, task_id, task_path, idx, channel, type, value)
    SELECT :target, checkpoint_ns, checkpoint_id, task_id, task_path, idx, channel, type, value
    FROM writes WHERE thread_id = :source
    """,
)
# Ids of checkpoints grow with time. What was written goes first, for it is found by checkpoints.
SQLITE_PRUNE = tuple(
    f"""
    DELETE FROM {table} WHERE thread_id = :thread AND checkpoint_id < (
        SELECT max(newest.checkpoint_id) FROM checkpoints AS newest
        WHERE newest.thread_id = :thread AND newest.checkpoint_ns = {table}.checkpoint_ns)
    """
    for table in ("writes", "checkpoints")
)
POSTGRES_UNDO = (
    """
    DELETE FROM checkpoint_writes AS written USING checkpoints AS undone
    WHERE undone.metadata ->> 'run_id' = ANY(%(runs)s)
        AND written.thread_id = undone.thread_id
        AND written.checkpoint_ns = undone.checkpoint_ns
        AND written.checkpoint_id = undone.checkpoint_id
    """,
    "DELETE FROM checkpoints WHERE metadata ->> 'run_id' = ANY(%(runs)s)",
)
POSTGRES_COPY = (
    """
    INSERT INTO checkpoints
        (thread_id, checkpoint_ns, checkpoint_id, parent_checkpoint_id, type, checkpoint, metadata)
    SELECT %(target)s, checkpoint_ns, checkpoint_id, parent_checkpoint_id, type, checkpoint,
        jsonb_set(metadata, '{thread_id}', to_jsonb(%(target)s::text), false)
    FROM checkpoints WHERE thread_id = %(source)s ON CONFLICT DO NOTHING
    """,
    """
    INSERT INTO checkpoint_blobs (thread_id, checkpoint_ns, channel, version, type, blob)
    SELECT %(target)s, checkpoint_ns, channel, version, type, blob
    FROM checkpoint_blobs WHERE thread_id = %(source)s ON CONFLICT DO NOTHING
    """,
    """
    INSERT INTO checkpoint_writes
        (thread_id, checkpoint_ns, checkpoint_id, task_id, task_path, idx, channel, type, blob)
    SELECT %(target)s, checkpoint_ns, checkpoint_id, task_id, task_path, idx, channel, type, blob
    FROM checkpoint_writes WHERE thread_id = %(source)s ON CONFLICT DO NOTHING
    """,
)


class SqliteSaver(AsyncSqliteSaver):
    """Keeps the state of threads in an SQLite file."""

    async def adelete_for_runs(self, run_ids: Sequence[str]) -> None:
        """Undo runs: forget every state that they left."""
        await self._change([(sql, {"run": str(run)}) for run in run_ids for sql in SQLITE_UNDO])

    async def acopy_thread(self, source_thread_id: str, target_thread_id: str) -> None:
        """Copy a thread with its history."""
        names = {"source": str(source_thread_id), "target": str(target_thread_id)}
        await self._change([(sql, names) for sql in SQLITE_COPY])

    async def aprune(self, thread_ids: Sequence[str], *, strategy: str = "keep_latest") -> None:
        """Forget the history of threads, or ("delete") the threads."""
        if strategy == "keep_latest":
            old = [(sql, {"thread": str(of)}) for of in thread_ids for sql in SQLITE_PRUNE]
            await self._change(old)
            return
        for thread in thread_ids:
            await self.adelete_thread(thread)

    async def _change(self, statements: Sequence[Statement]) -> None:
        await self.setup()
        async with self.lock, self.conn.cursor() as cursor:
            try:
                for sql, values in statements:
                    await cursor.execute(sql, dict(values))
            except BaseException:
                await self.conn.rollback()
                raise
            await self.conn.commit()


class PostgresSaver(AsyncPostgresSaver):
    """Keeps the state of threads in PostgreSQL."""

    async def adelete_for_runs(self, run_ids: Sequence[str]) -> None:
        """Undo runs: forget every state that they left."""
        runs = {"runs": [str(run) for run in run_ids]}
        await self._change([(sql, runs) for sql in POSTGRES_UNDO])

    async def acopy_thread(self, source_thread_id: str, target_thread_id: str) -> None:
        """Copy a thread with its history."""
        names = {"source": str(source_thread_id), "target": str(target_thread_id)}
        await self._change([(sql, names) for sql in POSTGRES_COPY])

    async def _change(self, statements: Sequence[Statement]) -> None:
        async with self._cursor() as cursor, cursor.connection.transaction():
            for sql, values in statements:
                await cursor.execute(sql, values)
