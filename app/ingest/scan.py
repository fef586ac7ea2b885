"""Find the files below the given paths; knows names and sizes, not contents."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.errors import UserError
from app.ingest.readers import SUFFIXES


@dataclass(frozen=True)
class SourceFile:
    """A file to ingest, and the name under which it is cited."""

    document: str
    """Path relative to the ingested folder, with forward slashes."""
    path: Path
    root: str

    def sha256(self) -> str:
        """Hash the file's bytes; raises OSError when they cannot be read."""
        with self.path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()


def find_files(paths: Sequence[Path]) -> list[SourceFile]:
    """List the files of supported types below each path, in a stable order.

    Hidden files and folders are left out, and links to folders are not followed. Raises UserError
    for a path that does not exist and when nothing of a supported type is found.
    """
    files = [file for path in paths for file in _below(path)]
    if not files:
        places = ", ".join(str(path) for path in paths)
        raise UserError(f"no documents in {places}: expected files of type {' '.join(SUFFIXES)}")
    return files


def _below(path: Path) -> Iterator[SourceFile]:
    root = path.expanduser().resolve()
    if root.is_file():
        yield SourceFile(root.name, root, str(root))
        return
    if not root.is_dir():
        raise UserError(f"{path} does not exist: name a folder or file with documents")
    for folder, subfolders, names in os.walk(root):
        subfolders[:] = sorted(name for name in subfolders if not name.startswith("."))
        for name in sorted(names):
            file = Path(folder, name)
            if not name.startswith(".") and file.suffix.lower() in SUFFIXES:
                yield SourceFile(file.relative_to(root).as_posix(), file, str(root))
