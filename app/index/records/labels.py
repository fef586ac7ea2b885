"""What a record can be found by, as a list of short names, for stores that filter such lists.

A name is a digest: no text of a document means anything to a store's filters, however long it is.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any

from app.index.records.tables import METADATA, SINCE, UNTIL, Record
from graphs.text import search_stem

ROW, TEXT, FIELDS, LABELS = "row", "text", "fields", "labels"

DIGITS = 32  # 128 bits, in which no two differ by chance


def label(field: str, value: str | None = None) -> str:
    """Name that a field is there, or that it has a value."""
    told = field if value is None else f"{field}={value}"
    return sha256(told.encode(errors="surrogatepass")).hexdigest()[:DIGITS]


def labels(fields: Mapping[str, Any]) -> list[str]:
    """Return all names of a record; numbers are not found by these."""
    told = {key: value for key, value in fields.items() if isinstance(value, str)}
    told.pop(METADATA, None)
    return [*map(label, told), *(label(key, value) for key, value in told.items())]


def described(record: Record) -> dict[str, Any]:
    """Return what such a store keeps of a record, but for its life and its vector."""
    fields = {key: value for key, value in record.fields.items() if key not in (SINCE, UNTIL)}
    return {
        ROW: record.row,
        TEXT: record.text,
        FIELDS: json.dumps(fields, ensure_ascii=False),
        LABELS: labels(fields),
    }


def stems(words: Iterable[str]) -> str:
    """Write words by their stems, which these stores do not find themselves."""
    return " ".join(map(search_stem, words))
