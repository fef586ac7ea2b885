"""Read the rows of tables and records back from a chunk's text, each cell with its place."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from graphs.text import Span

_LINE = re.compile(r"[^\n]+")
_PARAGRAPH = re.compile(r"(?:[^\n]+\n?)+")
_FIELD = re.compile(r"(?P<column>[^:;|\n]{1,60}): (?P<value>\S.*)")
_NEXT_FIELD = re.compile(r"; (?=[^:;\n]{1,60}: \S)")
_RULE = re.compile(r"[\s|:-]*-{3}[\s|:-]*")  # between a table's header and its rows
_CELL = re.compile(r"[^|]*[^|\s][^|]*")
_FEWEST_CELLS = 2


@dataclass(frozen=True)
class Cell:
    """One value of a row, and its span in the chunk's text."""

    column: str
    value: str
    start: int
    end: int


Row = tuple[Cell, ...]


def rows_of(text: str, *, records: bool = False, header: str = "") -> list[Row]:
    """Return the rows of a chunk's tables, or, where all of it is records, its records.

    Records are what `app.ingest.formats.records` writes: "column: value; column: value" in a
    line, or a line for each "path.to.column: value". `header` is the chunk's: that of the table
    which it goes on with, and below it the beginning of a row that an earlier chunk has.
    """
    rows = _records(text) if records else _tables(text, header)
    return [row for row in rows if len(row) >= _FEWEST_CELLS]


def in_rows(text: str, start: int) -> bool:
    """Tell whether the line that holds an offset is a table's."""
    line = text.rfind("\n", 0, start) + 1
    end = text.find("\n", start)
    return "|" in text[line : end if end >= 0 else len(text)]


def _records(text: str) -> Iterator[Row]:
    for paragraph in _PARAGRAPH.finditer(text):
        fields = [
            _FIELD.fullmatch(text, start, end)
            for line in _LINE.finditer(text, *paragraph.span())
            for start, end in _fields(text, *line.span())
        ]
        yield tuple(
            Cell(match["column"].strip(), match["value"].rstrip(), start, _end(text, match))
            for match in fields
            if match
            for start in [match.start("value")]
        )


def _fields(text: str, start: int, end: int) -> Iterator[Span]:
    cuts = [match.span() for match in _NEXT_FIELD.finditer(text, start, end)]
    for (_, left), (right, _) in pairwise([(start, start), *cuts, (end, end)]):
        yield left, right


def _end(text: str, match: re.Match[str]) -> int:
    return match.start("value") + len(match["value"].rstrip())


def _tables(text: str, header: str) -> Iterator[Row]:
    head, _, begun = header.partition("\n")
    start = text.find("\n") + 1 if begun else 0  # behind the rest of the row that is begun
    block: list[Span] = []
    for line in _LINE.finditer(text, start):
        apart = bool(block) and line.start() > block[-1][1] + 1
        if apart or "|" not in line[0]:
            yield from _table(text, block, start, head)
            block = []
        if "|" in line[0]:
            block.append(line.span())
    yield from _table(text, block, start, head)


def _table(text: str, lines: Sequence[Span], start: int, above: str) -> Iterator[Row]:
    ruled = len(lines) > 1 and bool(_RULE.fullmatch(text, *lines[1]))
    first = bool(lines) and lines[0][0] == start
    if first and not ruled:  # the middle of a table, as far as the chunk knows
        yield from _rows(text, lines, above)
    elif lines:
        yield from _rows(text, lines[2 if ruled else 1 :], text[slice(*lines[0])])


def _rows(text: str, lines: Sequence[Span], head: str) -> Iterator[Row]:
    header = [head[start:end] for start, end in _cells(head, 0, len(head))]
    for line in lines:
        cells = list(_cells(text, *line))
        if len(cells) == len(header):
            yield tuple(
                Cell(column, text[start:end], start, end)
                for column, (start, end) in zip(header, cells, strict=True)
            )


def _cells(text: str, start: int, end: int) -> Iterator[Span]:
    for match in _CELL.finditer(text, start, end):
        left = match.start() + len(match[0]) - len(match[0].lstrip())
        yield left, left + len(match[0].strip())
