"""Find the files below the given paths; knows names and sizes, not contents."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from errno import ELOOP
from pathlib import Path, PurePath, PurePosixPath
from stat import S_IFREG, S_ISLNK, S_ISREG
from typing import NamedTuple

from app.errors import UserError
from app.homes import at_home
from app.ingest.addresses import is_url
from app.ingest.archives import Entry, entries, is_archive
from app.ingest.content import Content, OnDisk, Room
from app.ingest.extracted import UnreadableFile
from app.ingest.readers import SUFFIXES, check_size
from app.ingest.wiki_pages import NO_ARTICLE, REDIRECT

_ARCHIVE = "archive that --archives opens"
_NESTED = "archive inside an archive"
ARCHIVE_ELSEWHERE = "archive that is not on this machine"
ANOTHER_SITE = "page of another site"
SUBMODULE = "submodule"
_PLURAL = {
    "link": "links",
    "pipe or device": "pipes or devices",
    _ARCHIVE: "archives that --archives opens",
    _NESTED: "archives inside archives",
    ARCHIVE_ELSEWHERE: "archives that are not on this machine",
    ANOTHER_SITE: "pages of another site",
    SUBMODULE: "submodules",
    REDIRECT: "redirects",
    NO_ARTICLE: "pages of a wiki that are no articles",
}


@dataclass(frozen=True)
class SourceFile:
    """A file to ingest, and the name under which it is cited."""

    document: str
    """Path relative to the ingested folder, with forward slashes."""
    origin: str
    """Path or URL that names the file, on this machine or elsewhere."""
    root: str
    content: Content

    @property
    def place(self) -> Path:
        """Where its bytes are; raises UnreadableFile where they cannot be brought here."""
        return self.content.place()

    def changed(self) -> str | None:
        """Return when it was last changed, by ISO 8601; None if it is no file of this machine."""
        try:
            at = Path(self.origin).stat().st_mtime
        except OSError:
            return None
        return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds")

    def sha256(self) -> str:
        """Hash the file's bytes; raises OSError when they cannot be read."""
        with self.place.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()


class Unreadable(NamedTuple):
    """What cannot be read, in words."""

    name: str
    reason: str


@dataclass
class Found:
    """What lies below the given paths."""

    files: list[SourceFile] = field(default_factory=list)
    roots: list[str] = field(default_factory=list)
    unreadable: dict[str, Unreadable] = field(default_factory=dict)
    """Folders that cannot be listed and files that cannot be read or named, by origin."""
    left_out: Counter[str] = field(default_factory=Counter)
    """How many files of each type are not read, and how many links and hidden entries."""
    elsewhere: set[str] = field(default_factory=set)
    """URLs of all that sources hold, read or not."""

    def holds(self, origin: str) -> bool:
        """Tell whether a file is there, for one that was listed or is on this machine."""
        return origin in self.elsewhere if is_url(origin) else is_there(origin)

    def add(self, other: Found) -> None:
        """Add what lies elsewhere."""
        self.files += other.files
        self.roots += other.roots
        self.unreadable |= other.unreadable
        self.left_out += other.left_out
        self.elsewhere |= other.elsewhere


def is_there(place: str) -> bool:
    """Tell whether a path leads to something; one that nobody here may look at counts as there.

    `Path.exists` raises for such a path, or says that nothing is there, by the version of Python.
    """
    try:
        Path(place).stat()
    except (FileNotFoundError, NotADirectoryError, ValueError):  # the last: no file is called so
        return False
    except OSError as error:
        return error.errno != ELOOP  # links that lead to each other lead nowhere
    return True


def told_left_out(left_out: Mapping[str, int]) -> str:
    """Say in words what was not read: "3 .png, 2 links, 1 hidden"."""
    return ", ".join(
        f"{count} {_PLURAL.get(kind, kind) if count > 1 else kind}"
        for kind, count in sorted(left_out.items(), key=lambda item: (-item[1], item[0]))
    )


def find_files(paths: Sequence[Path], opened: Room | None = None) -> Found:
    """List the files of supported types below each path, in a stable order.

    Hidden files and folders, links, pipes and other types are counted, and a file that two paths
    bring under the same name counts once. Archives are opened if `opened` is given. Raises
    UserError for a path that does not exist.
    """
    found = Found()
    for path in paths:
        root = root_of(path)
        found.roots.append(str(root))
        if root.is_file() and is_archive(root.name):
            _open(root, root.parent, found, opened)
        elif root.is_file():
            found.files.append(SourceFile(root.name, str(root), str(root), OnDisk(root)))
        else:
            _walk(root, found, opened)
    found.files = list({(file.origin, file.document): file for file in found.files}.values())
    return found


