"""Answers that wait for a person, what became of them, and what readers thought of answers."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from langgraph.store.base import BaseStore

from app.timestamps import timestamp

HELD = ("groundtune", "held")
REVIEWED = ("groundtune", "reviewed")
FEEDBACK = ("groundtune", "feedback")
MOST_LISTED = 500


class Reviews:
    """Keeps held answers by their thread, and verdicts and feedback for ever."""

    def __init__(self, store: BaseStore) -> None:
        self._store = store

    async def hold(self, thread: str, owner: str, held: dict[str, Any]) -> None:
        """Note that a thread's answer waits."""
        await self._store.aput(
            HELD, thread, {**held, "owner": owner, "since": timestamp()}, index=False
        )

    async def held(self) -> list[dict[str, Any]]:
        """Return the answers that wait, the longest waiting first."""
        items = await self._store.asearch(HELD, limit=MOST_LISTED)
        waiting = [{"thread": item.key, **item.value} for item in items]
        return sorted(waiting, key=lambda held: held["since"])

    async def waits(self, thread: str) -> bool:
        """Tell whether a thread's answer waits."""
        return await self._store.aget(HELD, thread) is not None

    async def drop(self, thread: str) -> None:
        """Forget a thread's answer that waits."""
        await self._store.adelete(HELD, thread)

    async def close(self, thread: str, verdict: dict[str, Any]) -> None:
        """Keep what was decided about a thread's answer, which waits no longer."""
        item = await self._store.aget(HELD, thread)
        if item is not None:
            decided = {**item.value, **verdict, "thread": thread, "reviewed": timestamp()}
            await self._store.aput(REVIEWED, uuid4().hex, decided, index=False)
        await self.drop(thread)

    async def note(self, feedback: dict[str, Any]) -> None:
        """Keep what a reader thought of an answer."""
        key = f"{feedback['by']} {feedback['run']}"  # the last thumb of a reader counts
        await self._store.aput(FEEDBACK, key, {**feedback, "at": timestamp()}, index=False)
