"""Where the bytes of a file are, on this machine or elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol


class Content(Protocol):
    """The bytes of a file."""

    @property
    def version(self) -> str:
        """What changes when the bytes do, as their source tells it; "" if it tells nothing."""

    def place(self) -> Path:
        """Return a file that holds them; raises UnreadableFile where they cannot be had."""


@dataclass(frozen=True)
class OnDisk:
    """Bytes in a file of this machine."""

    path: Path
    version: str = ""

    def place(self) -> Path:
        """Return the file."""
        return self.path


@dataclass
class Elsewhere:
    """Bytes that are brought here when they are asked for, once."""

    version: str
    bring: Callable[[], Path]
    _place: Path | None = None

    def place(self) -> Path:
        """Return where they were brought to."""
        if self._place is None:
            self._place = self.bring()
        return self._place


@dataclass(frozen=True)
class Room:
    """A folder for the files of archives and sources, and how large these may be."""

    folder: Path
    max_bytes: int
    numbers: Iterator[int] = field(default_factory=count)

    def new(self, suffix: str) -> Path:
        """Return a place for one more file."""
        return self.folder / f"{next(self.numbers)}{suffix}"


@contextmanager
def making_room(max_bytes: int) -> Iterator[Room]:
    """Keep such a folder as long as files are read."""
    with TemporaryDirectory(prefix="groundtune-") as folder:
        yield Room(Path(folder), max_bytes)
