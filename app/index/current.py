"""Find the generation of an index that is in use; opens nothing of it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

from app.errors import NoIndex

POINTER = "CURRENT"
FORGOTTEN = "FORGOTTEN"  # beside the generations, which it outlives; no suffix, so nothing reads it


class Pointed(NamedTuple):
    """The generation in use, and which file says so.

    An index that is deleted and made anew, or put back from a copy, gives folders the same names.
    """

    folder: Path
    inode: int
    written: int


def pointed(index: Path) -> Pointed | None:
    """Return what the pointer says, or None before the first ingestion."""
    try:
        with (index / POINTER).open(encoding="utf-8", errors="replace") as file:
            known = os.fstat(file.fileno())
            return Pointed(index / file.read().strip(), known.st_ino, known.st_mtime_ns)
    except FileNotFoundError:
        return None


def current_folder(index: Path) -> Path | None:
    """Return the folder of the generation in use, or None before the first ingestion."""
    found = pointed(index)
    return found.folder if found else None


def ingested(index: Path) -> Path:
    """Return the folder of the generation in use; raises NoIndex before the first ingestion."""
    folder = current_folder(index)
    if folder is None:
        raise NoIndex(
            f"there is no index in {index}: run 'groundtune ingest PATH' first, or name another "
            "with --index"
        )
    return folder
