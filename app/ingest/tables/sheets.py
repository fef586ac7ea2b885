"""Write the rows of a sheet as records that can be read alone; knows no file format."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from statistics import median

from app.ingest.extracted import TextBuilder
from app.ingest.tables.blocks import blocks
from app.ingest.tables.cells import Row, Rows, Spanned, filled, length_of, said, squared, tidy
from app.ingest.tables.heads import columns_of, has_groups, header_votes, votes_of_heads
from app.ingest.tables.labels import are_pairs, is_pair, pair_line
from app.ingest.tables.outlines import with_outline
from app.ingest.tables.sections import with_sections

LONGEST_CELL = 20_000  # characters; what is longer is cut, and said to be
CUT = "… (cut)"

_LOOKED_AT = 50  # rows; the header stands among the first of them
_LONGEST_HEAD = 120  # characters; where most cells are longer, they name no columns
_ENOUGH = 0.6  # of the columns that most rows fill; a row that fills less is no header


def add_sheet(rows: Iterable[Row], builder: TextBuilder) -> None:
    """Add the tables of a sheet one below the other, and lines of text as they are."""
    found = list(blocks(squared(list(_numbered(rows, builder)))))
    widest = max(map(_width, found), default=0)
    for block in found:
        _add_block(block, builder, narrow=_width(block) == 2 < widest)


def _add_block(rows: Rows, builder: TextBuilder, *, narrow: bool) -> None:
    """Add labels with their values as lines, and what stands below them as a table."""
    end = _end_of_pairs(rows)
    if are_pairs([row for row in rows if len(said(row)) > 1]) or (narrow and _is_open(rows)):
        end = len(rows)
    for row in rows[:end]:
        builder.add(_line(row))
    if end < len(rows):
        _add_table(rows[end:], builder)


def _add_table(rows: Rows, builder: TextBuilder) -> None:
    """Add each row as one line "column: value; column: value", and titles as they are."""
    start, end, names = _header(rows)
    for row in rows[:start]:
        builder.add(_line(row))
    body, parted = with_sections(with_outline(rows[end:])) if names else (rows[end:], False)
    for row in body:
        builder.add(_record(["", *names] if parted else names, row))


def _header(rows: Rows) -> tuple[int, int, list[str]]:
    """Return where the names of columns begin and end, and what they are."""
    at = _header_at(rows[:_LOOKED_AT])
    start = at
    while start and has_groups(rows[start - 1], rows[start]):
        start -= 1
    names, taken = columns_of(rows[start : at + _LOOKED_AT], known=at - start + 1)
    end = start + taken
    named = _are_names(names) and _names_columns(rows[at:end], rows[end:][:_LOOKED_AT])
    return (start, end, names) if named else (start, start, [])


def _names_columns(heads: Rows, below: Rows) -> bool:
    """Tell names from the first row of values; rows of one cell alone must show it."""
    body = [row for row in below if len(said(row)) > 1]
    votes = votes_of_heads(heads, body or below)
    return votes > 0 or (votes == 0 and bool(body or (below and len(heads[0]) == 1)))


def _are_names(cells: Row) -> bool:
    long = sum(len(cell) > _LONGEST_HEAD for cell in cells)
    return 2 * long < len(said(cells)) and (len(cells) == 1 or len(set(filter(None, cells))) > 1)


def _header_at(rows: Rows) -> int:
    """Return which row names the columns: the first that fills about as many as the others do."""
    counts = [len(said(row)) for row in rows]
    usual = median(counts[len(counts) // 2 :])
    return next((at for at, count in enumerate(counts) if count >= _ENOUGH * usual), 0)


def _record(header: Row, row: Row) -> str:
    """Write each value of a row behind the name of its column."""
    if len(said(row)) == 1 and (not header or any(isinstance(cell, Spanned) for cell in row)):
        return _line(row)  # one cell over all columns
    names = [*header, *[""] * (len(row) - len(header))]
    cells = enumerate(zip(names, row, strict=False), start=1)
    return "; ".join(f"{_label(header, name, at)}{value}" for at, (name, value) in cells if value)


def _label(header: Row, name: str, at: int) -> str:
    """Name a column; the first one needs no name, for it says what a row is about."""
    if header and at == 1 and not name:
        return ""
    return f"{name or f'column {at}'}: "


def _line(row: Row) -> str:
    """Write a title as it is, and a label with its value."""
    cells = said(row)
    if is_pair(row) or (len(cells) == 2 and filled(row) == {0, 1}):
        return pair_line(row)
    return " | ".join(cells)


def _end_of_pairs(rows: Rows) -> int:
    """Return where the lines end that begin a block with labels and titles."""
    end = 0
    for at, row in enumerate(rows):
        if is_pair(row):
            end = at + 1
        elif len(said(row)) > 1:
            break
    return end


def _is_open(rows: Rows) -> bool:
    """Tell two columns that no numbers below a word show to be a table."""
    wide = [row for row in rows if len(said(row)) > 1]
    return len(wide) == 2 or (bool(wide) and header_votes(wide) == 0)


def _width(rows: Rows) -> int:
    return len(set().union(*map(filled, rows)))


def _numbered(rows: Iterable[Row], builder: TextBuilder) -> Iterator[Row]:
    size = 0
    for number, row in enumerate(rows, start=1):
        size += length_of([row])
        builder.check(size)
        for cell in row:
            if len(cell) > LONGEST_CELL:
                cut = f"{len(cell):,} characters cut to {LONGEST_CELL:,}"
                builder.note(f"row {number}: a cell of {cut}")
        yield [_cut(tidy(cell)) for cell in row]


def _cut(cell: str) -> str:
    if len(cell) <= LONGEST_CELL:
        return cell
    return f"{cell[:LONGEST_CELL].rpartition(' ')[0] or cell[:LONGEST_CELL]} {CUT}"
