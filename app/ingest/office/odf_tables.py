"""Lay the cells of an OpenDocument table on a grid; knows nothing of what they say."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple, Protocol

from app.ingest.office.odf_xml import local_name, odf
from app.ingest.tables.cells import check_size, spread

_MOST_REPEATED = 1000  # empty cells and rows to the edge of a sheet are written as repetitions
_GROUPS = {"table-header-rows", "table-rows", "table-row-group"}
_GROUPS |= {"table-header-columns", "table-columns", "table-column-group"}
_CELL_STYLE = odf("table:default-cell-style-name")


class Write(Protocol):
    """Writes a cell; `style` names the style of one that names none."""

    def __call__(self, cell: Any, style: str, *, is_hidden: bool) -> str:
        """Return what the cell says, also if it is hidden."""


class Laid(NamedTuple):
    """The rows of a table, each as long as the others, and how much of it is hidden."""

    rows: list[list[str]]
    hidden: str
    """What is left out, as in "3 hidden rows, 1 hidden column"."""


def laid(table: Any, write: Write) -> Laid:
    """Lay cells on a grid, each in every row and column that it spans, but for hidden ones."""
    grid = _Grid(table, write)
    for row, is_hidden in _parts(table, "table-row"):
        grid.add(row, is_hidden=is_hidden)
    return grid.laid()


class _Column(NamedTuple):
    is_hidden: bool
    style: str


class _Grid:
    def __init__(self, table: Any, write: Write) -> None:
        self.columns = [
            _Column(is_hidden, column.get(_CELL_STYLE, ""))
            for column, is_hidden in _parts(table, "table-column")
            for _ in range(_count(column, "number-columns-repeated"))
        ]
        self.write = write
        self.cells: dict[tuple[int, int], str] = {}
        self.height = self.width = self.spanned = 0
        self.hidden_rows: set[int] = set()

    def add(self, row: Any, *, is_hidden: bool) -> None:
        """Add a row as often as it is repeated."""
        self._add_cells(row, is_hidden=is_hidden)
        repeated = _count(row, "number-rows-repeated")
        line = [self._at(self.height, x) for x in range(self.width)]
        if any(line):
            check_size(len(self.cells) + repeated * self.width)
            for y in range(self.height + 1, self.height + repeated):
                self.cells |= {(y, x): text for x, text in enumerate(line)}
        if is_hidden:
            self.hidden_rows |= set(range(self.height, self.height + repeated))
        self.height += repeated

    def laid(self) -> Laid:
        """Return the rows, without hidden ones and columns."""
        check_size(self.width * self.height)
        rows = {y: [self._at(y, x) for x in range(self.width)] for y in range(self.height)}
        seen = [row for y, row in rows.items() if y not in self.hidden_rows]
        hidden = {x for x, column in enumerate(self.columns[: self.width]) if column.is_hidden}
        lost_rows = sum(any(rows[y]) for y in self.hidden_rows)
        lost_columns = sum(any(row[x] for row in seen) for x in hidden)
        left = [x for x in range(self.width) if x not in hidden]
        return Laid(
            [[row[x] for x in left] for row in seen],
            ", ".join(filter(None, [_told(lost_rows, "row"), _told(lost_columns, "column")])),
        )

    def _add_cells(self, row: Any, *, is_hidden: bool) -> None:
        x = 0
        for cell in row:
            column = self.columns[x] if x < len(self.columns) else _Column(False, "")
            style = row.get(_CELL_STYLE) or column.style
            text = self.write(cell, style, is_hidden=is_hidden or column.is_hidden)
            repeated = _count(cell, "number-columns-repeated")
            check_size(repeated * _count(cell, "number-columns-spanned"))
            if local_name(cell) != "covered-table-cell":
                for at in range(x, x + repeated):
                    self._span(cell, at, text)
            x += repeated
            self.width = max(self.width, x if text else 0)

    def _span(self, cell: Any, x: int, text: str) -> None:
        wide = _count(cell, "number-columns-spanned")
        tall = _count(cell, "number-rows-spanned")
        self.spanned += wide * tall
        check_size(self.spanned)
        for right, said in enumerate(spread(text, wide)):
            self.cells |= {(self.height + down, x + right): said for down in range(tall)}

    def _at(self, y: int, x: int) -> str:
        return self.cells.get((y, x), "")


def _parts(table: Any, kind: str, *, is_hidden: bool = False) -> Iterator[tuple[Any, bool]]:
    """Yield the rows or columns of a table, those of groups too, and whether each is hidden.

    Rows that a filter hides are data all the same.
    """
    for child in table:
        hidden = is_hidden or _is_hidden(child)
        if local_name(child) == kind:
            yield child, hidden
        elif local_name(child) in _GROUPS:
            yield from _parts(child, kind, is_hidden=hidden)


def _is_hidden(part: Any) -> bool:
    marks = part.get(odf("table:visibility")), part.get(odf("table:display"))
    return "collapse" in marks or "false" in marks


def _told(count: int, what: str) -> str:
    return f"{count} hidden {what}{'s' if count > 1 else ''}" if count else ""


def _count(element: Any, name: str) -> int:
    return min(int(element.get(odf(f"table:{name}"), "1")), _MOST_REPEATED)
