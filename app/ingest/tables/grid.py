"""Write the rows of a table so that each can be read alone; knows no file format."""

from __future__ import annotations

from app.ingest.extracted import TextBuilder
from app.ingest.tables.cells import Row, Rows, Spanned, length_of, said, squared, tidy
from app.ingest.tables.heads import columns_of, votes_of_heads
from app.ingest.tables.labels import are_pairs, pair_line
from app.ingest.tables.sections import with_sections


def add_table(builder: TextBuilder, rows: Rows, *, header: bool | None = None) -> None:
    """Add rows under their header as `| a | b |`, or without one as `label: value`.

    `header` tells whether the first row is one; None lets the cells decide.
    """
    builder.check(length_of(rows))
    grid = _cleaned(rows)
    if not grid:
        return
    while len(grid) > 1 and _is_title(grid[0]):
        builder.add(next(cell for cell in grid.pop(0) if cell))
    if len(grid[0]) == 1:
        builder.add_lines([cell for (cell,) in grid])
    elif len(grid[0]) > 2 and are_pairs(grid):
        builder.add_lines(list(map(pair_line, grid)))
    elif len(grid) > 1 and (has_header(grid) if header is None else header):
        builder.add_lines([f"| {' | '.join(row)} |" for row in _under_header(grid)])
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
    _, taken = columns_of(rows)
    votes = votes_of_heads(rows[:taken], rows[taken:])
    return votes > 0 or (votes == 0 and len(first) > 2)


def _under_header(rows: Rows) -> list[Row]:
    """Return the names of the columns in one row, and the others with the part they stand in."""
    names, taken = columns_of(rows)
    body, parted = with_sections(rows[taken:])
    return [["", *names] if parted else names, *body]


def _is_title(row: Row) -> bool:
    """Tell a row of one cell, or of one that spans all columns."""
    return len(row) > 1 and len(set(filter(None, row))) == 1 and bool(row[0])


def _add_labelled(builder: TextBuilder, rows: Rows) -> None:
    for label, *values in rows:
        text = "; ".join(said(values))
        mark = "" if label.endswith(":") or not label or not text else ":"
        builder.add(f"{label}{mark} {text}".strip())


def _cleaned(rows: Rows) -> list[list[str]]:
    """Clean cells, leave out empty rows and columns, and make all rows equally long."""
    full = squared([row for row in ([_cell(cell) for cell in row] for row in rows) if any(row)])
    used = [at for at in range(len(full[0]) if full else 0) if any(row[at] for row in full)]
    return [[row[at] for at in used] for row in full]


def _cell(cell: str) -> str:
    text = tidy(cell).replace("|", "/")
    return Spanned(text) if isinstance(cell, Spanned) else text
