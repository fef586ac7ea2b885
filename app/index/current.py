"""Find the generation of an index that is in use; opens nothing of it."""

from __future__ import annotations

from pathlib import Path

from app.errors import NoIndex

POINTER = "CURRENT"
FORGOTTEN = "FORGOTTEN"  # beside the generations, which it outlives; no suffix, so nothing reads it


def current_folder(index: Path) -> Path | None:
    """Return the folder of the generation in use, or None before the first ingestion."""
    try:
        return index / (index / POINTER).read_text().strip()
    except FileNotFoundError:
        return None


def ingested(index: Path) -> Path:
    """Return the folder of the generation in use; raises NoIndex before the first ingestion."""
    folder = current_folder(index)
    if folder is None:
        raise NoIndex(
            f"there is no index in {index}: run 'groundtune ingest PATH' first, or name another "
            "with --index"
        )
    return folder
