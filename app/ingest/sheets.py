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
_LONGEST_HEAD = 120  # characters; a longer cell names no column
_ENOUGH = 0.6  # of the columns that most rows fill; a row that fills less is no header


def add_rows(rows: Iterable[Sequence[str]], builder: TextBuilder) -> None:
    """Add each row as one line "column: value; column: value", and lines of text as they are."""
    cleaned = (row for row in _numbered(rows, builder) if any(row))
    first = list(islice(cleaned, _LOOKED_AT))
    at = _header_at(first)
    header, body = _header(first, at), [row for row in first[at + 1 :] if _distinct(row) > 1]
    if not header or not first[at + 1 :] or header_votes([first[at], *body]) < 0:
        header, at = [], at - 1
    titles = first[: at + 1] if not header else [row for row in first[:at] if _distinct(row) == 1]
    for row in titles:
        builder.add(_line(row))
    for row in chain(first[at + 1 :], cleaned):
        builder.add(record(header, row) if header or _distinct(row) > 1 else _line(row))


def record(header: Sequence[str], row: Sequence[str]) -> str:
    """Write each value of a row behind the name of its column."""
    if len(header) > 1 and _distinct(row) == 1 and sum(map(bool, row)) > 1:
        return _line(row)  # one cell over all columns
    names = [*header, *[""] * (len(row) - len(header))]
    cells = enumerate(zip(names, row, strict=False), start=1)
    return "; ".join(f"{_label(header, name, at)}{value}" for at, (name, value) in cells if value)


def _label(header: Sequence[str], name: str, at: int) -> str:
    """Name a column; the first one needs no name, for it says what a row is about."""
    if header and at == 1 and not name:
        return ""
    return f"{name or f'column {at}'}: "


def _line(row: Sequence[str]) -> str:
    return " | ".join(dict.fromkeys(filter(None, row)))


def _distinct(row: Sequence[str]) -> int:
    return len(set(filter(None, row)))


def _header(rows: Sequence[Sequence[str]], at: int) -> list[str]:
    """Return the names of columns, below the names of groups of columns if there are any."""
    if at >= len(rows) or any(len(cell) > _LONGEST_HEAD for cell in rows[at]):
        return []
    names = list(rows[at])
    if _distinct(names) == 1 < len(names):
        return []
    above = rows[at - 1] if at and _distinct(rows[at - 1]) > 1 else []
    groups = [*above, *[""] * (len(names) - len(above))]
    return [
        f"{group} {name}".strip() if group != name else name
        for group, name in zip(groups, names, strict=False)
    ]


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
    """Tell a row of the same table from a title or a header of the next one."""
    if all(_distinct(above) == 1 for above in block):
        return True  # titles stand above what they name
    return _distinct(row) > 1 and not _is_head(row)


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
    filled = list(map(_distinct, rows))
    usual = median(filled[len(filled) // 2 :]) if filled else 0
    return next((at for at, count in enumerate(filled) if count >= _ENOUGH * usual), 0)
