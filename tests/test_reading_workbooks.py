"""What is hidden, struck, commented or drawn in a workbook comes out as a reader would see it."""

import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from file_parts import Fill, xlsx_bytes
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.comments import Comment
from openpyxl.styles import Font
from openpyxl.worksheet.filters import AutoFilter, FilterColumn, Filters
from openpyxl.worksheet.table import Table
from reading_parts import holds_together, read

from app.ingest.extracted import ExtractedDocument

LONG = (
    "Only until the end of June, for from then on each bolt costs six euro and no rebate is given"
)


def prices(book: Any) -> Any:
    sheet = book.active
    for row in (["Item", "Cost", "Price"], ["Bolt", 77, 5], ["Pin", 88, 3], ["Nut", 66, 2]):
        sheet.append(row)
    return sheet


def priced(folder: Path, change: Fill) -> ExtractedDocument:
    return read(folder, "a.xlsx", xlsx_bytes(lambda book: change(prices(book))))


def hide_row(sheet: Any) -> None:
    sheet.row_dimensions[3].hidden = True


def hide_columns(sheet: Any) -> None:
    sheet.insert_cols(2)
    sheet["B2"] = 41
    sheet.column_dimensions.group("B", "C", outline_level=0, hidden=True)


def strike(sheet: Any) -> None:
    for cell in sheet[3]:
        cell.font = Font(strike=True)


def strike_in_part(sheet: Any) -> None:
    old, new = InlineFont(strike=True), InlineFont(b=True)
    sheet["A3"] = CellRichText([TextBlock(old, "Pin"), TextBlock(new, "Peg")])


def hide_by_format(sheet: Any) -> None:
    sheet["B3"].number_format = ";;;"


def add_hidden_sheets(sheet: Any) -> None:
    for title, state in (("Old", "hidden"), ("Lists", "veryHidden")):
        other = sheet.parent.create_sheet(title)
        other.append(["Item", "Pin was 88"])
        other.sheet_state = state
    sheet.delete_rows(3)


@pytest.mark.parametrize(
    ("change", "gone", "notes"),
    [
        (hide_row, "Pin", ["1 hidden row in sheet 'Sheet'"]),
        (hide_columns, "88", ["2 hidden columns in sheet 'Sheet'"]),
        (strike, "Pin", ["3 struck cells in sheet 'Sheet'"]),
        (strike_in_part, "Pin", []),
        (hide_by_format, "88", ["1 cell hidden by format in sheet 'Sheet'"]),
        (add_hidden_sheets, "Pin", ["hidden sheet 'Old'", "hidden sheet 'Lists'"]),
    ],
)
def test_hidden_and_struck_cells_are_left_out_and_told(
    tmp_path: Path, change: Fill, gone: str, notes: list[str]
) -> None:
    extracted = priced(tmp_path, change)
    assert gone not in extracted.text
    assert list(extracted.notes) == notes
    assert holds_together(extracted, "Item: Nut", "Price: 2")


def filter_sheet(sheet: Any) -> None:
    sheet.auto_filter.ref = "A1:C4"
    sheet.auto_filter.add_filter_column(0, ["Bolt", "Nut"])
    hide_row(sheet)


def filter_table(sheet: Any) -> None:
    table = Table(displayName="Prices", ref="A1:C4")
    column = FilterColumn(colId=0, filters=Filters(filter=["Bolt", "Nut"]))
    table.autoFilter = AutoFilter(ref="A1:C4", filterColumn=[column])
    sheet.add_table(table)
    hide_row(sheet)


def fold(sheet: Any) -> None:
    sheet.row_dimensions.group(3, 3, hidden=True)


@pytest.mark.parametrize("change", [filter_sheet, filter_table, fold])
def test_rows_that_a_filter_or_a_fold_puts_aside_are_read(tmp_path: Path, change: Fill) -> None:
    extracted = priced(tmp_path, change)
    assert holds_together(extracted, "Item: Pin", "Cost: 88")
    assert extracted.notes == ()


