"""Look a workbook's sheets over before they are read: what they store, span and compute."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, Any
from zipfile import ZipFile

from lxml import etree
from openpyxl.packaging.relationship import get_dependents, get_rels_path
from openpyxl.utils import range_boundaries
from openpyxl.utils.cell import coordinate_to_tuple
from openpyxl.xml.constants import COMMENTS_NS, SHEET_MAIN_NS

from app.ingest.tables.cells import check_size

Place = tuple[int, int]
"""A row and a column, counted from 1."""

_LAST_ROW, _LAST_COLUMN = 1_048_576, 16_384
_CELL, _ROW, _FORMULA, *_RANGES = (
    f"{{{SHEET_MAIN_NS}}}{name}" for name in ("c", "row", "f", "mergeCell", "hyperlink", "comment")
)


def formulas(package: ZipFile, sheet: str) -> set[Place]:
    """Return the cells of a sheet's part that are computed.

    Raises UnreadableFile where it stores too much, or names ranges of too many cells: openpyxl
    makes a cell for each.
    """
    found: set[Place] = set()
    size = 0
    for part in (sheet, *_comments(package, sheet)):
        with package.open(part) as source:
            for place, cells, is_formula in _looked_over(source):
                size += cells
                check_size(size)
                if is_formula:
                    found.add(place)
    return found


def _comments(package: ZipFile, sheet: str) -> list[str]:
    relations = get_rels_path(sheet)
    if relations not in package.namelist():
        return []
    return [found.target for found in get_dependents(package, relations).find(COMMENTS_NS)]


def _looked_over(source: IO[bytes]) -> Iterator[tuple[Place, int, bool]]:
    """Yield each stored cell and each range: where it is, of how many cells, and if a formula."""
    row = column = 0
    for event, element in _elements(source):
        if event == "start":
            if element.tag == _ROW:
                row, column = int(float(element.get("r", row + 1))), 0
        elif element.tag == _CELL:
            place = _place(element, row, column + 1)
            column = place[1]
            yield place, 1, element.find(_FORMULA) is not None
            element.clear()
        elif element.tag == _ROW:
            element.clear()
        else:
            yield (0, 0), _cells_of(element.get("ref", "")), False


def _elements(source: IO[bytes]) -> Iterator[tuple[str, Any]]:
    yield from etree.iterparse(
        source, events=("start", "end"), tag=(_ROW, _CELL, *_RANGES),
        resolve_entities=False, no_network=True, huge_tree=True,
    )  # fmt: skip


def _place(cell: Any, row: int, column: int) -> Place:
    """Return where a cell says that it is, or else the place behind the last one."""
    named = cell.get("r")
    return coordinate_to_tuple(named) if named else (row, column)


def _cells_of(reference: str) -> int:
    """Return how many cells a range holds; one that names no rows or columns holds all."""
    left, top, right, bottom = range_boundaries(reference)
    wide = (right or _LAST_COLUMN) - (left or 1) + 1
    tall = (bottom or _LAST_ROW) - (top or 1) + 1
    return max(wide, 0) * max(tall, 0)
