"""Write the rows of a sheet as records that can be read alone; knows no file format."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from statistics import median

from app.ingest.extracted import TextBuilder, one_line
from app.ingest.grid import header_votes

LONGEST_CELL = 20_000  # characters; what is longer is cut, and said to be
CUT = "… (cut)"

_LOOKED_AT = 50  # rows; the header stands among the first of them
_ENOUGH = 0.6  # of the columns that most rows fill; a row that fills less is no header


def add_rows(rows: Iterable[Sequence[str]], builder: TextBuilder) -> None:
    """Add each row as one line "column: value; column: value", and the lines above the header."""
    cleaned = (row for row in _numbered(rows, builder) if any(row))
    first = list(islice(cleaned, _LOOKED_AT))
    at = _header_at(first)
    for row in first[:at]:
        builder.add(" | ".join(filter(None, row)))
    head, body = (first[at], first[at + 1 :]) if at < len(first) else ([], [])
    if not body:  # one row is no header: better its bare cells than nothing
        builder.add(" | ".join(filter(None, head)))
    elif header_votes([head, *body]) < 0:
        head, body = [], [head, *body]
    for row in chain(body, cleaned):
        builder.add(record(head, row))


def record(header: Sequence[str], row: Sequence[str]) -> str:
    """Write each value of a row behind the name of its column."""
    names = [*header, *[""] * (len(row) - len(header))]
    told = zip(names, row, strict=False)
    return "; ".join(
        f"{name or f'column {at}'}: {value}" for at, (name, value) in enumerate(told, 1) if value
    )


def blocks(rows: Iterable[Sequence[str]]) -> Iterator[list[Sequence[str]]]:
    """Part the rows of a sheet at empty ones, where another table begins below them."""
    block: list[Sequence[str]] = []
    parted = False
    for row in rows:
        if not any(row):
            parted = True
            continue
        if parted and block and not _goes_on(block, row):
            yield block
            block = []
        parted = False
        block.append(row)
    if block:
        yield block


def _goes_on(block: Sequence[Sequence[str]], row: Sequence[str]) -> bool:
    """Tell a row of the same table: it fills the columns that the rows above fill."""
    if len(block) <= 1:
        return True  # a title stands above what it names
    above, here = ({at for at, cell in enumerate(r) if cell} for r in (block[-1], row))
    return len(here) > 1 and here <= above and not _is_head(row)


def _is_head(row: Sequence[str]) -> bool:
    return all(not any(map(str.isdigit, cell)) for cell in row if cell)


def _numbered(rows: Iterable[Sequence[str]], builder: TextBuilder) -> Iterator[list[str]]:
    for number, row in enumerate(rows, start=1):
        for cell in row:
            if len(cell) > LONGEST_CELL:
                cut = f"{len(cell):,} characters cut to {LONGEST_CELL:,}"
                builder.note(f"row {number}: a cell of {cut}")
        yield [_cut(one_line(cell)) for cell in row]


def _cut(cell: str) -> str:
    if len(cell) <= LONGEST_CELL:
        return cell
    return f"{cell[:LONGEST_CELL].rpartition(' ')[0] or cell[:LONGEST_CELL]} {CUT}"


def _header_at(rows: Sequence[Sequence[str]]) -> int:
    """Return which row names the columns: the first that fills about as many as the others do."""
    filled = [sum(map(bool, row)) for row in rows]
    usual = median(filled[len(filled) // 2 :]) if filled else 0
    return next((at for at, count in enumerate(filled) if count >= _ENOUGH * usual), 0)
