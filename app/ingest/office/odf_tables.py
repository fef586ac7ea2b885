"""Lay the cells of an OpenDocument table on a grid; knows nothing of what they say."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from app.ingest.office.odf_xml import local_name, odf

_MOST_REPEATED = 1000  # empty cells and rows to the edge of a sheet are written as repetitions
_GROUPS = {"table-header-rows", "table-rows", "table-row-group"}
_GROUPS |= {"table-header-columns", "table-columns", "table-column-group"}
_CELL_STYLE = odf("table:default-cell-style-name")

Write = Callable[[Any, str], str]
"""Writes a cell; the second argument names the style of one that names none."""


def laid(table: Any, write: Write) -> list[list[str]]:
    """Lay cells on a grid, each in every row and column that it spans."""
    grid = _Grid(table, write)
    for row in _parts(table, "table-row"):
        grid.add(row)
    return grid.rows()


class _Grid:
    def __init__(self, table: Any, write: Write) -> None:
        self.columns = [
            column.get(_CELL_STYLE, "")
            for column in _parts(table, "table-column")
            for _ in range(_count(column, "number-columns-repeated"))
        ]
        self.write = write
        self.cells: dict[tuple[int, int], str] = {}
        self.height = self.width = 0

    def add(self, row: Any) -> None:
        """Add a row as often as it is repeated."""
        self._add_cells(row)
        repeated = _count(row, "number-rows-repeated")
        line = [self._at(self.height, x) for x in range(self.width)]
        if any(line):
            for y in range(self.height + 1, self.height + repeated):
                self.cells |= {(y, x): text for x, text in enumerate(line)}
        self.height += repeated

    def rows(self) -> list[list[str]]:
        return [[self._at(y, x) for x in range(self.width)] for y in range(self.height)]

    def _add_cells(self, row: Any) -> None:
        x = 0
        for cell in row:
            style = row.get(_CELL_STYLE) or (self.columns[x] if x < len(self.columns) else "")
            text = self.write(cell, style)
            repeated = _count(cell, "number-columns-repeated")
            if local_name(cell) != "covered-table-cell":
                for at in range(x, x + repeated):
                    self._span(cell, at, text)
            x += repeated
            self.width = max(self.width, x if text else 0)

    def _span(self, cell: Any, x: int, text: str) -> None:
        wide = _count(cell, "number-columns-spanned")
        tall = _count(cell, "number-rows-spanned")
        spanned = ((self.height + down, x + right) for down in range(tall) for right in range(wide))
        self.cells |= dict.fromkeys(spanned, text)

    def _at(self, y: int, x: int) -> str:
        return self.cells.get((y, x), "")


def _parts(table: Any, kind: str) -> Iterator[Any]:
    """Yield the rows or columns of a table, those of groups too."""
    for child in table:
        if local_name(child) == kind:
            yield child
        elif local_name(child) in _GROUPS:
            yield from _parts(child, kind)


def _count(element: Any, name: str) -> int:
    return min(int(element.get(odf(f"table:{name}"), "1")), _MOST_REPEATED)
