"""Let the modes of files bind root as they bind everybody else, for as long as a test needs it."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

VERSION = 0x20080522  # of the kernel's structures
OVERRULE = 0b110  # CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH, in the set that is in effect


@contextmanager
def closed(place: Path, mode: int = 0) -> Iterator[None]:
    """Close a folder or file to this thread, and to those that it starts meanwhile."""
    before = place.stat().st_mode
    place.chmod(mode)
    try:
        with _bound():
            yield
    finally:
        place.chmod(before)


@contextmanager
def _bound() -> Iterator[None]:
    if os.geteuid():
        yield  # modes bind whoever is not root
        return
    header, sets = (ctypes.c_uint32 * 2)(VERSION, 0), (ctypes.c_uint32 * 6)()
    system = ctypes.CDLL(None)
    assert system.capget(header, sets) == 0
    before = sets[0]
    sets[0] &= ~OVERRULE
    assert system.capset(header, sets) == 0
    try:
        yield
    finally:
        sets[0] = before
        assert system.capset(header, sets) == 0
