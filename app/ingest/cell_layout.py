"""Lay the stored cells of a sheet in rows; knows no file format."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping

from app.ingest.extracted import TextBuilder, UnreadableFile
from app.ingest.sheets import add_rows, blocks

MOST_CELLS = 5_000_000  # of a sheet, which may store a few that lie as far apart as it likes

Cells = Mapping[int, Mapping[int, str]]
"""What is shown in each row that stores anything, by the numbers of rows and columns."""


def add_cells(cells: Cells, hidden: Container[int], title: str, builder: TextBuilder) -> None:
    """Add the rows of a sheet as records, below its title unless that is empty."""
    builder.records = True
    rows = list(_laid_out(cells, hidden))
    if any(map(any, rows)):
        builder.heading(1, title)
    for block in blocks(rows):
        add_rows(block, builder)


def check_size(cells: int) -> None:
    """Raise UnreadableFile where a sheet has too many cells."""
    if cells > MOST_CELLS:
        raise UnreadableFile(f"has a sheet of more than {MOST_CELLS:,} cells: split it")


def _laid_out(cells: Cells, hidden: Container[int]) -> Iterator[list[str]]:
    """Yield the rows that show something up to the last column, and an empty one for a gap."""
    width = max((max(row) for row in cells.values() if row), default=0)
    check_size(width * len(cells))
    before = 0
    for number in sorted(cells):
        if any(at not in hidden for at in range(before + 1, number)):
            yield []
        if row := cells[number]:
            yield [row.get(at, "") for at in range(1, width + 1)]
        before = number
