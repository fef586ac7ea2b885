"""Tell which rows of a table name its columns, and how; knows no file format."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

from app.ingest.cells import Row, Rows, Spanned, said

_MOST = 0.6  # of a column's cells: so many of one shape make it the column's
_YEAR = re.compile(r"(?:19|20)\d\d")


def header_votes(rows: Rows) -> int:
    """Count the columns of numbers that begin with a word, less those that begin with a number."""
    first, *body = rows
    if _are_years(first[1:]):
        return 1
    below = [[row[at] for row in body if at < len(row)] for at in range(len(first))]
    return sum(map(_vote, first, below))


def columns_of(rows: Rows, known: int = 1) -> tuple[list[str], int]:
    """Return the names of columns and how many rows hold them, of which `known` are sure.

    Names of groups stand above those of columns.
    """
    taken = known
    while taken < len(rows) - 1 and _goes_deeper(rows[:taken], rows[taken], rows[taken + 1 :]):
        taken += 1
    heads = [_spread_groups(row) for row in rows[: taken - 1]] + [rows[taken - 1]]
    names = [" ".join(dict.fromkeys(filter(None, column))) for column in zip(*heads, strict=True)]
    return names, taken


def has_groups(above: Row, names: Row) -> bool:
    """Tell a row of names that each head several columns: merged, or with blanks between them."""
    if len(said(above)) < 2 and above[0]:
        return False
    if any(isinstance(cell, Spanned) for cell in above):
        return True
    last = max((at for at, cell in enumerate(above) if cell), default=0)
    gaps = any(not cell and name for cell, name in zip(above[1:last], names[1:], strict=False))
    repeated = len(set(said(names))) < len(said(names))
    return gaps and (not above[0] or (not names[0] and above[1] != "") or repeated)


def _goes_deeper(heads: Rows, row: Row, body: Rows) -> bool:
    """Tell a further row of names from the first row of values."""
    above = heads[-1]
    alone_below = len(said(row)) == 1 and above[0]
    if alone_below or not any(has_groups(head, row) for head in heads):
        return False
    alone = [
        (high, low)
        for high, low, right in zip(above, row, [*above[1:], ""], strict=True)
        if high and not isinstance(high, Spanned) and not isinstance(right, Spanned)
    ]
    merged_down = any(high == low for high, low in alone)
    return merged_down or bool(above[0] and not row[0]) or header_votes([row, *body]) > 0


def _spread_groups(row: Row) -> Row:
    """Let the name of a group head the blank columns to its right, where no cells are merged."""
    if any(isinstance(cell, Spanned) for cell in row):
        return row
    spread: list[str] = []
    for cell in row:
        spread.append(cell or (spread[-1] if spread else ""))
    return spread


def _vote(head: str, cells: Sequence[str]) -> int:
    """Say 1 for a word above numbers, -1 for a number that looks like those below it."""
    shape = usual_shape(cells)
    if not head or "9" not in shape:
        return 0
    return -1 if _shape(head) == shape else int("9" not in _shape(head))


def usual_shape(cells: Sequence[str]) -> str:
    """Return the shape that most cells of a column have; "" where there is none."""
    shapes = Counter(shape for cell in cells if (shape := _shape(cell)))
    shape, count = max(shapes.items(), key=lambda item: item[1], default=("", 0))
    return shape if count >= _MOST * shapes.total() else ""


@lru_cache(maxsize=10_000)
def _shape(cell: str) -> str:
    """Reduce a cell to runs of letters and digits: "£13.60" becomes "9", "5 kg" "9a"."""
    kinds = ("9" if c.isdigit() else "a" if c.isalpha() else "" for c in cell)
    return re.sub(r"(.)\1+", r"\1", "".join(kinds))


def _are_years(heads: Row) -> bool:
    return len(set(heads)) == len(heads) > 1 and all(_YEAR.fullmatch(head) for head in heads)
