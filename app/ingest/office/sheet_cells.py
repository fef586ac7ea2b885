"""Tell what the cells of a workbook's sheet show, and what is hidden or struck there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, time
from typing import Any

from openpyxl.cell.rich_text import CellRichText
from openpyxl.utils import range_boundaries
from openpyxl.utils.datetime import from_excel

from app.ingest.number_formats.shown import shown
from app.ingest.raised import raised
from app.ingest.tables.cells import Spanned, check_size
from app.ingest.tables.stored_cells import BLANK, STRUCK, StoredCells

_MOST_COLUMNS = 16_384  # of a sheet; a broken file may hide any number
_LOCAL = {14: "yyyy-mm-dd", 22: "yyyy-mm-dd hh:mm"}  # of formats that each country has its own of
_EAST_ASIAN = {*range(27, 37), *range(50, 59)}  # dates in one country and times in another
_FAR = 1000  # rows or columns; whole ones are merged where a title is to be wide
_THREAD = "tc="  # begins the author of a comment that older programs get for a conversation


def stored_cells(sheet: Any) -> StoredCells:
    """Return the texts of a sheet's cells, without those that are hidden or struck."""
    check_size(len(sheet._cells))
    cells, merged = StoredCells(_hidden_rows(sheet), _hidden_columns(sheet)), _merged(sheet)
    origins = {at: sheet._cells[at] for at in {*merged.values()} if at in sheet._cells}
    texts = {at: said(origin) for at, origin in origins.items()}  # one for all that it spans
    spanned = {at: Spanned(text) for at, text in texts.items()}
    commented = []
    for (row, column), cell in sorted(sheet._cells.items()):
        at = merged.get((row, column), (row, column))
        origin = origins.get(at, cell)
        if (origin.value is not None or cell.comment) and cells.sees(row, column):
            text = (spanned if at[1] < column else texts).get(at)
            cells.put(row, column, said(cell) if text is None else text, missing=_missing(origin))
            commented += [cell] if cell.comment else []
    for cell in commented:
        cells.comment(cell.row, cell.column, _comment(cell.comment))
    return cells


def _missing(cell: Any) -> str:
    """Say why a cell with a value shows none."""
    return (STRUCK if _is_struck(cell) else BLANK) if str(cell.value or "").strip() else ""


def said(cell: Any) -> str:
    """Return what a cell shows."""
    struck = _is_struck(cell)
    if isinstance(cell.value, CellRichText):
        return "".join(_run(part, struck=struck) for part in cell.value)
    return "" if struck or cell.value is None else shown(*_formed(cell))


def _formed(cell: Any) -> tuple[Any, str]:
    """Return the value of a cell and its number format, dates in the order of no one country."""
    number = cell._style.numFmtId if cell.has_style else 0
    if number in _EAST_ASIAN and cell.data_type == "n":
        with suppress(OverflowError):
            return _dated(from_excel(cell.value, cell.parent.parent.epoch))
    return cell.value, _LOCAL.get(number, cell.number_format)


def _dated(moment: datetime | time) -> tuple[datetime | time, str]:
    if isinstance(moment, time):
        return moment, "hh:mm:ss" if moment.second else "hh:mm"
    return moment, "yyyy-mm-dd hh:mm" if moment.time() > time() else "yyyy-mm-dd"


def _is_struck(cell: Any) -> bool:
    return bool(cell.has_style and cell.font.strike)


def _run(part: Any, *, struck: bool) -> str:
    """Return a run of formatted text; one without a font of its own has the cell's."""
    if isinstance(part, str):
        return "" if struck else part
    if part.font.strike:
        return ""
    return raised(part.text) if part.font.vertAlign == "superscript" else str(part.text)


def _comment(comment: Any) -> str:
    """Return a comment without what older programs are told before a conversation."""
    text = str(comment.text)
    return text.split("\n\n", 2)[-1] if str(comment.author).startswith(_THREAD) else text


def _hidden_rows(sheet: Any) -> set[int]:
    """Return the rows that somebody hid.

    Those that a filter or a folded outline puts aside are data all the same: a click shows them.
    """
    filtered = [rows for first, last in _filtered(sheet) for rows in [range(first, last + 1)]]
    return {
        number
        for number, row in sheet.row_dimensions.items()
        if row.hidden and not row.outlineLevel and not any(number in rows for rows in filtered)
    }


def _filtered(sheet: Any) -> Iterator[tuple[int, int]]:
    """Yield the first and last row of each filter that is in use, also of tables in the sheet."""
    for found in (sheet.auto_filter, *(table.autoFilter for table in sheet.tables.values())):
        if found is not None and found.ref and found.filterColumn:
            _, first, _, last = range_boundaries(found.ref)
            yield first, last


def _hidden_columns(sheet: Any) -> set[int]:
    return {
        at
        for columns in sheet.column_dimensions.values()
        if columns.hidden and not columns.outlineLevel
        for at in range(columns.min, min(columns.max, _MOST_COLUMNS) + 1)
    }


def _merged(sheet: Any) -> dict[tuple[int, int], tuple[int, int]]:
    """Return for each cell of a merged range the one that holds its value."""
    filled = [place for place, cell in sheet._cells.items() if cell.value is not None]
    last_row, last_column = map(max, zip(*filled, strict=True)) if filled else (0, 0)
    return {
        (row, column): (area.min_row, area.min_col)
        for area in sheet.merged_cells.ranges
        for row in range(area.min_row, _end(area.max_row, last_row) + 1)
        for column in range(area.min_col, _end(area.max_col, last_column) + 1)
    }


def _end(merged: int, filled: int) -> int:
    """Return where a merged range ends; one that goes far beyond all values ends with them."""
    return merged if merged <= filled + _FAR else filled
