"""Unpack the files of an archive; knows nothing of what they hold."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path, PurePosixPath
from stat import S_ISLNK
from typing import IO, NamedTuple
from zipfile import ZipFile, ZipInfo

from app.ingest import tapes
from app.ingest.extracted import UnreadableFile

MOST_MEMBERS = 10_000
UNFOLDING = 20  # times the size that one file may have; no archive unpacks to more
_SAYS_UTF_8 = 0x800  # of a ZIP's flags; without it Python takes names for code page 437
_SUFFIXES = (".zip", ".tar", ".tar.gz", ".tgz")


class Entry(NamedTuple):
    """A file in an archive."""

    name: str
    size: int
    link: bool
    encrypted: bool
    open: Callable[[], IO[bytes] | None]

    @property
    def leads_out(self) -> bool:
        """Whether its name leads to a place outside the archive."""
        path = PurePosixPath(self.name)
        return path.is_absolute() or ".." in path.parts or ":" in "".join(path.parts[:1])

    def unpack(self, target: Path) -> None:
        """Write its bytes to a file; raises UnreadableFile where they are damaged."""
        try:
            source = self.open()
            assert source is not None, "links are told apart before"
            with source, target.open("wb") as file:
                shutil.copyfileobj(source, file)
        except Exception as error:  # as below
            reason = str(error) or type(error).__name__
            raise UnreadableFile(f"cannot be unpacked ({reason}): pack it anew") from error


def is_archive(name: str) -> bool:
    """Tell an archive by its name."""
    return name.lower().endswith(_SUFFIXES)


def entries(archive: Path, *, max_bytes: int) -> Iterator[Entry]:
    """Yield the files of an archive, each to be unpacked before the next is asked for.

    Raises UnreadableFile for a damaged archive, or one that unpacks to too much.
    """
    reader = _zipped if archive.suffix.lower() == ".zip" else _taped
    total = 0
    try:
        for count, entry in enumerate(reader(archive), start=1):
            total += entry.size
            if count > MOST_MEMBERS:
                raise UnreadableFile(f"holds more than {MOST_MEMBERS:,} files: split it")
            if total > UNFOLDING * max_bytes:
                most = f"{UNFOLDING * max_bytes // 1_000_000:,} MB"
                raise UnreadableFile(f"unpacks to more than {most}: split it")
            yield entry
    except UnreadableFile:
        raise
    except Exception as error:  # what a parser raises for one archive must not stop the others
        raise UnreadableFile("is not a readable archive") from error


def _zipped(archive: Path) -> Iterator[Entry]:
    with ZipFile(archive) as opened:
        for info in opened.infolist():
            name = _name(info)
            if not name.endswith("/"):
                link = S_ISLNK(info.external_attr >> 16)
                locked = bool(info.flag_bits & 1)
                yield Entry(name, info.file_size, link, locked, partial(opened.open, info))


def _name(info: ZipInfo) -> str:
    """Return the name of a file; macOS and others write UTF-8 without saying so."""
    name = info.filename
    if not info.flag_bits & _SAYS_UTF_8:
        with suppress(UnicodeError):
            name = name.encode("cp437").decode()
    return name.replace("\\", "/")


def _taped(archive: Path) -> Iterator[Entry]:
    with tapes.opened(archive) as tape:
        for info in tape.each():
            if not info.isdir():
                read = partial(tape.extractfile, info)
                yield Entry(info.name, info.size, not info.isreg(), False, read)
