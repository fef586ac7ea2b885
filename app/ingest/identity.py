"""Name files: one path is one document, under the name that it came in with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

from app.index.forgotten import Forgotten
from app.ingest.addresses import is_url
from app.ingest.archives import is_archive
from app.ingest.scan import Found, SourceFile, is_there

Known = Mapping[str, tuple[str, str]]
"""Root and content hash of each document in the index, by its name."""


@dataclass(frozen=True)
class Unwanted:
    """Files that an index is not to take in, by their places and by their bytes."""

    origins: frozenset[str]
    hashes: frozenset[str]

    @classmethod
    def of(cls, documents: Iterable[Forgotten]) -> Self:
        """Return the files of documents that were forgotten."""
        known = list(documents)
        origins = frozenset(each.path for each in known)
        return cls(origins, frozenset(each.sha256 for each in known))

    def holds(self, origin: str, sha256: str) -> bool:
        """Tell whether a file with these bytes is one of them."""
        return sha256 in self.hashes or origin in self.origins


def settled(files: Sequence[SourceFile], known: Known) -> list[SourceFile]:
    """Give each file the name of its document in the index, or a new one that is free.

    A file that two roots bring is one document. Of two files of one name the second is named with
    the folders above it, as many as it takes.
    """
    names = {origin(root, name): (name, root) for name, (root, _) in known.items()}
    taken = {name for place, (name, _) in names.items() if is_url(place) or _is_held(place)}
    named: dict[str, SourceFile] = {}
    for file in files:
        if file.origin in named:
            continue
        name, root = names.get(file.origin, ("", ""))
        if name == file.document:
            named[file.origin] = file  # perhaps of another root by now
        elif name:
            named[file.origin] = replace(file, document=name, root=root)
        else:
            named[file.origin] = _free(file, taken)
        taken.add(named[file.origin].document)
    return list(named.values())


def deleted(found: Found, present: set[str], known: Known) -> list[str]:
    """Name the documents whose files are gone, of these roots and of roots inside them."""
    return sorted(
        name
        for name, (root, _) in known.items()
        if name not in present
        and is_below(file := origin(root, name), found.roots)
        and (root in found.roots or not found.holds(file))
        and not is_below(file, found.unreadable)
    )


def origin(root: str, document: str) -> str:
    """Return the file that a document was read from; the root of one given alone is that file.

    Names alone tell: the file may be gone, or in a place that nobody here may look at. So a folder
    that is named like a file in it is taken for that file, which then gets a longer name.
    """
    if is_url(root):
        return f"{root}/{document}"
    path = Path(root)
    return root if path.name == document else str(path / document)


def _is_held(place: str) -> bool:
    """Tell whether a file is there, or else the archive that it may be in."""
    archives = (str(each) for each in Path(place).parents if is_archive(each.name))
    return is_there(place) or any(map(is_there, archives))


def _free(file: SourceFile, taken: set[str]) -> SourceFile:
    """Name a file by as many of the folders above it as no other document is named by."""
    if file.document not in taken:
        return file
    parts = file.origin.split("/")
    for count in range(file.document.count("/") + 2, len(parts)):
        name = "/".join(parts[-count:])
        if name not in taken:
            return replace(file, document=name, root="/".join(parts[:-count]) or "/")
    return replace(file, document=file.origin, root="/")


def is_below(place: str, folders: Iterable[str]) -> bool:
    """Tell whether a place is one of these folders or in one."""
    return any(place == at or place.startswith(f"{at.rstrip('/')}/") for at in folders)
