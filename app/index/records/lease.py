"""Let one process at a time write to a server that has no locks."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from app.errors import BeingWritten, UserError
from app.index.records.tables import ID, Database, Record

WRITING, ROW = "writing", 1
LEASE_SECONDS = 600  # reading one long scan may take minutes, in which nothing is written
SETTLED_SECONDS = 1.0  # after which two that take over at once see who was the last
NOBODY = ("", 0.0)


@contextmanager
def lease(database: Database, holder: str) -> Iterator[Callable[[], None]]:
    """Hold the right to write, and give what renews it; raises BeingWritten where another has it.

    `holder` names who can hold it only once. What a killed one leaves is taken over by the same
    holder at once, by others when its time is over.
    """
    held = Lease(database, holder)
    held.take()
    try:
        yield held.renew
    finally:
        held.release()


class Lease:
    """The right to write, until it is given back or its time is over."""

    def __init__(self, database: Database, holder: str) -> None:
        self._database = database
        self._holder = holder
        self._until = 0.0

    def take(self) -> None:
        """Take the right, or take it over; raises BeingWritten where another has it."""
        free = self._database.create(WRITING)
        if not free and self._read() == NOBODY:  # its maker is about to write, or was killed
            time.sleep(SETTLED_SECONDS)
        holder, until = NOBODY if free else self._read()
        left = until - time.time()
        if holder != self._holder and left > 0:
            raise BeingWritten(
                f"another process is writing to {self._database.place}: wait until it is done; if "
                f"it was killed, another can write in {left:.0f} seconds"
            )
        self._write()
        if not free:
            time.sleep(SETTLED_SECONDS)
            self._check()

    def renew(self) -> None:
        """Hold it for longer; raises UserError where another has taken it over."""
        self._check()
        if self._until - time.time() < LEASE_SECONDS / 2:
            self._write()

    def release(self) -> None:
        """Give it back, where another has not taken it over."""
        if self._read()[0] == self._holder:
            self._database.drop(WRITING)

    def _check(self) -> None:
        if self._read()[0] != self._holder:
            raise UserError(
                f"another process has begun to write to {self._database.place}: nothing was changed"
            )

    def _read(self) -> tuple[str, float]:
        if WRITING not in self._database.names():
            return NOBODY
        found = self._database.table(WRITING).get([ROW])
        holder, until = json.loads(found[0].text) if found else NOBODY
        return holder, until

    def _write(self) -> None:
        self._until = time.time() + LEASE_SECONDS
        record = Record(row=ROW, text=json.dumps([self._holder, self._until]), fields={ID: WRITING})
        self._database.table(WRITING).put([record])
