"""Tell the cells of a row apart from what one cell spans; knows no tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from app.ingest.extracted import UnreadableFile, clean_line

_MOST_CELLS = 5_000_000  # of a sheet, which may store a few that lie as far apart as it likes

Row = Sequence[str]
Rows = Sequence[Row]


class Spanned(str):
    """The text of a cell again, in a further column that the cell spans."""

    __slots__ = ()


def check_size(cells: int) -> None:
    """Raise UnreadableFile where a sheet or table has too many cells."""
    if cells > _MOST_CELLS:
        raise UnreadableFile(f"has a sheet of more than {_MOST_CELLS:,} cells: split it")


def length_of(rows: Iterable[Row]) -> int:
    """Return how many characters the cells hold, what is spanned each time."""
    return sum(len(cell) for row in rows for cell in row)


def spread(text: str, columns: int) -> list[str]:
    """Return the text of a cell for each of the columns that it spans."""
    return [text, *[Spanned(text)] * (columns - 1)]


def alike_spread(rows: Rows) -> list[list[str]]:
    """Take equal neighbours for one cell, where a format does not tell what a cell spans.

    Below the first row only words are taken so, for two equal numbers are two values.
    """
    return [_alike(row, numbers=at == 0) for at, row in enumerate(rows)]


def _alike(row: Row, *, numbers: bool) -> list[str]:
    again = (
        Spanned(cell) if cell == left and (numbers or not has_digits([cell])) else cell
        for left, cell in pairwise(row)
    )
    return [*row[:1], *again]


def has_digits(cells: Row) -> bool:
    """Tell cells in which a number stands."""
    return any(map(str.isdigit, "".join(cells)))


def tidy(cell: str) -> str:
    """Put a cell in one line; what is spanned stays so."""
    return Spanned(clean_line(cell)) if isinstance(cell, Spanned) else clean_line(cell)


def said(row: Row) -> list[str]:
    """Return the text of each cell once, however many columns it spans."""
    return [cell for cell in row if cell and not isinstance(cell, Spanned)]


def filled(row: Row) -> set[int]:
    """Return which columns hold something."""
    return {at for at, cell in enumerate(row) if cell}


def squared(rows: Rows) -> list[list[str]]:
    """Make all rows equally long; raise UnreadableFile where that makes too many cells."""
    width = max(map(len, rows), default=0)
    check_size(width * len(rows))
    return [[*row, *[""] * (width - len(row))] for row in rows]
