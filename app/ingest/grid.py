"""Write the rows of a table so that each can be read alone; knows no file format."""

import re
from collections import Counter
from collections.abc import Sequence

from app.ingest.extracted import TextBuilder, one_line

Rows = Sequence[Sequence[str]]

_MOST = 0.6  # of a column's cells: so many of one shape make it the column's
_YEAR = re.compile(r"(?:19|20)\d\d")


def add_table(builder: TextBuilder, rows: Rows, *, header: bool | None = None) -> None:
    """Add rows under their header as `| a | b |`, or without one as `label: value`.

    `header` tells whether the first row is one; None lets the cells decide.
    """
    grid = _squared(rows)
    if not grid:
        return
    while len(grid) > 1 and _is_title(grid[0]):
        builder.add(next(cell for cell in grid.pop(0) if cell))
    if len(grid[0]) == 1:
        builder.add_lines([cell for (cell,) in grid])
    elif len(grid) > 1 and (has_header(grid) if header is None else header):
        builder.add_lines([f"| {' | '.join(row)} |" for row in grid])
    else:
        _add_labelled(builder, grid)


def has_header(rows: Rows) -> bool:
    """Tell by the cells' shapes whether the first row names the columns of the others.

    Where nothing tells, a table of two columns is taken for labels with their values.
    """
    first, body = rows[0], rows[1:]
    if not body or sum(map(bool, first)) < min(2, len(first)):
        return False
    if not first[0]:
        return True
    if len(first) == 2 and first[0].endswith(":"):
        return False
    votes = header_votes(rows)
    return votes > 0 or (votes == 0 and len(first) > 2)


def header_votes(rows: Rows) -> int:
    """Count the columns of numbers that begin with a word, less those that begin with a number."""
    first, *body = rows
    if _are_years(first[1:]):
        return 1
    cells = ([row[at] for row in body if at < len(row)] for at in range(len(first)))
    return sum(_vote(head, below) for head, below in zip(first, cells, strict=True))


def _vote(head: str, cells: Sequence[str]) -> int:
    """Say 1 for a word above numbers, -1 for a number that looks like those below it."""
    shapes = Counter(shape for cell in cells if (shape := _shape(cell)))
    if not head or not shapes:
        return 0
    shape, count = shapes.most_common(1)[0]
    if "9" not in shape or count < _MOST * shapes.total():
        return 0
    if _shape(head) == shape:
        return -1
    return int("9" not in _shape(head))


def _shape(cell: str) -> str:
    """Reduce a cell to runs of letters and digits: "£13.60" becomes "9", "5 kg" "9a"."""
    kinds = ("9" if c.isdigit() else "a" if c.isalpha() else "" for c in cell)
    return re.sub(r"(.)\1+", r"\1", "".join(kinds))


def _are_years(heads: Sequence[str]) -> bool:
    return len(set(heads)) == len(heads) > 1 and all(_YEAR.fullmatch(head) for head in heads)


def _is_title(row: Sequence[str]) -> bool:
    """Tell a row of one cell, or of one that spans all columns."""
    return len(row) > 1 and len(set(filter(None, row))) == 1 and bool(row[0])


def _add_labelled(builder: TextBuilder, rows: Rows) -> None:
    for label, *values in rows:
        said = "; ".join(value for value in dict.fromkeys(values) if value and value != label)
        mark = "" if label.endswith(":") or not label or not said else ":"
        builder.add(f"{label}{mark} {said}".strip())


def _squared(rows: Rows) -> list[list[str]]:
    """Clean cells, leave out empty rows and columns, and make all rows equally long."""
    cleaned = [[one_line(cell).replace("|", "/") for cell in row] for row in rows]
    filled = [row for row in cleaned if any(row)]
    width = max(map(len, filled), default=0)
    full = [row + [""] * (width - len(row)) for row in filled]
    used = [at for at in range(width) if any(row[at] for row in full)]
    return [[row[at] for at in used] for row in full]
