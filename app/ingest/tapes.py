"""Read the members of a tar archive without keeping them, and no more of headers than is due."""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from app.ingest.extracted import UnreadableFile

MOST_HEADER_BYTES = 100_000_000  # 10,000 files with ten kB each; tarfile holds some in memory


class Tape(tarfile.TarFile):
    """A tar archive, however it is packed; its members are read one by one."""

    members: list[tarfile.TarInfo]  # which tarfile keeps, though its types do not say so

    @classmethod
    def taropen(cls, name: Any, mode: Any = "r", fileobj: Any = None, **how: Any) -> Any:
        """Open what is unpacked: tarfile calls this whatever it was packed by."""
        return super().taropen(name, mode, _Measured(fileobj), **how)

    def each(self) -> Iterator[tarfile.TarInfo]:
        """Yield the members; raises UnreadableFile where headers take too much."""
        measured: Any = self.fileobj
        while (info := self.next()) is not None:
            self.members.clear()
            measured.in_headers = False
            yield info
            measured.in_headers = True


@contextmanager
def opened(archive: Path) -> Iterator[Tape]:
    """Open an archive, whatever it is packed by."""
    with archive.open("rb") as file, Tape.open(fileobj=file) as tape:
        yield tape


class _Measured:
    """An unpacked archive of which headers may take so many bytes; the content is not counted."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._left = MOST_HEADER_BYTES
        self.in_headers = True

    def read(self, size: int = -1) -> bytes:
        """Read; a header tells its own length, which may be any number."""
        if self.in_headers:
            self._left -= size
            if size < 0 or self._left < 0:
                most = f"{MOST_HEADER_BYTES // 1_000_000:,} MB"
                raise UnreadableFile(f"has headers of more than {most}: pack it anew")
        return self._file.read(size)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)
