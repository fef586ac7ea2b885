"""Remember whose each thread is, and what it is about."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import TypedDict

from langgraph.store.base import BaseStore, Item

PLACE = ("groundtune", "threads")
MOST_LISTED = 200
PAGE = 500  # read from the store at once
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

    async def listed(self, owner: str, words: str = "", skip: int = 0) -> list[Thread]:
        """Return up to MOST_LISTED of an owner's threads, latest first, after those to skip.

        With `words`, only those whose title holds each of them.
        """
        wanted = words.casefold().split()
        threads = [
            Thread(id=item.key, title=item.value["title"], updated=item.value["updated"])
            async for item in self._all({"owner": owner})
            if item.value["title"] and all(w in item.value["title"].casefold() for w in wanted)
        ]
        threads.sort(key=lambda thread: thread["updated"], reverse=True)
        return threads[skip : skip + MOST_LISTED]

    async def rename(self, thread: str, title: str) -> None:
        """Give a thread that is there another title."""
        found = await self._store.aget(PLACE, thread)
        if found is not None:
            await self._store.aput(PLACE, thread, {**found.value, "title": title}, index=False)

    async def beside(self, thread: str, owner: str) -> list[str]:
        """Return the owner's threads that go beside this one."""
        of = {"owner": owner, "beside": thread}
        return [item.key async for item in self._all(of)]

    async def forget(self, thread: str) -> None:
        """Leave a thread to whoever uses its id next."""
        await self._store.adelete(PLACE, thread)

    async def _all(self, of: dict[str, str]) -> AsyncIterator[Item]:
        at = 0
        while found := await self._store.asearch(PLACE, filter=of, limit=PAGE, offset=at):
            at += len(found)
            for item in found:
                yield item

    async def _keep(
        self, thread: str, owner: str, title: str = "", beside: str | None = None
    ) -> None:
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        kept = {"owner": owner, "title": title, "updated": now, "beside": beside}
        await self._store.aput(PLACE, thread, kept, index=False)
