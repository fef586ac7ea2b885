"""Who may see a document: groups of users, written as one text that every store can compare."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from typing import Any

SEEN_BY = "seen_by"
"""Key of a chunk's metadata; everybody may see a chunk that lacks it."""
EVERYBODY = "*"


def label_of(groups: Iterable[str]) -> str | None:
    """Write groups as a label, equal for equal groups; None where everybody is among them."""
    named = sorted(set(groups))
    return None if EVERYBODY in named else json.dumps(named, ensure_ascii=False)


def sees(groups: Collection[str], label: str | None) -> bool:
    """Tell whether members of these groups may see what bears a label."""
    return label is None or not set(json.loads(label)).isdisjoint(groups)


def labelled(metadata: dict[str, Any], label: str | None) -> dict[str, Any]:
    """Return a chunk's metadata with another label."""
    others = {key: value for key, value in metadata.items() if key != SEEN_BY}
    return others if label is None else {**others, SEEN_BY: label}