def test_a_format_in_the_last_row_of_a_sheet_makes_it_no_larger(tmp_path: Path) -> None:
    def change(sheet: Any) -> None:
        sheet["F1048576"].font = Font(bold=True)

    assert holds_together(priced(tmp_path, change), "Item: Nut", "Price: 2")


def test_a_formula_whose_value_is_an_empty_text_has_a_value(tmp_path: Path) -> None:
    def change(sheet: Any) -> None:
        sheet["C2"] = '=IF(A2="","x","")'

    source = zipfile.ZipFile(BytesIO(xlsx_bytes(lambda book: change(prices(book)))))
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as package:
        for name in source.namelist():
            package.writestr(name, source.read(name).replace(b'r="C2"', b'r="C2" t="str"'))
    extracted = read(tmp_path, "a.xlsx", file.getvalue())
    assert extracted.text.startswith("Item: Bolt; Cost: 77\n")
    assert extracted.notes == ()


@pytest.mark.parametrize("said", ["Net, without 19 % tax", LONG])
def test_comments_stay_with_their_row(tmp_path: Path, said: str) -> None:
    def change(sheet: Any) -> None:
        sheet["C2"].comment = Comment(said, "Ada")
        sheet["C1"].comment = Comment(said, "Ada")

    extracted = priced(tmp_path, change)
    assert holds_together(extracted, "Bolt", f"5 [comment: {said}]")
    assert holds_together(extracted, "Price", f"[comment: {said}]")
    assert holds_together(extracted, "Item: Nut", "Cost: 66", "2")


def test_a_conversation_is_read_without_its_hint_for_older_programs(tmp_path: Path) -> None:
    hint = "[Threaded comment]\n\nYour version of the program is too old.\n\nComment:\n    Ask Bo"

    def change(sheet: Any) -> None:
        sheet["A2"].comment = Comment(hint, "tc={0A1B}")

    assert "Item: Bolt [comment: Comment: Ask Bo]; Cost: 77" in priced(tmp_path, change).text


OFFICE = "http://schemas.openxmlformats.org"
RELATED = f"{OFFICE}/officeDocument/2006/relationships"


def relations(**types: str) -> str:
    """Name the parts that another one leads to, each by its key and the type of the relation."""
    made = (
        f'<Relationship Id="{key}" Type="{RELATED}/{kind}" Target="/xl/{kind}.xml"/>'
        for key, kind in types.items()
    )
    return f'<Relationships xmlns="{OFFICE}/package/2006/relationships">{"".join(made)}</Relationships>'


def with_drawing(sheet: bytes, shapes: str, model: str = "", **types: str) -> bytes:
    """Draw shapes on the first sheet of a workbook, as spreadsheet programs store them."""
    drawing = (
        f'<x:wsDr xmlns:x="{OFFICE}/drawingml/2006/spreadsheetDrawing" xmlns:r="{RELATED}" '
        f'xmlns:a="{OFFICE}/drawingml/2006/main">{shapes}</x:wsDr>'
    )
    file = BytesIO(sheet)
    with zipfile.ZipFile(file, "a") as package:
        package.writestr("xl/drawing.xml", drawing)
        package.writestr("xl/worksheets/_rels/sheet1.xml.rels", relations(rId1="drawing", **types))
        if model:
            package.writestr("xl/diagramData.xml", model)
            package.writestr("xl/_rels/drawing.xml.rels", relations(rId1="diagramData"))
    return file.getvalue()


def shape(text: str, *, named: str = "", run: str = "") -> str:
    return (
        f'<x:sp><x:nvSpPr><x:cNvPr id="2" name="Box" {named}/></x:nvSpPr><x:txBody><a:p>'
        f"<a:r><a:rPr {run}/><a:t>{text}</a:t></a:r></a:p></x:txBody></x:sp>"
    )


