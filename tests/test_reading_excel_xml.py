"""A workbook that Excel 2003 saved as XML comes out like one saved today."""

from pathlib import Path

import pytest
from reading_parts import holds_together, read

from app.ingest.extracted import ExtractedDocument, UnreadableFile

HEADS = "<Row><Cell>{0}Berth</Data></Cell><Cell>{0}Fee</Data></Cell></Row>".format(
    '<Data s:Type="String">'
)

TO_SECOND, STYLED, GONE = 's:Index="2"', 's:StyleID="b"', 's:StyleID="gone"'


def cell(kind: str, text: str, attributes: str = "") -> str:
    return f'<Cell {attributes}><Data s:Type="{kind}">{text}</Data></Cell>'


def book(folder: Path, rows: str, *, styles: str = "", more: str = "") -> ExtractedDocument:
    spaces = (
        'xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:h="http://www.w3.org/TR/REC-html40"'
        ' xmlns:s="urn:schemas-microsoft-com:office:spreadsheet"'
        ' xmlns:x="urn:schemas-microsoft-com:office:excel"'
    )
    sheet = f'<Worksheet s:Name="Fees"><Table>{HEADS}{rows}</Table></Worksheet>'
    text = f"<Workbook {spaces}><Styles>{styles}</Styles>{sheet}{more}</Workbook>"
    return read(folder, "fees.xml", text)


def test_rows_are_records_under_their_header(tmp_path: Path) -> None:
    rows = f"<Row>{cell('String', 'D1')}{cell('Number', '40')}</Row>"
    gap = f"<Row>{cell('String', 'left', TO_SECOND)}</Row>"
    extracted = book(tmp_path, rows + gap)
    assert extracted.records
    assert extracted.text == "Berth: D1; Fee: 40\n\nFee: left"


@pytest.mark.parametrize(
    ("kind", "value", "shape", "shown"),
    [
        ("Number", "1234.5", "Standard", "1,234.50"),
        ("Number", "0.2", "Percent", "20.00%"),
        ("Number", "1067", "00000", "01067"),
        ("DateTime", "2026-05-01T00:00:00.000", "Short Date", "2026-05-01"),
        ("DateTime", "1899-12-31T14:30:00.000", "Short Time", "14:30"),
        ("DateTime", "1900-01-01T01:30:00.000", "[h]:mm", "25:30"),
        ("Boolean", "1", "General", "TRUE"),
        ("String", "D <h:S>40</h:S>10<h:Sup>6</h:Sup>", "General", "D 10⁶"),
    ],
)
def test_values_are_written_as_their_style_shows_them(
    tmp_path: Path, kind: str, value: str, shape: str, shown: str
) -> None:
    styles = (
        f'<Style s:ID="a"><NumberFormat s:Format="{shape}"/></Style><Style s:ID="b" s:Parent="a"/>'
    )
    rows = f"<Row>{cell('String', 'D1')}{cell(kind, value, STYLED)}</Row>"
    assert book(tmp_path, rows, styles=styles).text == f"Berth: D1; Fee: {shown}"


def test_hidden_and_struck_cells_are_left_out_and_told(tmp_path: Path) -> None:
    struck = '<Style s:ID="gone"><Font s:StrikeThrough="1"/></Style>'
    rows = (
        f"<Row>{cell('String', 'D1')}{cell('Number', '40', GONE)}</Row>"
        f'<Row s:Hidden="1">{cell("String", "D2")}{cell("Number", "50")}</Row>'
        f"<Row>{cell('String', 'D3')}<Cell s:Formula='=1+1'/></Row>"
        f"<Row>{cell('String', 'D4')}{cell('String', '')}</Row>"
    )
    hidden = (
        f'<Worksheet s:Name="Old"><Table>{HEADS}</Table><x:WorksheetOptions>'
        "<x:Visible>SheetHidden</x:Visible></x:WorksheetOptions></Worksheet>"
    )
    extracted = book(tmp_path, rows, styles=struck, more=hidden)
    assert extracted.text == "Berth: D1\n\nBerth: D3\n\nBerth: D4"
    assert extracted.notes == (
        "1 formula without a value, 1 hidden row, 1 struck cell in sheet 'Fees'",
        "hidden sheet 'Old'",
    )


def test_merged_cells_and_comments_stay_with_their_rows(tmp_path: Path) -> None:
    comment = "<Comment><Data>until June</Data></Comment></Cell>"
    fee = cell("Number", "40", 's:MergeDown="1"').replace("</Cell>", comment)
    rows = f"<Row>{cell('String', 'D1')}{fee}</Row><Row>{cell('String', 'D2')}</Row>"
    extracted = book(tmp_path, rows)
    assert holds_together(extracted, "Berth: D1", "Fee: 40 [comment: until June]")
    assert holds_together(extracted, "Berth: D2", "Fee: 40")


@pytest.mark.parametrize("index", ["0", "x", "2000000"])
def test_numbers_that_no_sheet_has_are_refused(tmp_path: Path, index: str) -> None:
    with pytest.raises(UnreadableFile, match="not a readable Excel workbook"):
        book(tmp_path, f'<Row s:Index="{index}">{cell("String", "D1")}</Row>')
