"""Find the tables that a text draws: rows with bars, and columns set with spaces or tabs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

SHORTEST = 60  # characters; a longer cell is left out where the beginning of a row is repeated

_RULE = re.compile(
    r"[\s|:-]*-{3}[\s|:-]*"
    r"|\s*(?:\|\s*)?:?-+:?\s*(?:\|\s*:?-+:?\s*)+\|?\s*"
    r"|\s*\+[-=:]+(?:\+[-=:]*)+\s*|\s*=+(?:\s+=+)+\s*"
)
_BAR = re.compile(r"(?<!\\)\|")
_GAP = re.compile(r"\t|[ ]{2,}")
_LINE = re.compile(r"[^\n]*\S[^\n]*")
_FEWEST_ROWS = 2  # that columns must hold below a header
_FEWEST_COLUMNS = 3  # that must agree; two may be labels and their values

Line = tuple[int, str]


class Table(NamedTuple):
    """A table with its header's row; offsets count in the text."""

    header: str
    body: int
    """Where the rows below the header begin."""
    end: int
    drawn: bool = True
    """Whether bars part its cells."""
    begun: str = ""
    """The beginning of a row that a text goes on with."""

    def above(self, text: str, start: int) -> str:
        """Return the header of the row at an offset, and below it what the row begins with."""
        line = text.rfind("\n", 0, start) + 1
        row = text[line : _line_end(text, start)]
        begun = self.begun if not line else ""
        if not self.body <= start < self.end or not (begun or self._has_row(row)):
            return ""
        before = f"{begun} {text[line:start]}".strip() if self.drawn else ""
        return f"{self.header}\n{opening(before)}" if before else self.header

    def _has_row(self, line: str) -> bool:
        return "|" in line if self.drawn else len(cells(line)) > 1


def is_rule(line: str) -> bool:
    """Tell a line between rows, which says nothing."""
    return bool(_RULE.fullmatch(line))


def is_table_header(header: str) -> bool:
    """Tell the header of a table from other text that stands above."""
    head = header.partition("\n")[0]
    return "|" in head or len(cells(head)) > 1


def later_rows(end: int, header: str) -> Table:
    """Return the table that a text goes on with up to `end`, under a header that `above` gave."""
    head, _, begun = header.partition("\n")
    return Table(head, 0, end, "|" in head, begun)


def cells(row: str) -> list[str]:
    """Return the cells of a row."""
    if "|" in row:
        return [cell.strip() for cell in _BAR.split(row.strip().strip("|"))]
    return [cell.strip() for cell in _GAP.split(row.strip())]


def opening(row: str) -> str:
    """Return what a row begins with, for the rest of it: "| T-1 | …" inside its second cell."""
    *whole, cut = _BAR.split(row.strip().removeprefix("|"))
    shown = [cell if len(cell) <= SHORTEST else "…" for cell in map(str.strip, whole)]
    return "| " + " | ".join([*shown, "…" if cut.strip() else ""]).rstrip()


def tables(text: str, start: int, end: int) -> Iterator[Table]:
    """Yield the tables of a paragraph."""
    lines = [(m.start(), m[0]) for m in _LINE.finditer(text, start, end)]
    barred = [line for line in lines if "|" in line[1] and not is_rule(line[1])]
    said = [line for line in lines if not is_rule(line[1])]
    if len(barred) > 1 and len(barred) >= len(said) - 1:
        yield _table(barred[0], barred)
    elif barred:
        yield from _among_others(lines)
    elif _in_columns([line for _, line in said], ruled=len(lines) > 1 and is_rule(lines[1][1])):
        yield _table(said[0], said, drawn=False)


def _table(header: Line, rows: Sequence[Line], *, drawn: bool = True) -> Table:
    last, text = rows[-1]
    return Table(header[1], header[0] + len(header[1]), last + len(text), drawn)


def _among_others(lines: Sequence[Line]) -> Iterator[Table]:
    """Yield tables between other lines: rows one below the other, the first above a rule."""
    for barred, group in groupby(lines, key=lambda line: "|" in line[1] or is_rule(line[1])):
        run = list(group)
        at = next((at for at, (_, line) in enumerate(run) if not is_rule(line)), len(run))
        if barred and len(run) > at + 2 and is_rule(run[at + 1][1]):
            yield _table(run[at], run)


def _in_columns(lines: Sequence[str], *, ruled: bool) -> bool:
    """Tell whether lines hold cells one below the other, under a first one that names them.

    Without a rule below it, the first line names columns only if it has no number where the
    others have one: "Name  Room  Phone" above "Ada  C4  4711".
    """
    if len(lines) <= _FEWEST_ROWS - ruled or not all(_GAP.search(line.strip()) for line in lines):
        return False
    grid = [cells(line) for line in lines]
    if len({len(row) for row in grid}) > 1 or not _aligned(lines):
        return False
    numbers = [all(map(_has_digit, column)) for column in zip(*grid[1:], strict=True)]
    told = not any(map(_has_digit, grid[0])) and any(numbers)
    return ruled or (told and (len(numbers) >= _FEWEST_COLUMNS or all(numbers)))


def _aligned(lines: Sequence[str]) -> bool:
    """Tell whether the cells of each column begin or end below one another; tabs always part."""
    if all("\t" in line for line in lines):
        return True
    spans = [[m.span() for m in re.finditer(r"\S+(?: \S+)*", line)] for line in lines]
    return all(
        len({left for left, _ in column}) == 1 or len({right for _, right in column}) == 1
        for column in zip(*spans, strict=True)
    )


def _line_end(text: str, start: int) -> int:
    end = text.find("\n", start)
    return end if end >= 0 else len(text)


def _has_digit(cell: str) -> bool:
    return any(map(str.isdigit, cell))
