"""Who may see a document: groups of users, written as one text that every store can compare."""

from __future__ import annotations

import json
import string
from collections.abc import Collection, Iterable
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote

SEEN_BY = "seen_by"
"""Key of a chunk's metadata; everybody may see a chunk that lacks it."""
EVERYBODY = "*"
USER = "user:"
"""Begins the name of the group that a user alone is in."""
PRIVATE = "private:"
"""Begins the name of a folder whose documents one user alone may see."""
# no capitals: some file systems take no notice of them
_PLAIN = frozenset(string.ascii_lowercase + string.digits + "_.-~@")


def label_of(groups: Iterable[str]) -> str | None:
    """Write groups as a label, equal for equal groups; None where everybody is among them."""
    named = sorted(set(groups))
    return None if EVERYBODY in named else json.dumps(named, ensure_ascii=False)


def private_folder(user: str) -> str:
    """Name the folder whose documents a user alone may see."""
    return PRIVATE + "".join(char if char in _PLAIN else _escaped(char) for char in user)


def private_label(file: str) -> str | None:
    """Return the label of a file in somebody's private folder; None for any other."""
    folders = [part for part in PurePosixPath(file).parts[:-1] if part.startswith(PRIVATE)]
    return label_of([f"{USER}{unquote(folders[0][len(PRIVATE) :])}"]) if folders else None


def without_private(document: str) -> str:
    """Return a document's name without private folders, which say nothing of what it is about."""
    parts = PurePosixPath(document).parts
    return str(PurePosixPath(*(part for part in parts if not part.startswith(PRIVATE))))


def sees(groups: Collection[str], label: str | None) -> bool:
    """Tell whether members of these groups may see what bears a label."""
    return label is None or not set(json.loads(label)).isdisjoint(groups)


def _escaped(char: str) -> str:
    return "".join(f"%{byte:02x}" for byte in char.encode())


def labelled(metadata: dict[str, Any], label: str | None) -> dict[str, Any]:
    """Return a chunk's metadata with another label."""
    others = {key: value for key, value in metadata.items() if key != SEEN_BY}
    return others if label is None else {**others, SEEN_BY: label}
