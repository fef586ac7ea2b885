"""Remember whose each thread is, and what it is about."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TypedDict

from langgraph.store.base import BaseStore, Item

from app.timestamps import timestamp

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
        item = await self._store.aget(PLACE, thread)
        return str(item.value["owner"]) if item else None

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
        item = await self._store.aget(PLACE, thread)
        title = (item.value["title"] if item else "") or question.strip()[:TITLE]
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
        item = await self._store.aget(PLACE, thread)
        if item is not None:
            await self._store.aput(PLACE, thread, {**item.value, "title": title}, index=False)

    async def beside(self, thread: str, owner: str) -> list[str]:
        """Return the owner's threads that go beside this one."""
        owned = {"owner": owner, "beside": thread}
        return [item.key async for item in self._all(owned)]

    async def forget(self, thread: str) -> None:
        """Leave a thread to whoever uses its id next."""
        await self._store.adelete(PLACE, thread)

    async def _all(self, matching: dict[str, str]) -> AsyncIterator[Item]:
        at = 0
        while page := await self._store.asearch(PLACE, filter=matching, limit=PAGE, offset=at):
            at += len(page)
            for item in page:
                yield item

    async def _keep(
        self, thread: str, owner: str, title: str = "", beside: str | None = None
    ) -> None:
        now = timestamp()
        record = {"owner": owner, "title": title, "updated": now, "beside": beside}
        await self._store.aput(PLACE, thread, record, index=False)
