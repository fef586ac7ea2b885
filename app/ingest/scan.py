"""Find the files below the given paths; knows names and sizes, not contents."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from stat import S_ISREG

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


@dataclass
class Found:
    """What lies below the given paths."""

    files: list[SourceFile] = field(default_factory=list)
    roots: list[Path] = field(default_factory=list)
    unreadable: dict[str, str] = field(default_factory=dict)
    """Folders that cannot be listed and files that cannot be named, each with its reason."""
    left_out: Counter[str] = field(default_factory=Counter)
    """How many files of each type are not read, and how many links and hidden entries."""


def find_files(paths: Sequence[Path]) -> Found:
    """List the files of supported types below each path, in a stable order.

    Hidden files and folders, links, pipes and other types are counted, and a file that two paths
    bring under the same name counts once. Raises UserError for a path that does not exist.
    """
    found = Found()
    for path in paths:
        root = path.expanduser().resolve()
        if not (root.is_file() or root.is_dir()):
            raise UserError(f"{path} does not exist: name a folder or file with documents")
        found.roots.append(root)
        if root.is_file():
            found.files.append(SourceFile(root.name, root, str(root)))
        else:
            _walk(root, found)
    found.files = list({(file.path, file.document): file for file in found.files}.values())
    return found


def _walk(root: Path, found: Found) -> None:
    def keep_reason(error: OSError) -> None:
        found.unreadable[str(error.filename)] = f"cannot be listed ({error.strerror})"

    for folder, subfolders, names in os.walk(root, onerror=keep_reason):
        kept = [n for n in subfolders if not n.startswith(".") and not Path(folder, n).is_symlink()]
        for name in subfolders:
            if name not in kept:
                found.left_out["hidden" if name.startswith(".") else "link"] += 1
        subfolders[:] = sorted(kept)
        for name in sorted(names):
            file = Path(folder, name)
            if kind := _left_out(file):
                found.left_out[kind] += 1
            elif _is_utf8(str(file)):
                found.files.append(SourceFile(file.relative_to(root).as_posix(), file, str(root)))
            else:
                shown = os.fsencode(file).decode(errors="replace")
                found.unreadable[shown] = "has a name that is not UTF-8: rename it"


def _left_out(file: Path) -> str:
    """Say why a file is none to read: its type, or what it is; "" for one to read."""
    if file.name.startswith("."):
        return "hidden"
    if file.is_symlink():
        return "link"
    if file.suffix.lower() not in SUFFIXES:
        return file.suffix.lower() or "without a suffix"
    return "" if _is_plain(file) else "pipe or device"


def _is_plain(file: Path) -> bool:
    try:
        return S_ISREG(file.lstat().st_mode)
    except OSError:  # reading it will tell the reason
        return True


def _is_utf8(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True