def test_text_boxes_of_a_sheet_are_read(tmp_path: Path) -> None:
    shapes = shape("Prices exclude tax") + shape("Old note", named='hidden="1"')
    data = with_drawing(xlsx_bytes(prices), shapes + shape("Gone", run='strike="sngStrike"'))
    extracted = read(tmp_path, "a.xlsx", data)
    assert extracted.text.endswith("Item: Nut; Cost: 66; Price: 2\n\nPrices exclude tax")


def in_forms(new: str, old: str) -> str:
    mc = "http://schemas.openxmlformats.org/markup-compatibility/2006"
    return (
        f'<mc:AlternateContent xmlns:mc="{mc}"><mc:Choice Requires="x">{new}</mc:Choice>'
        f"<mc:Fallback>{old}</mc:Fallback></mc:AlternateContent>"
    )


CX = 'xmlns:cx="http://schemas.microsoft.com/office/drawing/2014/chartex"'
SLICER = shape("This shape represents a slicer.")


@pytest.mark.parametrize(
    ("shapes", "texts", "notes"),
    [
        (in_forms("<x:graphicFrame/>", SLICER), [], ()),
        (in_forms(shape("New"), shape("Old")) + shape("Both"), ["New", "Both"], ()),
        (f'<x:grpSp><x:nvGrpSpPr><x:cNvPr hidden="1"/></x:nvGrpSpPr>{shape("In")}</x:grpSp>', [], ()),
        (f'<x:grpSp><x:nvGrpSpPr><x:cNvPr/></x:nvGrpSpPr>{shape("In")}</x:grpSp>', ["In"], ()),
        (in_forms(f'<x:graphicFrame><cx:chart {CX} r:id="r"/></x:graphicFrame>', shape("Not here.")), [], ("1 charts of sheet 'Sheet'",)),
    ],
)  # fmt: skip
def test_drawings_are_read_in_their_form_for_new_programs(
    tmp_path: Path, shapes: str, texts: list[str], notes: tuple[str, ...]
) -> None:
    extracted = read(tmp_path, "a.xlsx", with_drawing(xlsx_bytes(prices), shapes))
    assert extracted.text.split("\n\n")[3:] == texts
    assert extracted.notes == notes


@pytest.mark.parametrize(("key", "items"), [("rId1", ["- Order"]), ("rId2", [])])
def test_diagrams_of_a_sheet_are_read(tmp_path: Path, key: str, items: list[str]) -> None:
    space = f'xmlns:d="{OFFICE}/drawingml/2006/diagram"'
    drawn = f'<x:graphicFrame><d:relIds {space} r:dm="{key}"/></x:graphicFrame>'
    said = f'<a:p xmlns:a="{OFFICE}/drawingml/2006/main"><a:r><a:t>Order</a:t></a:r></a:p>'
    model = f'<d:dataModel {space}><d:pt modelId="1"><d:t>{said}</d:t></d:pt></d:dataModel>'
    extracted = read(tmp_path, "a.xlsx", with_drawing(xlsx_bytes(prices), drawn, model))
    assert extracted.text.split("\n\n")[3:] == items


def test_objects_that_are_embedded_in_sheets_are_named(tmp_path: Path) -> None:
    data = with_drawing(xlsx_bytes(prices), "", rId2="package", rId3="oleObject", rId4="control")
    extracted = read(tmp_path, "a.xlsx", data)
    assert extracted.text.endswith("Item: Nut; Cost: 66; Price: 2")
    assert extracted.notes == ("3 embedded objects",)


def test_printed_headers_and_footers_are_read_once_without_their_codes(tmp_path: Path) -> None:
    def change(sheet: Any) -> None:
        for one in (sheet, sheet.parent.create_sheet("Empty")):
            one.oddHeader.left.text = "Draft of R&&D, R&&P, &D"
            one.oddFooter.center.text = "Contract HX-7731, page &P of &N"
            one.oddFooter.right.text = "Page &P of &N"

    text = priced(tmp_path, change).text
    assert text.endswith("Price: 2\n\nDraft of R&D, R&P,\n\nContract HX-7731, page")
