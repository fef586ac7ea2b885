"""Tell whether the runs of LangGraph's server are taken up; only inside that server."""

from __future__ import annotations

from langgraph_runtime.database import connect
from langgraph_runtime.metrics import get_metrics
from langgraph_runtime.ops import Runs

PATIENCE_S = 20.0  # a worker that is free takes up a run within a second


async def standing() -> str:
    """Return why runs wait for nothing, or "" while the queue moves."""
    async with connect() as connection:
        stats = await Runs.stats(connection)
    waited = stats["pending_runs_wait_time_max_secs"] or 0.0
    if get_metrics()["workers"]["active"] or waited < PATIENCE_S:
        return ""
    return f"{stats['n_pending']} runs wait, for {waited:.0f} s, and none is worked on"
