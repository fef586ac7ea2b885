"""Note where answers are held and let out, whichever way a run came: page or LangGraph's routes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from langgraph.callbacks import GraphCallbackHandler, GraphInterruptEvent

from app.serving.reviews import Reviews
from app.serving.threads import Threads
from graphs.protocols import Seal
from graphs.sealing import open_held

REVIEWER = "reviewer"
"""Names in a run's metadata who resumed it; never as a client wrote it."""


class Kept(Protocol):
    """Where holds are noted."""

    threads: Threads
    reviews: Reviews


@dataclass
class _Run:
    thread: str
    by: str
    held: bool = False


class Holds(GraphCallbackHandler):
    """Watches each run of the graph that it is a callback of."""

    def __init__(self, kept: Callable[[], Kept], seal: Seal | None) -> None:
        self._kept = kept
        self._seal = seal
        self._runs: dict[UUID | None, _Run] = {}

    async def on_chain_start(
        self, serialized: Any, inputs: Any, *, run_id: UUID, parent_run_id: UUID | None = None,
        metadata: dict[str, Any] | None = None, **kwargs: Any,
    ) -> None:  # fmt: skip
        """Note which thread a run is about."""
        fields = metadata or {}
        if parent_run_id is None and (thread := fields.get("thread_id")):
            self._runs[run_id] = _Run(str(thread), str(fields.get(REVIEWER, "")))

    async def on_interrupt(self, event: GraphInterruptEvent) -> None:
        """Put an answer that waits among those to review, if its thread is kept."""
        run = self._runs.get(event.run_id)
        if run is None or not event.interrupts:
            return
        owner = await self._kept().threads.owner(run.thread)
        if owner is not None:
            run.held = True
            held = open_held(self._seal, event.interrupts[0].value)
            await self._kept().reviews.hold(run.thread, owner, held)

    async def on_chain_end(self, outputs: Any, *, run_id: UUID, **kwargs: Any) -> None:
        """Note what was decided about an answer that waited until this run."""
        run = self._runs.pop(run_id, None)
        if run is None or run.held or not isinstance(outputs, dict):
            return
        if await self._kept().reviews.waits(run.thread):
            await self._decided(run, outputs)

    async def on_chain_error(self, error: BaseException, *, run_id: UUID, **kwargs: Any) -> None:
        """Forget a run that failed; its answer still waits."""
        self._runs.pop(run_id, None)

    async def _decided(self, run: _Run, outputs: dict[str, Any]) -> None:
        decision = outputs.get("review")
        if not decision:  # another question was asked instead
            await self._kept().reviews.drop(run.thread)
            return
        text = outputs["messages"][-1].text if decision == "edit" else ""
        verdict = {"decision": decision, "text": text, "by": run.by}
        await self._kept().reviews.close(run.thread, verdict)
