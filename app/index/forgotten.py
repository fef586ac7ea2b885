"""The documents that an index is not to take in again, and how a list of them is written."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass


@dataclass(frozen=True, kw_only=True)
class Forgotten:
    """A document that was taken out for good; neither its file nor its bytes come back."""

    document: str
    path: str
    """File that it was read from."""
    sha256: str
    since: str
    """When it was forgotten, by ISO 8601."""


def as_text(documents: Sequence[Forgotten]) -> str:
    """Write a list so that `as_list` reads it."""
    return json.dumps([asdict(document) for document in documents], ensure_ascii=False)


def as_list(text: str) -> list[Forgotten]:
    """Read what `as_text` wrote."""
    return [Forgotten(**fields) for fields in json.loads(text)]
