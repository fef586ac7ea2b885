"""Find tables in trees: lists of rows whose columns have names; knows no file format."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from app.ingest.tables.heads import header_votes

_NAMING = re.compile(r"(?:column|field|head(?:er)?)s?(?:[_ -]?names?)?", re.IGNORECASE)


def name_rows(value: Any, around: Mapping[str, Any] | None = None) -> Any:
    """Return rows of values as objects, if their first row or a list beside them names columns.

    `around` is the object that holds them.
    """
    if not _are_rows(value):
        return value
    if _are_names(value[0], len(value[0])) and header_votes(_texts(value)) > 0:
        return _objects(value[0], value[1:])
    named = [item for key, item in (around or {}).items() if _NAMING.fullmatch(str(key))]
    names = next((item for item in named if _are_names(item, len(value[0]))), None)
    return _objects(names, value) if names else value


def _are_rows(value: Any) -> bool:
    if not isinstance(value, list) or not all(isinstance(row, list) for row in value):
        return False
    widths = {len(row) for row in value}
    bare = not any(isinstance(cell, dict | list) for row in value for cell in row)
    return bare and len(widths) == 1 and min(widths) > 1


def _are_names(value: Any, width: int) -> bool:
    if not isinstance(value, list) or len(value) != width:
        return False
    words = all(isinstance(name, str) and any(map(str.isalpha, name)) for name in value)
    return words and len(set(value)) == width


def _objects(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> list[dict[str, Any]]:
    return [dict(zip(names, row, strict=True)) for row in rows]


def _texts(rows: Sequence[Sequence[Any]]) -> list[list[str]]:
    return [["" if cell is None else str(cell) for cell in row] for row in rows]
