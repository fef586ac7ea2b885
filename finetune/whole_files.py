"""Write a file whole or not at all, whenever a kill comes and whoever reads it meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

_SCRATCH = f".{'[0-9a-f]' * 32}.tmp"


def write_whole(file: Path, text: str) -> None:
    """Put a text in place of a file in one step; makes the folder that it lies in."""
    with replacing(file) as scratch:
        scratch.write_text(text, encoding="utf-8")


@contextmanager
def replacing(file: Path) -> Iterator[Path]:
    """Give a path to write to, and put what was written there in place of the file in one step.

    Makes the folder that the file lies in. Where writing fails, the file stays as it was. Of
    several who write at once each has a path of its own, and the last to end counts.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    # not `mkstemp`, whose files nobody else may read
    scratch = file.with_name(f".{uuid4().hex}.tmp")
    try:
        yield scratch
        scratch.replace(file)
    finally:
        scratch.unlink(missing_ok=True)


def drop_scratch(folder: Path) -> list[Path]:
    """Delete what killed writers left in a folder and below, and return it.

    For those alone who keep everybody else from writing there.
    """
    left = list(folder.rglob(_SCRATCH))
    for scratch in left:
        scratch.unlink()
    return left
