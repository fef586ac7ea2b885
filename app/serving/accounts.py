"""Keep how each answer came about, so that a thread shows it again as it was shown first."""

from __future__ import annotations

import time
from typing import Any
from uuid import UUID, uuid4

from langgraph.store.base import BaseStore

from app.timestamps import timestamp

PLACE = ("groundtune", "given")
TO_STOP = ("groundtune", "stopped")
MOST_READ = 500  # at once
OUTCOMES = {"answer": "answered", "held": "held", "error": "failed"}
ASKED, STOPPED = "asked", "stopped"
UNDONE = (ASKED, STOPPED, "failed")
"""Outcomes of questions that came to no answer, or to none yet."""


class Account:
    """What became of one question, gathered from the events that are told of it."""

    def __init__(self, question: str, run: UUID | None = None, **about: Any) -> None:
        self._began = time.perf_counter()
        self.run = run or uuid4()
        """Names the question's message and the run that answers it."""
        asked = {"question": question, "asked": timestamp(), "outcome": ASKED}
        self._of: dict[str, Any] = {**about, **asked, "steps": [], "documents": []}

    def note(self, event: dict[str, Any]) -> None:
        """Take in an event of `tell`."""
        kind = event["event"]
        if kind == "start":
            self._of["steps"].append({"node": event["node"], "at_ms": event["at_ms"]})
        elif kind == "end" and self._of["steps"]:
            self._of["steps"][-1]["end_ms"] = event["at_ms"]
        elif kind in OUTCOMES:
            self._of["outcome"] = OUTCOMES[kind]
            for name in ("documents", "message", "confidence"):
                self._of[name] = event.get(name, self._of.get(name))

    def stop(self) -> None:
        """Note that nobody waits for the answer any more, unless it was there before."""
        if self._of["outcome"] == ASKED:
            self._of["outcome"] = STOPPED

    def told(self) -> dict[str, Any]:
        """Return it as it is kept."""
        seconds = round(time.perf_counter() - self._began, 2)
        return {**self._of, "seconds": seconds}


class Given:
    """The accounts of all threads: the passages, the steps, the outcome and the reader's thumb."""

    def __init__(self, store: BaseStore) -> None:
        self._store = store

    async def keep(self, thread: str, run: UUID, account: dict[str, Any]) -> None:
        """Keep one question's account; what was noted about it before stays."""
        known = await self._store.aget((*PLACE, thread), str(run))
        record = {**(known.value if known else {}), **account}
        await self._store.aput((*PLACE, thread), str(run), record, index=False)

    async def knows(self, thread: str, run: UUID) -> bool:
        """Tell whether a thread has an account of a run."""
        return await self._store.aget((*PLACE, thread), str(run)) is not None

    async def of(self, thread: str) -> dict[str, dict[str, Any]]:
        """Return a thread's accounts by run."""
        accounts: dict[str, dict[str, Any]] = {}
        while page := await self._store.asearch(
            (*PLACE, thread), limit=MOST_READ, offset=len(accounts)
        ):
            accounts |= {item.key: item.value for item in page}
        return accounts

    async def stop(self, thread: str) -> None:
        """Ask whichever process answers in a thread to stop."""
        await self._store.aput(TO_STOP, thread, {}, index=False)

    async def stopped(self, thread: str) -> bool:
        """Tell whether a thread's answer is to stop; once."""
        if await self._store.aget(TO_STOP, thread) is None:
            return False
        await self._store.adelete(TO_STOP, thread)
        return True

    async def forget(self, thread: str) -> None:
        """Delete a thread's accounts."""
        await self._store.adelete(TO_STOP, thread)
        for run in await self.of(thread):
            await self._store.adelete((*PLACE, thread), run)
