"""Spreadsheets and OpenDocument files come out with values as they are shown, row by row."""

from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from file_parts import Fill, cells, odf_bytes, xlsx_bytes
from openpyxl.styles.cell_style import StyleArray
from openpyxl.utils.datetime import MAC_EPOCH
from reading_parts import holds_together, read

from app.ingest.extracted import ExtractedDocument
from app.ingest.number_formats.shown import shown


def xlsx(folder: Path, fill: Fill) -> ExtractedDocument:
    return read(folder, "a.xlsx", xlsx_bytes(fill))


def odf(folder: Path, suffix: str, body: str, styles: str = "") -> ExtractedDocument:
    return read(folder, f"a.{suffix}", odf_bytes(suffix, body, styles))


def rows(sheet: Any, *lines: list[object]) -> None:
    for line in lines:
        sheet.append(line)


def test_each_sheet_is_a_section_of_records(tmp_path: Path) -> None:
    def fill(book: Any) -> None:
        rows(book.active, ["Boat", "Master"], ["Kite", "Ada"], ["Swan", "Bo"])
        book.active.title = "Fleet"
        rows(book.create_sheet("Tides"), ["Day", "High"], ["Monday", "06:12"])

    extracted = xlsx(tmp_path, fill)
    assert extracted.text.split("\n\n") == [
        "Fleet", "Boat: Kite; Master: Ada", "Boat: Swan; Master: Bo", "Tides",
        "Day: Monday; High: 06:12",
    ]  # fmt: skip
    assert [heading.title for heading in extracted.headings] == ["Fleet", "Tides"]


def test_titles_stand_above_the_header_and_tables_below_each_other(tmp_path: Path) -> None:
    def fill(book: Any) -> None:
        rows(book.active, ["Fees 2027"], [], ["Berth", "Fee"], ["D1", 40], ["D2", 55])
        rows(book.active, [], ["Crane", "Load", "Hours"], ["East", 12, 8])

    text = xlsx(tmp_path, fill).text
    assert text.split("\n\n") == [
        "Fees 2027", "Berth: D1; Fee: 40", "Berth: D2; Fee: 55", "Crane: East; Load: 12; Hours: 8",
    ]  # fmt: skip


def test_merged_cells_are_repeated_and_heads_name_their_group(tmp_path: Path) -> None:
    def fill(book: Any) -> None:
        sheet = book.active
        rows(sheet, ["", "Summer", "", "Winter"], ["Pier", "Opens", "Closes", "Opens"])
        rows(sheet, ["North", "6 h", "22 h", "8 h"], ["", "5 h", "23 h", "9 h"])
        sheet.merge_cells("B1:C1")
        sheet.merge_cells("A3:A4")

    extracted = xlsx(tmp_path, fill)
    assert holds_together(extracted, "Pier: North", "Summer Closes: 23 h", "Winter Opens: 9 h")


def test_a_title_over_a_whole_row_makes_no_columns(tmp_path: Path) -> None:
    def fill(book: Any) -> None:
        rows(book.active, ["Fees 2027"], ["Berth", "Fee"], *[[f"D{n}", n] for n in range(1, 400)])
        book.active.merge_cells("A1:XFD1")

    text = xlsx(tmp_path, fill).text
    assert text.startswith("Fees 2027\n\nBerth: D1; Fee: 1\n\nBerth: D2; Fee: 2\n\n")


@pytest.mark.parametrize(
    ("value", "shape", "written"),
    [
        (datetime(2027, 5, 3), "dd/mm/yyyy", "03/05/2027"),
        (date(2027, 5, 3), "d mmmm yyyy", "3 May 2027"),
        (datetime(2027, 5, 3, 14, 7), "yyyy-mm-dd hh:mm", "2027-05-03 14:07"),
        (datetime(2027, 5, 3, 14, 7, 9), "mm:ss", "07:09"),
        (0.125, "0.0%", "12.5%"),
        (1234567.891, "#,##0.00", "1,234,567.89"),
        (12, '0 "kg"', "12 kg"),
        (9.5, "[$€-407] 0.00", "€ 9.50"),
        (-81, "0;(0)", "(81)"),
        (3.0, "General", "3"),
        (0.1 + 0.2, "General", "0.3"),
        (True, "General", "TRUE"),
        (None, "General", ""),
    ],
)
def test_values_are_written_as_they_are_shown(value: object, shape: str, written: str) -> None:
    assert shown(value, shape) == written


def test_formats_of_cells_count(tmp_path: Path) -> None:
    def fill(book: Any) -> None:
        rows(book.active, ["Dues on", "Share"], [datetime(2027, 4, 1), 0.5])
        book.active["A2"].number_format = "d.m.yyyy"
        book.active["B2"].number_format = "0%"

    assert xlsx(tmp_path, fill).text == "Dues on: 1.4.2027; Share: 50%"


