"""Part a sheet into its tables; knows no file format."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import takewhile

from app.ingest.tables.cells import Row, Rows, filled, has_digits, said
from app.ingest.tables.heads import has_groups, header_votes, usual_shape

_MOST_BESIDE = 100  # blank columns that are looked at
_AHEAD = 10  # rows that are looked at to tell a header


def blocks(rows: Rows) -> Iterator[list[Row]]:
    """Yield the tables of a sheet, each with the titles above it."""
    for part in _side_by_side(rows):
        yield from _stacked(part)


def _side_by_side(rows: Rows) -> Iterator[Rows]:
    """Part a sheet at blank columns, where the tables beside them begin in different rows."""
    width = len(rows[0]) if rows else 0
    blank = {at for at in range(1, width - 1) if not any(row[at] for row in rows)}
    start = 0
    for at in sorted(at for at in blank if at - 1 not in blank)[:_MOST_BESIDE]:
        left, right = _begin(rows, slice(start, at)), _begin(rows, slice(at, None))
        if -1 not in (left, right) and left != right and not _are_numbers(rows, at, blank):
            yield [row[start:at] for row in rows]
            start = at + 1
    yield [row[start:] for row in rows] if start else rows


def _begin(rows: Rows, columns: slice) -> int:
    """Return the first of two rows with several cells in some columns; -1 if there are none."""
    wide = (at for at, row in enumerate(rows) if len(said(row[columns])) > 1)
    first = next(wide, -1)
    return first if next(wide, -1) >= 0 else -1


def _are_numbers(rows: Rows, at: int, blank: set[int]) -> bool:
    """Tell a column behind a blank one that belongs to the names of rows before that."""
    first = next(right for right in range(at, len(rows[0])) if right not in blank)
    return usual_shape([row[first] for row in rows]) == "9"


def _stacked(rows: Rows) -> Iterator[list[Row]]:
    """Part a sheet where another table begins, below blank rows or none."""
    block: list[Row] = []
    wide: list[Row] = []  # the first of its rows that hold several cells
    parted = False
    for at, row in enumerate(rows):
        if block and any(row) and _parts(block, wide, rows[at : at + _AHEAD], blank_above=parted):
            yield block
            block, wide = [], []
        parted = bool(block) and not any(row)
        if any(row):
            block.append(row)
            wide += [row] if len(wide) < _AHEAD and len(said(row)) > 1 else []
    if block:
        yield block


def _parts(block: Rows, wide: Rows, rows: Rows, *, blank_above: bool) -> bool:
    """Tell whether another table begins with the first of the rows."""
    if blank_above:
        return not _goes_on(wide, rows) or _repeats(wide, rows, 2)
    return _begins(block, rows) or _repeats(wide, rows, 1)


def _repeats(wide: Rows, rows: Rows, looked_at: int) -> bool:
    """Tell a header that has stood above already, or a title right above it."""
    heads = [*wide[:1], *(row for row in wide[1:2] if has_groups(wide[0], row))]
    return any(
        rows[at] in heads and header_votes([rows[at], *filter(any, rows[at + 1 :])]) > 0
        for at in range(min(looked_at, len(rows)))
    )


def _goes_on(wide: Rows, rows: Rows) -> bool:
    """Tell a row of the same table behind a blank one from a title or a header of the next one."""
    row = rows[0]
    if not wide:
        return True  # titles stand above what they name
    if len(said(row)) < 2:
        return False
    if has_digits(row):
        return len(wide) > 1 or filled(row) <= filled(wide[0])
    alike = filled(row) == filled(wide[0]) and row != wide[0]
    heads_none = not any(map(any, rows[1:2])) and filled(row) != {0, 1}  # nor labels a value
    return (alike or heads_none) and header_votes([row, *wide[1:]]) <= 0


def _begins(block: Rows, rows: Rows) -> bool:
    """Tell a row of words that fills further columns, above numbers."""
    row, *below = takewhile(any, rows)
    if len(said(row)) < 2 or has_digits(row) or not _fresh(block, row):
        return False
    grouped = not block[-1][0] or has_groups(block[-1], row)
    return not grouped and header_votes([row, *below]) > 0


def _fresh(block: Rows, row: Row) -> set[int]:
    """Return the columns that a row fills and those above do not; the first may lack a name."""
    fresh = filled(row) - {0}
    for above in block[:_AHEAD]:
        if fresh:
            fresh -= filled(above)
    return fresh
