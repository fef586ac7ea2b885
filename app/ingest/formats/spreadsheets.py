"""Read Excel workbooks sheet by sheet; knows nothing of looks or macros."""

from __future__ import annotations

import warnings
from io import BytesIO
from typing import Any

from openpyxl import load_workbook

from app.ingest.cell_formats import shown
from app.ingest.extracted import TextBuilder, UnreadableFile
from app.ingest.office.package import checked_package
from app.ingest.sheets import add_rows, blocks

_MOST_CELLS = 5_000_000  # of a sheet; a broken file may say that it has 17 thousand million


def read_xlsx(data: bytes, builder: TextBuilder) -> None:
    """Add each sheet as a section, its rows as records, values and dates as they are shown."""
    data = checked_package(data, builder.limit, "Excel", ".xlsx")
    try:
        with warnings.catch_warnings(action="ignore"):  # of parts that openpyxl leaves out
            book = load_workbook(BytesIO(data), data_only=True)
            for sheet in book.worksheets:
                _add_sheet(sheet, builder, named=len(book.worksheets) > 1)
            _note_uncomputed(data, book, builder)
            for chart in book.chartsheets:
                builder.note(f"sheet {chart.title!r}, which is a chart")
    except UnreadableFile:
        raise
    except Exception as error:  # broken packages make the parser raise nearly anything
        raise UnreadableFile("is not a readable Excel workbook") from error


def _add_sheet(sheet: Any, builder: TextBuilder, *, named: bool) -> None:
    builder.records = True
    if sheet.max_row * sheet.max_column > _MOST_CELLS:
        raise UnreadableFile(f"has a sheet of more than {_MOST_CELLS:,} cells: split it")
    merged = _merged(sheet)
    rows = _rows(sheet, merged)
    if any(any(row) for row in rows) and named:
        builder.heading(1, sheet.title)
    for block in blocks(rows):
        add_rows(block, builder)
    if sheet._charts:
        builder.note(f"{len(sheet._charts)} charts of sheet {sheet.title!r}")


def _rows(sheet: Any, merged: dict[tuple[int, int], tuple[int, int]]) -> list[list[str]]:
    return [
        [_shown(sheet, merged.get((cell.row, cell.column)), cell) for cell in row]
        for row in sheet.iter_rows()
    ]


def _shown(sheet: Any, origin: tuple[int, int] | None, cell: Any) -> str:
    cell = sheet.cell(*origin) if origin else cell
    return shown(cell.value, cell.number_format) if cell.value is not None else ""


def _merged(sheet: Any) -> dict[tuple[int, int], tuple[int, int]]:
    """Return for each cell of a merged range the one that holds its value."""
    return {
        (row, column): (area.min_row, area.min_col)
        for area in sheet.merged_cells.ranges
        for row in range(area.min_row, area.max_row + 1)
        for column in range(area.min_col, area.max_col + 1)
    }


def _note_uncomputed(data: bytes, book: Any, builder: TextBuilder) -> None:
    """Tell formulas without a value, as a library writes them that cannot compute."""
    written = load_workbook(BytesIO(data), read_only=True)
    for sheet in written.worksheets:
        values = book[sheet.title]
        missing = sum(
            cell.data_type == "f" and values.cell(cell.row, cell.column).value is None
            for row in sheet.iter_rows()
            for cell in row
        )
        if missing:
            hint = "open and save it in a spreadsheet program"
            builder.note(f"{missing} formulas of sheet {sheet.title!r} without a value: {hint}")