@pytest.mark.parametrize(
    ("value", "number", "written"),
    [
        (datetime(2026, 5, 3), 14, "2026-05-03"),
        (datetime(2026, 5, 3, 14, 30), 22, "2026-05-03 14:30"),
        (datetime(2026, 5, 3), 15, "3-May-26"),
        (46145, 27, "2026-05-03"),
        (46145, 36, "2026-05-03"),
        (46145.75, 31, "2026-05-03 18:00"),
        (0.75, 32, "18:00"),
        (0.75 + 9 / 86_400, 56, "18:00:09"),
        (1e12, 58, "1000000000000"),
        (46145, 26, "46145"),
        ("soon", 14, "soon"),
        ("soon", 27, "soon"),
        (True, 27, "TRUE"),
    ],
)
def test_dates_of_a_format_that_countries_order_differently_begin_with_the_year(
    tmp_path: Path, value: object, number: int, written: str
) -> None:
    def fill(book: Any) -> None:
        rows(book.active, ["Due", "Berth"], [value, "D1"])
        book.active["A2"]._style = StyleArray([0, 0, 0, number, 0, 0, 0, 0, 0])

    assert xlsx(tmp_path, fill).text == f"Due: {written}; Berth: D1"


def test_days_of_a_workbook_may_count_from_1904(tmp_path: Path) -> None:
    def fill(book: Any) -> None:
        book.epoch = MAC_EPOCH
        rows(book.active, ["Due", "Berth"], [46145 - 1462, "D1"])
        book.active["A2"]._style = StyleArray([0, 0, 0, 27, 0, 0, 0, 0, 0])

    assert xlsx(tmp_path, fill).text == "Due: 2026-05-03; Berth: D1"


def test_formulas_without_a_value_are_told(tmp_path: Path) -> None:
    extracted = xlsx(tmp_path, lambda book: rows(book.active, ["A", "B"], [1, "=A2*2"]))
    assert extracted.text == "A: 1"
    assert extracted.notes[0].startswith("1 formulas of sheet 'Sheet' without a value")


def test_ods_rows_are_records_as_they_are_shown(tmp_path: Path) -> None:
    table = cells("Boat", "Tons") + cells("Kite", "41,5") + cells("Swan", "38,0")
    extracted = odf(tmp_path, "ods", f'<table:table table:name="Fleet">{table}</table:table>')
    assert extracted.text.split("\n\n") == [
        "Fleet", "Boat: Kite; Tons: 41,5", "Boat: Swan; Tons: 38,0",
    ]  # fmt: skip


def test_ods_merged_cells_are_repeated(tmp_path: Path) -> None:
    merged = (
        '<table:table-row><table:table-cell table:number-rows-spanned="2"><text:p>East</text:p>'
        "</table:table-cell><table:table-cell><text:p>6 h</text:p></table:table-cell>"
        "</table:table-row><table:table-row><table:covered-table-cell/>"
        "<table:table-cell><text:p>14 h</text:p></table:table-cell></table:table-row>"
    )
    table = f"<table:table>{cells('Dock', 'Shift')}{merged}</table:table>"
    assert holds_together(odf(tmp_path, "ods", table), "Dock: East", "Shift: 14 h")


def test_odt_has_headings_numbers_notes_and_no_struck_text(tmp_path: Path) -> None:
    styles = (
        '<style:style style:name="T1" style:family="text"><style:text-properties '
        'style:text-line-through-style="solid"/></style:style><text:list-style style:name="L1">'
        '<text:list-level-style-number text:level="1" style:num-format="a" style:num-suffix=")"/>'
        "</text:list-style>"
    )
    body = (
        '<text:h text:outline-level="2">Dues</text:h><text:p>Dues are <text:span '
        'text:style-name="T1">80</text:span> 95 euro<text:note text:note-class="footnote">'
        "<text:note-citation>1</text:note-citation><text:note-body><text:p>Half for pupils."
        "</text:p></text:note-body></text:note>.</text:p>"
        '<text:list text:style-name="L1"><text:list-item><text:p>cash</text:p></text:list-item>'
        "<text:list-item><text:p>card</text:p></text:list-item></text:list>"
    )
    extracted = odf(tmp_path, "odt", body, styles)
    assert extracted.text.split("\n\n") == [
        "Dues", "Dues are 95 euro [footnote: Half for pupils.].", "a) cash\nb) card",
    ]  # fmt: skip
    assert extracted.headings[0].level == 2


def test_odt_tables_keep_their_rows(tmp_path: Path) -> None:
    rows_ = (
        cells("Lamp", "Bearing", "Range")
        + cells("red", "040", "5 mi")
        + cells("white", "220", "9 mi")
    )
    extracted = odf(tmp_path, "odt", f"<table:table>{rows_}</table:table>")
    assert holds_together(extracted, "Lamp: white", "Range: 9 mi")


def test_odp_slides_are_pages(tmp_path: Path) -> None:
    page = "<draw:page><draw:frame><draw:text-box><text:p>{}</text:p></draw:text-box></draw:frame></draw:page>"
    extracted = odf(tmp_path, "odp", page.format("Welcome") + page.format("Safety first"))
    assert (extracted.text, extracted.pages) == ("Welcome\n\nSafety first", (0, 9))
