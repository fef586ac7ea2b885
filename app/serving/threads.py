"""Remember whose each thread is, and what it is about."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TypedDict

from langgraph.store.base import BaseStore

PLACE = ("groundtune", "threads")
MOST_LISTED = 200
TITLE = 80  # characters


class Thread(TypedDict):
    """One conversation."""

    id: str
    title: str
    updated: str
    """ISO 8601, UTC."""


class Threads:
    """The threads of all users; a thread belongs to whoever used its id first."""

    def __init__(self, store: BaseStore) -> None:
        self._store = store

    async def owner(self, thread: str) -> str | None:
        """Return whose a thread is, if it was used."""
        found = await self._store.aget(PLACE, thread)
        return str(found.value["owner"]) if found else None

    async def claim(self, thread: str, owner: str) -> bool:
        """Make a thread the owner's unless it is another's; tell whether it is the owner's now."""
        known = await self.owner(thread)
        if known is None:
            await self._keep(thread, owner, title="")
        return known in (None, owner)

    async def touch(self, thread: str, owner: str, question: str) -> None:
        """Note that a thread was used just now; its first question becomes its title."""
        found = await self._store.aget(PLACE, thread)
        title = found.value["title"] if found else ""
        await self._keep(thread, owner, title=title or question.strip()[:TITLE])

    async def listed(self, owner: str) -> list[Thread]:
        """Return an owner's threads, latest first."""
        found = await self._store.asearch(PLACE, filter={"owner": owner}, limit=MOST_LISTED)
        threads = [
            Thread(id=item.key, title=item.value["title"], updated=item.value["updated"])
            for item in found
            if item.value["title"]
        ]
        return sorted(threads, key=lambda thread: thread["updated"], reverse=True)

    async def forget(self, thread: str) -> None:
        """Leave a thread to whoever uses its id next."""
        await self._store.adelete(PLACE, thread)

    async def _keep(self, thread: str, owner: str, title: str) -> None:
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        kept = {"owner": owner, "title": title, "updated": now}
        await self._store.aput(PLACE, thread, kept, index=False)
