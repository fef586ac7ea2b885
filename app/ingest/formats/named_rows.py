"""Find tables in trees: rows whose columns have names, and columns; knows no file format."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from app.ingest.tables.heads import header_votes, usual_shape

_NAMING = re.compile(r"(?:column|field|head(?:er)?)s?(?:[_ -]?names?)?", re.IGNORECASE)
_FEWEST_ROWS = 3  # shorter lists may be equally long by chance
_FEWEST_COLUMNS = 3  # and fewer, if none holds numbers


def name_rows(value: Any, around: Mapping[str, Any] | None = None) -> Any:
    """Return rows of values as objects, if their first row or a list beside them names columns.

    So are the rows of a table whose columns stand one behind the other. `around` is the object
    that holds the value.
    """
    if isinstance(value, dict) and len(value) > 1:
        return _rows_of(value)
    if not _are_rows(value):
        return value
    if _are_names(value[0], len(value[0])) and header_votes(_texts(value)) > 0:
        return _objects(value[0], value[1:])
    named = [item for key, item in (around or {}).items() if _NAMING.fullmatch(str(key))]
    names = next((item for item in named if _are_names(item, len(value[0]))), None)
    return _objects(names, value) if names else value


def _rows_of(columns: Mapping[str, Any]) -> Any:
    """Return the rows of columns: lists of cells, or objects with a cell for each row's number."""
    cells = [_listed(column) for column in columns.values()]
    if not all(cells) or len(set(map(len, cells))) > 1:
        return columns
    counted = all(isinstance(column, dict) for column in columns.values())
    if not counted and not (len(cells[0]) >= _FEWEST_ROWS and _are_columns(cells)):
        return columns
    return [dict(zip(columns, row, strict=True)) for row in zip(*cells, strict=True)]


def _listed(column: Any) -> list[Any]:
    """Return the bare cells of a column; none of what is no column."""
    if isinstance(column, dict) and list(column) == [str(at) for at in range(len(column))]:
        column = list(column.values())
    bare = isinstance(column, list) and not any(isinstance(cell, dict | list) for cell in column)
    return column if bare else []


def _are_columns(columns: Sequence[Sequence[Any]]) -> bool:
    """Tell a column that differs in each row, with numbers or two more columns beside it.

    Other lists may be equally long by chance.
    """
    shapes = [usual_shape(column) for column in _texts(columns)]
    named = any(
        shape != "9" and len(set(column)) == len(column)
        for shape, column in zip(shapes, _texts(columns), strict=True)
    )
    return named and ("9" in shapes or len(columns) >= _FEWEST_COLUMNS)


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
