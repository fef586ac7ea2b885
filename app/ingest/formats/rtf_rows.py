"""Carry through striprtf where the cells of RTF tables end, and lay them on a grid by that."""

from __future__ import annotations

import re
from typing import NamedTuple

from app.ingest.tables.cells import Spanned, check_size, spread

_OPEN, _CLOSE = "\ue000", "\ue001"  # of what is said of a cell, in characters that no text has
_SAID = re.compile(rf"{_OPEN}(-?\d+)([vh]?){_CLOSE}")
_MERGED = {"clvmrg": "v", "clmrg": "h"}
_CLOSE_BY = 120  # twentieths of a point; edges of rows that are meant to agree may differ by some


class Shape(NamedTuple):
    """What an RTF says of the cells of a row before it: where each ends, and what it goes on."""

    cells: tuple[str, ...] = ()
    merged: str = ""
    """Whether the cell that is told of next goes on the one above it or to its left."""

    def after(self, word: str, argument: str) -> Shape:
        """Return what is said once a word has been read."""
        if word == "trowd":
            return Shape()
        if word == "cellx":
            return Shape((*self.cells, f"{argument or 0}{self.merged}"))
        return self._replace(merged=_MERGED[word]) if word in _MERGED else self

    def mark(self, at: int) -> str:
        """Write in RTF what is said of a cell, "" for one of which nothing is."""
        if at >= len(self.cells):
            return ""
        return rf"{{\uc1\u{ord(_OPEN)} ?}}{self.cells[at]}{{\uc1\u{ord(_CLOSE)} ?}}"


def without_marks(line: str) -> str:
    """Take out of a line that is no row what is said of cells."""
    return _SAID.sub("", line)


def laid(rows: list[list[str]]) -> list[list[str]]:
    """Lay marked cells on the columns of their table, each in all that it spans."""
    marks = [[_SAID.search(cell) for cell in row] for row in rows]
    said = [[mark for mark in row if mark] for row in marks]
    texts = [[without_marks(cell).strip() for cell in row] for row in rows]
    if any(len(found) < len(row) for found, row in zip(said, rows, strict=True)):
        return texts
    columns = _columns([[int(mark[1]) for mark in row] for row in said])
    grid: list[list[str]] = []
    for row, found in zip(texts, said, strict=True):
        line: list[str] = []
        for text, mark in zip(row, found, strict=True):
            end = columns.get(int(mark[1]), 0)
            shown = _shown(text, mark[2], line, grid[-1] if grid else [])
            line += spread(shown, max(1, end - len(line)))
        check_size(sum(map(len, grid)) + len(line))
        grid.append(line)
    return grid


def _columns(edges: list[list[int]]) -> dict[int, int]:
    """Return for each edge how many columns of the table lie before it.

    Rows of equally many cells have the same columns, even where their edges differ.
    """
    if len({len(row) for row in edges}) == 1:
        return {}
    counts: dict[int, int] = {}
    count, first = 0, 0
    for edge in sorted({edge for row in edges for edge in row}):
        if not count or edge - first > _CLOSE_BY:
            count, first = count + 1, edge
        counts[edge] = count
    return counts


def _shown(text: str, merged: str, line: list[str], above: list[str]) -> str:
    """Return the text of a cell, or of the one that it goes on."""
    if merged == "h" and line:
        return Spanned(line[-1])
    return above[len(line)] if merged == "v" and len(above) > len(line) else text
