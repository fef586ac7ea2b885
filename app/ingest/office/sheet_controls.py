"""Read the boxes, lists and labels of old forms that lie on a workbook's sheet."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple
from zipfile import ZipFile

from lxml import etree
from openpyxl.utils import range_boundaries

from app.ingest.extracted import clean_line
from app.ingest.office.sheet_cells import said
from app.ingest.tables.stored_cells import StoredCells
from app.ingest.ticks import tick

_VML = "{urn:schemas-microsoft-com:vml}"
_EXCEL = "{urn:schemas-microsoft-com:office:excel}"
_DRAWING = "/vmlDrawing"  # the end of the type of relation; controls lie beside the comments
_NUMBER = re.compile(r"\d{1,7}")
_OPEN_BREAK = re.compile(rb"<br\s*>", re.IGNORECASE)  # Excel writes them as HTML does
_TALLEST = 100  # rows; a broken file may name any number
_HEIGHT = 15.0  # points of a row for which the sheet names no height
_PIXEL = 0.75  # points


class Anchor(NamedTuple):
    """The edges of a control: columns and rows, counted from 0, and pixels inside these."""

    left: int
    left_pixels: int
    top: int
    top_pixels: int
    right: int
    right_pixels: int
    bottom: int
    bottom_pixels: int


def add_controls(package: ZipFile, sheet: Any, cells: StoredCells) -> None:
    """Put what the controls of a sheet show into the cells that they lie upon."""
    for shape in _shapes(package, sheet):
        data = shape.find(f"{_EXCEL}ClientData")
        text = "" if data is None or _is_hidden(shape) else _said(data, shape, sheet)
        numbers = _NUMBER.findall(_value(data, "Anchor")) if text else []
        if len(numbers) == len(Anchor._fields):
            anchor = Anchor(*map(int, numbers))
            cells.beside(_row(anchor, sheet), anchor.left + 1, text)


def _shapes(package: ZipFile, sheet: Any) -> Iterator[Any]:
    parser = etree.XMLParser(recover=True, resolve_entities=False, no_network=True)
    for relation in sheet._rels:
        if relation.Type.endswith(_DRAWING) and relation.target in package.namelist():
            source = _OPEN_BREAK.sub(b"<br/>", package.read(relation.target))
            root = etree.fromstring(source, parser)
            yield from () if root is None else root.iter(f"{_VML}shape")


def _is_hidden(shape: Any) -> bool:
    return "visibility:hidden" in (shape.get("style") or "").replace(" ", "")


def _value(data: Any, name: str) -> str:
    return (data.findtext(f"{_EXCEL}{name}") or "").strip()


def _said(data: Any, shape: Any, sheet: Any) -> str:
    """Return what a control shows; buttons do something only, and a spinner's cell its value."""
    kind = data.get("ObjectType")
    label = clean_line(" ".join("".join(box.itertext()) for box in shape.iter(f"{_VML}textbox")))
    if kind in ("Checkbox", "Radio"):
        return f"{tick(is_on=_value(data, 'Checked') == '1')} {label}".strip()
    if kind in ("Drop", "List"):
        return _chosen(data, sheet)
    return label if kind in ("Label", "GBox") else ""


def _chosen(data: Any, sheet: Any) -> str:
    """Return the chosen one of the cells that hold the entries of a list."""
    number = _value(data, "Sel")
    name, _, area = _value(data, "FmlaRange").rpartition("!")
    name = name.strip("'").replace("''", "'")
    if not number.isdigit() or number == "0" or (name and name not in sheet.parent.sheetnames):
        return ""
    try:
        column, row, _, last = range_boundaries(area)
    except ValueError:  # a range that is named, or computed
        return ""
    at = (row or 1) + int(number) - 1
    cell = (sheet.parent[name] if name else sheet)._cells.get((at, column))
    return "" if cell is None or at > (last or at) else said(cell)


def _row(anchor: Anchor, sheet: Any) -> int:
    """Return the row that a control lies upon for the most part."""
    rows = range(anchor.top, min(anchor.bottom, anchor.top + _TALLEST) + 1)
    overlaps = {row: _overlap(anchor, row, sheet) for row in rows}
    return max(overlaps, key=overlaps.__getitem__, default=anchor.top) + 1


def _overlap(anchor: Anchor, row: int, sheet: Any) -> float:
    height = sheet.row_dimensions[row + 1].height or _HEIGHT
    begin = anchor.top_pixels * _PIXEL if row == anchor.top else 0
    return (anchor.bottom_pixels * _PIXEL if row == anchor.bottom else height) - begin
