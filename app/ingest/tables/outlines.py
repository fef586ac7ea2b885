"""Let the rows of an outline say what they stand under, as pivots and journals leave it blank."""

from __future__ import annotations

from collections.abc import Sequence

from app.ingest.tables.cells import Row, Rows

_MOST_LEVELS = 3


def with_outline(rows: Rows) -> list[Row]:
    """Fill the blank cells on the left with what stands above them, if the rows are an outline.

    In an outline each group is named once, in its first row, and at least as many rows leave the
    name blank. A total ends its group.
    """
    levels = _levels(rows)
    members = [row for row in rows if row[levels]] if levels else []
    if not _are_groups([row[0] for row in members]):
        return list(rows)
    filled: list[Row] = []
    above: Row = [""] * levels
    for row in rows:
        heads = _heads(row[: levels + 1], above)
        if row[levels] and not all(heads):  # a member of no group
            return list(rows)
        filled.append([*heads, *row[levels:]] if row[levels] else row)
        above = heads if row[levels] else [""] * levels
    return filled


def _levels(rows: Rows) -> int:
    """Return how many columns stand before the first that every row below a name fills."""
    below = [row for row in rows if not row[0]]
    full = (at for at in range(_MOST_LEVELS + 1) if all(len(r) > at and r[at] for r in below))
    return next(full, 0) if below else 0


def _are_groups(names: Sequence[str]) -> bool:
    named = [name for name in names if name]
    return len(set(named)) == len(named) > 1 and 2 * len(named) <= len(names)


def _heads(row: Row, above: Row) -> Row:
    """Return the names that a row stands under: its own, and those above to the left of them."""
    own = next(at for at, name in enumerate([*row[:-1], "the row itself"]) if name)
    return [*above[:own], *row[own:-1]]
