"""Read the tables of XML documents: those of HTML, CALS (DocBook, DITA, JATS), DITA and TEI."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import takewhile
from typing import Any

from app.ingest.tables.cells import Rows, check_size, spread, squared
from app.ingest.tables.heads import columns_of

_ROWS = {"tr", "row", "strow", "sthead"}
_PARTS = {"thead", "tbody", "tfoot"}
_CELLS = {"td", "th", "entry", "cell", "stentry"}
_LAYOUT = {"col", "colgroup", "colspec", "spanspec"}
_MOST_SPANNED = 1000

Say = Callable[[Any], str]
Table = tuple[list[dict[str, str]], list[Any]]


def table_of(element: Any, say: Say) -> Table | None:
    """Return the rows of a table by the names of its columns, and its children beside the rows.

    None where an element is no table, says more than its cells do, or does not say which of its
    rows are its header.
    """
    parts = list(filter(_is_element, element))
    rows = [row for part in parts for row in _rows_in(part)]
    heads = len(list(takewhile(_is_head, rows)))
    if not 0 < heads < len(rows) or not all(map(_is_whole, parts)):
        return None
    grid = squared(_laid_out(rows, _numbers_of(parts), say))
    names, taken = columns_of(grid, known=heads)
    beside = [part for part in parts if not [*_rows_in(part)] and _name(part) not in _LAYOUT]
    return _by_names(names, grid[taken:]), beside


def _by_names(names: Sequence[str], rows: Rows) -> list[dict[str, str]]:
    counts = Counter(names)
    unique = [
        name if name and counts[name] == 1 else f"{name} column {at}".strip()
        for at, name in enumerate(names, start=1)
    ]
    return [dict(zip(unique, row, strict=True)) for row in rows]


def _rows_in(part: Any) -> Iterator[Any]:
    """Yield the rows of a part of a table, or the part itself if it is a row."""
    for row in part if _name(part) in _PARTS else [part]:
        cells = list(filter(_is_element, row))
        if _name(row) in _ROWS and cells and {_name(cell) for cell in cells} <= _CELLS:
            yield row


def _is_whole(part: Any) -> bool:
    """Tell a part of a table that says nothing beside the cells of its rows, if it has any."""
    rows = list(_rows_in(part))
    cells = [cell for row in rows for cell in filter(_is_element, row)]
    return not rows or _length([part]) == _length(cells)


def _length(elements: Iterable[Any]) -> int:
    """Return how much elements say, whatever blanks are in it."""
    texts = (text for element in elements for text in element.itertext())
    return sum(len("".join(text.split())) for text in texts)


def _is_head(row: Any) -> bool:
    above = row.getparent()
    named = _name(row) == "sthead" or (above is not None and _name(above) == "thead")
    return (
        named
        or row.get("role") == "label"
        or all(_name(cell) == "th" for cell in filter(_is_element, row))
    )


def _numbers_of(parts: Sequence[Any]) -> dict[str, int]:
    """Return where the columns that have names stand."""
    specs = [part for part in parts if _name(part) == "colspec"]
    return {name: at for at, spec in enumerate(specs) if (name := spec.get("colname"))}


def _laid_out(rows: Sequence[Any], columns: Mapping[str, int], say: Say) -> list[list[str]]:
    """Put each cell in all rows and columns that it spans."""
    grid: list[list[str]] = []
    spanned: dict[int, tuple[str, int]] = {}  # for how many rows more
    size = 0
    for row in rows:
        line = {at: text for at, (text, _) in spanned.items()}
        spanned = {at: (text, left - 1) for at, (text, left) in spanned.items() if left > 1}
        at = 0
        for cell in filter(_is_element, row):
            while at in line:
                at += 1
            first = columns.get(cell.get("namest", cell.get("colname", "")), at)
            width, below = _spans(cell, columns, first)
            for column, text in enumerate(spread(say(cell), width), start=first):
                line[column] = text
                if below:
                    spanned[column] = text, below
        size += len(line)
        check_size(size)
        grid.append([line.get(at, "") for at in range(max(line, default=-1) + 1)])
    return grid


def _spans(cell: Any, columns: Mapping[str, int], first: int) -> tuple[int, int]:
    """Return how many columns a cell spans, and how many rows below its own."""
    last = columns.get(cell.get("nameend", ""), first)
    width = max(last - first + 1, _number(cell, "colspan"), _number(cell, "cols"))
    down = max(_number(cell, "rowspan"), _number(cell, "rows"), _number(cell, "morerows") + 1)
    return min(max(width, 1), _MOST_SPANNED), min(max(down, 1), _MOST_SPANNED) - 1


def _number(cell: Any, name: str) -> int:
    value = cell.get(name, "")
    return int(value) if value.isdecimal() and len(value) < len(str(_MOST_SPANNED)) + 1 else 0


def _is_element(node: Any) -> bool:
    return isinstance(node.tag, str)  # and no reference


def _name(element: Any) -> str:
    return str(element.tag).rpartition("}")[2].lower()
