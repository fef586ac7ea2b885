"""Tell the remarks of a file of separated values, lines that begin with #, from its rows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from io import StringIO
from itertools import takewhile

from app.ingest.tables.cells import Row, Rows, spread
from app.ingest.tables.heads import header_votes

_MARK = "#"
_APART = re.compile(r"#+(?!\w)")  # not "#12" nor "#ff0000", which a row may begin with
_LOOKED_AT = 50  # rows below a line that tell whether it heads them


def without_remarks(text: str) -> str:
    """Return the lines that tell how a file is separated; all, where each has the mark."""
    kept = "".join(line for line in StringIO(text, newline="") if not line.startswith(_MARK))
    return kept if kept.strip() else text


def with_remarks_apart(rows: Sequence[Row], delimiter: str) -> Iterator[Row]:
    """Yield the rows, each remark as one cell over all columns, those about all rows first."""
    begin = _first_row(rows)
    names, below = list(rows[begin : begin + 1]), rows[begin + 1 :]
    apart = [_is_apart(row, columns=len(names[0])) for row in below] if names else []
    if 2 * sum(apart) >= sum(map(any, below)):  # a mark of the rows, not of remarks
        apart = [False] * len(below)
    close = len(list(takewhile(bool, apart)))
    yield from ([_joined(row, delimiter)] for row in [*rows[:begin], *below[:close]])
    yield from names
    for row, is_remark in zip(below[close:], apart[close:], strict=True):
        yield spread(_joined(row, delimiter), len(names[0])) if is_remark else row


def _joined(row: Row, delimiter: str) -> str:
    return delimiter.join(row).rstrip(delimiter)


def _first_row(rows: Rows) -> int:
    """Return where the table begins: below the remarks at the head, or with the last of them."""
    count = len(list(takewhile(lambda row: not any(row) or row[0].startswith(_MARK), rows)))
    below = list(filter(any, rows[count:]))[:_LOOKED_AT]
    if not count or not below:
        return 0
    return count - _heads(rows[count - 1], below)


def _heads(remark: Row, below: Rows) -> bool:
    """Tell the names of columns behind the mark; rows that begin with names need no others.

    Where rows of words leave it open, a sentence has blanks behind its commas and the rows none.
    """
    if len(remark) != len(below[0]) or len(remark) < 2:
        return False
    votes, headed = header_votes(below), header_votes([remark, *below])
    if votes < 0 or headed > votes:
        return True
    return headed == votes and _has_blanks(remark) <= _has_blanks(below[0])


def _has_blanks(row: Row) -> bool:
    return any(cell.startswith(" ") for cell in row[1:])


def _is_apart(row: Row, *, columns: int) -> bool:
    """Tell a remark from a row, which has a cell for each column and no blanks between them."""
    if not row or not _APART.match(row[0]):
        return False
    return len(row) != columns or _has_blanks(row)