def root_of(path: Path) -> Path:
    """Return where a given path is; raises UserError where there is nothing to read."""
    root = at_home(path).resolve()
    if not (root.is_file() or root.is_dir()):
        raise UserError(f"{path} does not exist: name a folder or file with documents")
    return root


def _walk(root: Path, found: Found, opened: Room | None) -> None:
    def keep_reason(error: OSError) -> None:
        name = str(error.filename)
        found.unreadable[name] = Unreadable(name, f"cannot be listed ({error.strerror})")

    for folder, subfolders, names in os.walk(root, onerror=keep_reason):
        visible = [
            n for n in subfolders if not n.startswith(".") and not S_ISLNK(_mode(Path(folder, n)))
        ]
        for name in subfolders:
            if name not in visible:
                found.left_out["hidden" if name.startswith(".") else "link"] += 1
        subfolders[:] = sorted(visible)
        for name in sorted(names):
            _take(Path(folder, name), root, found, opened)


def _take(file: Path, root: Path, found: Found, opened: Room | None) -> None:
    kind = _left_out(file)
    to_open = opened is not None and kind == _ARCHIVE
    if kind and not to_open:
        found.left_out[kind] += 1
    elif not _is_utf8(str(file)):
        shown = os.fsencode(file).decode(errors="replace")
        found.unreadable[str(file)] = Unreadable(shown, "has a name that is not UTF-8: rename it")
    elif to_open:
        _open(file, root, found, opened)
    else:
        document = file.relative_to(root).as_posix()
        found.files.append(SourceFile(document, str(file), str(root), OnDisk(file)))


def _open(archive: Path, root: Path, found: Found, opened: Room | None) -> None:
    """List the files of an archive as if it were a folder; none where it cannot be read whole."""
    name = str(archive)
    if opened is None:
        found.unreadable[name] = Unreadable(name, "is an archive: --archives opens it")
        return
    inside = Found()
    try:
        for entry in entries(archive, max_bytes=opened.max_bytes):
            _unpack(entry, archive, root, inside, opened)
    except UnreadableFile as error:
        found.unreadable[name] = Unreadable(name, error.reason)
        return
    found.files += inside.files
    found.unreadable |= inside.unreadable
    found.left_out += inside.left_out


def _unpack(entry: Entry, archive: Path, root: Path, inside: Found, opened: Room) -> None:
    name = PurePosixPath(entry.name)
    document = f"{archive.relative_to(root).as_posix()}/{name}"
    origin = str(root / document)
    if reason := _misnamed(entry):
        shown = document.encode(errors="replace").decode()
        inside.unreadable[origin] = Unreadable(shown, reason)
    elif kind := "link" if entry.link else left_out_by_name(name, _NESTED):
        inside.left_out[kind] += 1
    elif entry.encrypted:
        reason = "is encrypted: pack it without a password"
        inside.unreadable[origin] = Unreadable(document, reason)
    else:
        place = opened.new(name.suffix)
        try:
            check_size(entry.size, opened.max_bytes)
            entry.unpack(place)
        except UnreadableFile as error:
            inside.unreadable[origin] = Unreadable(document, error.reason)
            return
        inside.files.append(SourceFile(document, origin, str(root), OnDisk(place)))


def _misnamed(entry: Entry) -> str:
    """Say why no file can have the name of an entry; "" for a name to keep."""
    if not _is_utf8(entry.name):
        return "has a name that is not UTF-8: rename it"
    if "\0" in entry.name:
        return "has a name with a zero byte: pack it anew"
    return "has a name that leads out of its archive: pack it anew" if entry.leads_out else ""


def left_out_by_name(name: PurePosixPath, archive: str) -> str:
    """Say by its name why a file is none to read; "" for one to read. Archives get their word."""
    if any(part.startswith(".") for part in name.parts):
        return "hidden"
    return archive if is_archive(name.name) else _other_type(name)


def _left_out(file: Path) -> str:
    """Say why a file is none to read: its type, or what it is; "" for one to read."""
    if file.name.startswith("."):
        return "hidden"
    if S_ISLNK(mode := _mode(file)):
        return "link"
    if is_archive(file.name):
        return _ARCHIVE
    return _other_type(file) or ("" if S_ISREG(mode) else "pipe or device")


def _other_type(file: PurePath) -> str:
    suffix = file.suffix.lower()
    return "" if suffix in SUFFIXES else suffix or "without a suffix"


def _mode(file: Path) -> int:
    """Return what kind of entry a file is; a plain one where that cannot be told."""
    try:
        return file.lstat().st_mode
    except OSError:  # reading it will tell the reason
        return S_IFREG


def _is_utf8(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True
