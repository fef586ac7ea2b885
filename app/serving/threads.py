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
            await self._keep(thread, owner)
        return known in (None, owner)

    async def touch(self, thread: str, owner: str, question: str, beside: str | None) -> None:
        """Note that a thread was used just now; its first question becomes its title.

        One that goes beside another has none, and is not listed.
        """
        found = await self._store.aget(PLACE, thread)
        title = (found.value["title"] if found else "") or question.strip()[:TITLE]
        await self._keep(thread, owner, title="" if beside else title, beside=beside)

    async def listed(self, owner: str) -> list[Thread]:
        """Return an owner's threads, latest first."""
        found = await self._store.asearch(PLACE, filter={"owner": owner}, limit=MOST_LISTED)
        threads = [
            Thread(id=item.key, title=item.value["title"], updated=item.value["updated"])
            for item in found
            if item.value["title"]
        ]
        return sorted(threads, key=lambda thread: thread["updated"], reverse=True)

    async def beside(self, thread: str, owner: str) -> list[str]:
        """Return the owner's threads that go beside this one."""
        of = {"owner": owner, "beside": thread}
        found = await self._store.asearch(PLACE, filter=of, limit=MOST_LISTED)
        return [item.key for item in found]

    async def forget(self, thread: str) -> None:
        """Leave a thread to whoever uses its id next."""
        await self._store.adelete(PLACE, thread)

    async def _keep(
        self, thread: str, owner: str, title: str = "", beside: str | None = None
    ) -> None:
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        kept = {"owner": owner, "title": title, "updated": now, "beside": beside}
        await self._store.aput(PLACE, thread, kept, index=False)
