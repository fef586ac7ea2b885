"""Let each row of a table carry the name of the part that it stands in; knows no file format."""

from __future__ import annotations

from itertools import pairwise

from app.ingest.tables.cells import Row, Rows, Spanned, said


def with_sections(rows: Rows) -> tuple[list[Row], bool]:
    """Put the name of a part before each of its rows, and tell whether there are any.

    The rows that only name a part are left out, for all rows of the part repeat them.
    """
    named = _names_of_parts(rows)
    if not named:
        return list(rows), False
    carried: list[Row] = []
    name = ""
    for at, row in enumerate(rows):
        if at in named:
            name = row[0]
        else:
            carried.append([name, *row])
    return carried, True


def _names_of_parts(rows: Rows) -> set[int]:
    """Return the rows of one cell that name the rows below them.

    Other rows may lack all values but the first, or hold a note. So a table has parts where one
    begins right below the header, and either spans all columns or holds what others hold too.
    """
    alone = [at for at, row in enumerate(rows) if _is_alone(row)]
    merged = [at for at in alone if _is_merged(rows[at])]
    found = merged if merged[:1] == [0] else alone
    if found[:1] != [0] or (found is alone and not _are_parts(found, rows)):
        return set()
    return {at for at in found if at + 1 < len(rows) and not _is_alone(rows[at + 1])}


def _are_parts(alone: list[int], rows: Rows) -> bool:
    others = [row[0] for row in rows if not _is_alone(row)]
    apart = alone[-1] + 1 < len(rows) and all(low - high > 1 for high, low in pairwise(alone))
    return len(alone) > 1 and apart and len(set(others)) < len(others)


def _is_alone(row: Row) -> bool:
    return len(row) > 1 and bool(row[0]) and len(said(row)) == 1


def _is_merged(row: Row) -> bool:
    return all(isinstance(cell, Spanned) for cell in row[1:])
