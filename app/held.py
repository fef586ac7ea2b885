"""Hold a lock for as long as a piece of work takes, or say at once that another has it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from app.errors import UserError


@contextmanager
def held(lock: Path, told: str) -> Iterator[None]:
    """Hold a lock's file; raises UserError with what is told where another process holds it."""
    taken = FileLock(lock, timeout=0)
    try:
        taken.acquire()
    except Timeout as error:
        raise UserError(told) from error
    try:
        yield
    finally:
        taken.release()
