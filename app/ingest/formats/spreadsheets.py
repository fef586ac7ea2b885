"""Read Excel workbooks sheet by sheet; knows nothing of looks or macros."""

from __future__ import annotations

import warnings
from io import BytesIO
from typing import Any
from zipfile import ZipFile

from openpyxl import load_workbook

from app.ingest.extracted import TextBuilder, UnreadableFile
from app.ingest.office.drawings import note_objects
from app.ingest.office.package import checked_package
from app.ingest.office.sheet_cells import stored_cells
from app.ingest.office.sheet_controls import add_controls
from app.ingest.office.sheet_drawings import Drawings
from app.ingest.office.sheet_sizes import Place, formulas
from app.ingest.office.sheet_texts import printed
from app.ingest.tables.stored_cells import add_cells


def read_xlsx(data: bytes, builder: TextBuilder) -> None:
    """Add each sheet as a section, its rows as records, values and dates as they are shown."""
    data = checked_package(data, builder.limit, "Excel", ".xlsx")
    try:
        with warnings.catch_warnings(action="ignore"):  # of parts that openpyxl leaves out
            _add_book(data, builder)
    except UnreadableFile:
        raise
    except Exception as error:  # broken packages make the parser raise nearly anything
        raise UnreadableFile("is not a readable Excel workbook") from error


def _add_book(data: bytes, builder: TextBuilder) -> None:
    with ZipFile(BytesIO(data)) as package:
        computed = _formulas(data, package)
        book = load_workbook(BytesIO(data), data_only=True, rich_text=True)
        sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
        drawings = [Drawings(package, sheet) for sheet in sheets]
        for sheet, drawn in zip(sheets, drawings, strict=True):
            cells = stored_cells(sheet)
            add_controls(package, sheet, cells)
            add_cells(cells, sheet.title, builder, named=len(sheets) > 1)
            _add_drawn(sheet, drawn, builder)
    note_objects(sum(drawn.objects for drawn in drawings), builder)
    for line in dict.fromkeys(line for sheet in sheets for line in printed(sheet)):
        builder.add(line)
    _note_uncomputed(computed, sheets, builder)
    _note_unread(book, builder)


def _note_unread(book: Any, builder: TextBuilder) -> None:
    for sheet in book.worksheets:
        if sheet.sheet_state != "visible":
            builder.note(f"hidden sheet {sheet.title!r}")
    for chart in book.chartsheets:
        builder.note(f"sheet {chart.title!r}, which is a chart")


def _add_drawn(sheet: Any, drawn: Drawings, builder: TextBuilder) -> None:
    for lines in drawn.texts():
        builder.add_lines(lines)
    if drawn.charts:
        builder.note(f"{drawn.charts} charts of sheet {sheet.title!r}")


def _formulas(data: bytes, package: ZipFile) -> dict[str, set[Place]]:
    """Return the cells of each sheet that are computed; raises UnreadableFile for huge sheets."""
    known = load_workbook(BytesIO(data), read_only=True)  # which reads no cell yet
    return {sheet.title: formulas(package, sheet._worksheet_path) for sheet in known.worksheets}


def _note_uncomputed(
    computed: dict[str, set[Place]], sheets: list[Any], builder: TextBuilder
) -> None:
    """Tell formulas without a value, as a library writes them that cannot compute."""
    for sheet in sheets:
        missing = sum(_is_uncomputed(sheet._cells.get(at)) for at in computed[sheet.title])
        if missing:
            hint = "open and save it in a spreadsheet program"
            builder.note(f"{missing} formulas of sheet {sheet.title!r} without a value: {hint}")


def _is_uncomputed(cell: Any) -> bool:
    """Tell a formula without a value from one whose value is an empty text."""
    return cell is None or (cell.value is None and cell.data_type != "str")
