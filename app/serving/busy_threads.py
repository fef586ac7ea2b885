"""Mark threads that are being answered, for all processes that share a state folder."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from pathlib import Path
from uuid import UUID

from starlette.exceptions import HTTPException

if sys.platform == "win32":
    raise ImportError("Windows lacks locks of bytes that lie beyond a file's end")
else:
    import fcntl

FILE = "busy.lock"
STOPPING_SECONDS = 1.5
LOOK_SECONDS = 0.02
PLACES = 2**62  # bytes of the file that can be locked; none is ever written


class Busy:
    """Threads in use. The system takes a mark back when its process ends, however it ends."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / FILE
        self._opened = -1
        self._own: set[str] = set()

    def open(self) -> None:
        """Open the file, once: a process that closes any handle of a file loses all its locks."""
        if self._opened < 0:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            self._opened = os.open(self._file, os.O_RDWR | os.O_CREAT, 0o600)

    def take(self, thread: str) -> bool:
        """Mark a thread; tell whether it was free."""
        if thread in self._own or not self._lock(thread):
            return False
        self._own.add(thread)
        return True

    async def take_soon(self, thread: str, seconds: float = STOPPING_SECONDS) -> None:
        """Mark a thread, after a run that was stopped just now.

        Raises HTTPException for one that goes on for so many seconds.
        """
        deadline = time.monotonic() + seconds
        while not self.take(thread):
            if time.monotonic() > deadline:
                raise HTTPException(409, "this thread is being answered: wait, or stop it first")
            await asyncio.sleep(LOOK_SECONDS)

    def taken(self, thread: str) -> bool:
        """Tell whether a thread is in use, here or in another process."""
        if self.take(thread):
            self.free(thread)
            return False
        return True

    def free(self, thread: str) -> None:
        """Take the mark back, if it is this process's."""
        if thread in self._own:
            self._own.remove(thread)
            fcntl.lockf(self._opened, fcntl.LOCK_UN, 1, _place(thread))

    def _lock(self, thread: str) -> bool:
        try:
            fcntl.lockf(self._opened, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, _place(thread))
        except BlockingIOError:
            return False
        return True


def _place(thread: str) -> int:
    return UUID(thread).int % PLACES
