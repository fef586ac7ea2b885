"""Read the workbooks that Excel 2003 saved as one XML file; knows nothing of packages."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import product
from typing import Any, NamedTuple

from openpyxl.utils.datetime import to_excel

from app.ingest.extracted import TextBuilder, UnreadableFile
from app.ingest.number_formats.shown import shown
from app.ingest.raised import raised
from app.ingest.tables.cells import Spanned, check_size
from app.ingest.tables.stored_cells import BLANK, STRUCK, StoredCells, add_cells

_SHEET = "{urn:schemas-microsoft-com:office:spreadsheet}"
_OPTIONS = "{urn:schemas-microsoft-com:office:excel}"
_HTML = "{http://www.w3.org/TR/REC-html40}"
_MOST_ROWS = 1_048_576  # of a sheet; a broken file may name any number
_UNUSUAL = 61  # days; before the end of February 1900 these files count as times, not as dates
_NAMED = {
    "General Number": "General", "General Date": "yyyy-mm-dd hh:mm", "Long Date": "d mmmm yyyy",
    "Medium Date": "d mmm yyyy", "Short Date": "yyyy-mm-dd", "Long Time": "hh:mm:ss",
    "Medium Time": "h:mm AM/PM", "Short Time": "hh:mm", "Currency": "#,##0.00",
    "Euro Currency": '"€"#,##0.00', "Fixed": "0.00", "Standard": "#,##0.00", "Percent": "0.00%",
    "Scientific": "0.00E+00", "Yes/No": '"Yes";"Yes";"No"',
    "True/False": '"True";"True";"False"', "On/Off": '"On";"On";"Off"',
}  # fmt: skip  # dates without the order of one country


class _Style(NamedTuple):
    shape: str = "General"
    struck: bool = False


def is_workbook(root: Any) -> bool:
    """Tell a workbook by its outermost element."""
    return str(root.tag) == f"{_SHEET}Workbook"


def add_workbook(root: Any, builder: TextBuilder) -> None:
    """Add each sheet as a section, its rows as records, values and dates as they are shown."""
    try:
        _add_sheets(root, builder)
    except UnreadableFile:
        raise
    except (ValueError, OverflowError) as error:
        raise UnreadableFile("is not a readable Excel workbook") from error


def _add_sheets(root: Any, builder: TextBuilder) -> None:
    styles, sheets = _styles(root), list(root.iter(f"{_SHEET}Worksheet"))
    seen = [sheet for sheet in sheets if not _is_hidden(sheet)]
    for sheet in seen:
        cells = _stored_cells(sheet, styles)
        add_cells(cells, _get(sheet, "Name"), builder, named=len(seen) > 1)
    for sheet in filter(_is_hidden, sheets):
        builder.note(f"hidden sheet {_get(sheet, 'Name')!r}")


def _is_hidden(sheet: Any) -> bool:
    visible = sheet.findtext(f"{_OPTIONS}WorksheetOptions/{_OPTIONS}Visible", "")
    return visible in ("SheetHidden", "SheetVeryHidden")


def _get(element: Any, name: str) -> str:
    return str(element.get(f"{_SHEET}{name}", ""))


def _styles(root: Any) -> dict[str, _Style]:
    """Return the styles by their names; what one does not say comes from its parent."""
    styles: dict[str, _Style] = {}
    for style in root.iter(f"{_SHEET}Style"):
        parent = styles.get(_get(style, "Parent") or "Default", _Style())
        number, font = style.find(f"{_SHEET}NumberFormat"), style.find(f"{_SHEET}Font")
        shape = parent.shape if number is None else _get(number, "Format") or "General"
        struck = parent.struck if font is None else _get(font, "StrikeThrough") == "1"
        styles[_get(style, "ID")] = _Style(_NAMED.get(shape, shape), struck)
    return styles


def _stored_cells(sheet: Any, styles: dict[str, _Style]) -> StoredCells:
    rows, columns = list(_numbered(sheet, "Row")), list(_numbered(sheet, "Column"))
    filtered = sheet.find(f".//{_OPTIONS}AutoFilterColumn") is not None  # hides rows of data
    cells = StoredCells(set() if filtered else _hidden(rows), _hidden(columns))
    of_columns = {at: _get(column, "StyleID") for at, column in columns}
    for at, row in rows:
        for place, cell in _placed(row, "Cell", "MergeAcross"):
            names = _get(cell, "StyleID"), _get(row, "StyleID"), of_columns.get(place), "Default"
            style = next((styles[name] for name in names if name in styles), _Style())
            _put(cells, at, place, cell, style)
    return cells


def _numbered(sheet: Any, name: str) -> Iterator[tuple[int, Any]]:
    for table in sheet.iter(f"{_SHEET}Table"):
        yield from _placed(table, name, "Span")


def _placed(parent: Any, name: str, span: str) -> Iterator[tuple[int, Any]]:
    """Yield elements with their numbers; one without a number follows the last one's span."""
    following = 1
    for element in parent.iterchildren(f"{_SHEET}{name}"):
        at = int(_get(element, "Index") or following)
        if at < following:
            raise ValueError("numbers that do not ascend")
        following = at + 1 + int(_get(element, span) or 0)
        if following > _MOST_ROWS + 1:
            raise ValueError("more rows or columns than any sheet has")
        yield at, element


def _hidden(elements: list[tuple[int, Any]]) -> set[int]:
    return {
        number
        for at, element in elements
        if _get(element, "Hidden") == "1"
        for number in range(at, at + 1 + int(_get(element, "Span") or 0))
    }


def _put(cells: StoredCells, row: int, column: int, cell: Any, style: _Style) -> None:
    data, comment = cell.find(f"{_SHEET}Data"), cell.find(f"{_SHEET}Comment")
    text = "" if data is None or style.struck else _said(data, style.shape)
    missing = "" if text else _missing(cell, data, style)
    if text or missing:
        for at, place in filter(lambda place: cells.sees(*place), _covered(row, column, cell)):
            said = Spanned(text) if place > column else text
            cells.put(at, place, said, missing=missing if (at, place) == (row, column) else "")
    if comment is not None and cells.sees(row, column):
        cells.comment(row, column, "".join(comment.itertext()))


def _missing(cell: Any, data: Any, style: _Style) -> str:
    """Say why a cell shows nothing, unless there is nothing in it."""
    if data is None:
        return "formula{} without a value" if _get(cell, "Formula") else ""
    if "".join(data.itertext()).strip() in ("", "0"):
        return ""
    return STRUCK if style.struck else BLANK


def _covered(row: int, column: int, cell: Any) -> Iterator[tuple[int, int]]:
    """Yield the places that a cell spans."""
    across, down = (int(_get(cell, name) or 0) for name in ("MergeAcross", "MergeDown"))
    check_size((across + 1) * (down + 1))
    return product(range(row, row + down + 1), range(column, column + across + 1))


def _said(data: Any, shape: str) -> str:
    text = _marked(data)
    match _get(data, "Type"):
        case "Number":
            return shown(float(text), shape)
        case "DateTime":
            moment = datetime.fromisoformat(text).replace(tzinfo=None)
            days = to_excel(moment)
            return shown(days if days < _UNUSUAL else moment, shape)
        case "Boolean":
            return shown(text == "1", shape)
    return shown(text, shape)


def _marked(element: Any) -> str:
    """Return text without what is struck in it, and with raised digits."""
    if element.tag == f"{_HTML}S":
        return ""
    inner = "".join(f"{_marked(child)}{child.tail or ''}" for child in element)
    text = f"{element.text or ''}{inner}"
    return raised(text) if element.tag == f"{_HTML}Sup" else text
