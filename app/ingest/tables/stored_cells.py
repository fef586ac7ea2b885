"""Lay the stored cells of a sheet in rows, and name those left out; knows no file format."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

from app.ingest.extracted import TextBuilder, clean_line
from app.ingest.tables.cells import check_size
from app.ingest.tables.sheets import add_sheet

STRUCK = "struck cell{}"
BLANK = "cell{} hidden by format"

_LONGEST_BESIDE = 80  # characters of a comment; a longer one makes the name of a column too long


class StoredCells:
    """What is shown in the cells that a sheet stores, which may be few and far apart."""

    def __init__(self, hidden_rows: set[int], hidden_columns: set[int]) -> None:
        """Begin with an empty sheet; rows and columns are counted from 1."""
        self.hidden_rows = hidden_rows
        self.texts: dict[int, dict[int, str]] = defaultdict(dict)
        self.remarks: list[str] = []
        self._hidden_columns = hidden_columns
        self._count = 0
        self._unseen: set[tuple[str, object]] = set()

    def sees(self, row: int, column: int) -> bool:
        """Tell whether a cell is seen; a hidden one is counted as left out."""
        self._count += 1
        check_size(self._count)
        if row in self.hidden_rows:
            self._unseen.add(("hidden row{}", row))
        elif column in self._hidden_columns:
            self._unseen.add(("hidden column{}", column))
        else:
            return True
        return False

    def put(self, row: int, column: int, text: str, *, missing: str = "") -> None:
        """Keep the text of a cell, or that its row holds one of which `missing` says what."""
        stored = self.texts[row]  # also a row without texts, which parts no table
        if text:
            stored[column] = text
        elif missing:
            self._unseen.add((missing, (row, column)))

    def beside(self, row: int, column: int, text: str) -> None:
        """Put a text that lies upon a cell behind what the cell shows, if that is seen."""
        if self.sees(row, column):
            self.texts[row][column] = f"{self.texts[row].get(column, '')} {text}".strip()

    def comment(self, row: int, column: int, text: str) -> None:
        """Put a comment behind its cell, or a long one with the row below all rows."""
        comment, stored = f"[comment: {clean_line(text)}]", self.texts[row]
        if len(comment) <= _LONGEST_BESIDE:
            stored[column] = f"{stored.get(column, '')} {comment}".strip()
        else:
            self.remarks.append(f"{' | '.join(stored.values())} {comment}".strip())

    def left_out(self) -> str:
        """Name what is not read: "2 hidden rows, 1 struck cell"."""
        counts = Counter(what for what, _ in self._unseen)
        return ", ".join(f"{n} {what.format('s' * (n > 1))}" for what, n in sorted(counts.items()))


def add_cells(cells: StoredCells, title: str, builder: TextBuilder, *, named: bool) -> None:
    """Add the rows of a sheet as records, below its title if it is to be named."""
    builder.records = True
    rows = list(_laid_out(cells))
    if named and any(map(any, rows)):
        builder.heading(1, title)
    add_sheet(rows, builder)
    for remark in cells.remarks:
        builder.add(remark)
    if missing := cells.left_out():
        builder.note(f"{missing} in sheet {title!r}")


def _laid_out(cells: StoredCells) -> Iterator[list[str]]:
    """Yield the rows up to the last column that shows anything, and an empty one for a gap."""
    width = max((max(row) for row in cells.texts.values() if row), default=0)
    check_size(width * len(cells.texts))
    before = 0
    for number in sorted(cells.texts):
        if any(at not in cells.hidden_rows for at in range(before + 1, number)):
            yield []
        if row := cells.texts[number]:
            yield [row.get(at, "") for at in range(1, width + 1)]
        before = number
