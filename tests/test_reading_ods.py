"""Sheets of OpenDocument come out as they are shown: no hidden rows, but comments and shapes."""

from pathlib import Path

import pytest
from file_parts import cells, odf_bytes
from reading_parts import holds_together, read

from app.ingest.extracted import ExtractedDocument

HEAD = cells("Item", "Price")
HIDDEN = '<style:style style:name="ta2" style:family="table"><style:table-properties table:display="false"/></style:style>'
STRUCK = '<style:style style:name="ce1" style:family="table-cell"><style:text-properties style:text-line-through-style="solid"/></style:style>'


def sheet(
    folder: Path, content: str, styles: str = "", before: str = "", more: str = ""
) -> ExtractedDocument:
    body = f'{before}<table:table table:name="S" {more}>{content}</table:table>'
    return read(folder, "a.ods", odf_bytes("ods", body, styles))


def with_mark(mark: str, row: str) -> str:
    return row.replace("<table:table-row>", f"<table:table-row {mark}>")


def column(mark: str) -> str:
    return f"<table:table-column/><table:table-column {mark}/><table:table-column/>"


COLLAPSED = 'table:visibility="collapse"'
ROWS = HEAD + cells("Bolt", "5") + with_mark(COLLAPSED, cells("Old", "77") * 2)
GROUP = f'<table:table-row-group table:display="false">{cells("Old", "77")}</table:table-row-group>'
COLUMNS = cells("Item", "Cost", "Price") + cells("Bolt", "77", "5")


@pytest.mark.parametrize(
    ("content", "notes"),
    [
        (ROWS, ("2 hidden rows in sheet 'S'",)),
        (HEAD + cells("Bolt", "5") + GROUP, ("1 hidden row in sheet 'S'",)),
        (column(COLLAPSED) + COLUMNS, ("1 hidden column in sheet 'S'",)),
        (column('table:default-cell-style-name="ce1"') + COLUMNS, ()),
        (HEAD + cells("Bolt", "5") + cells("Old", "77", attributes='table:style-name="ce1"'), ()),
    ],
    ids=["rows", "group", "column", "struck column", "struck cells"],
)
def test_hidden_and_struck_cells_are_left_out(
    tmp_path: Path, content: str, notes: tuple[str, ...]
) -> None:
    extracted = sheet(tmp_path, content, STRUCK)
    assert holds_together(extracted, "Item: Bolt", "Price: 5")
    assert "77" not in extracted.text
    assert extracted.notes == notes


def test_hidden_sheets_are_named(tmp_path: Path) -> None:
    old = f'<table:table table:name="Old" table:style-name="ta2">{HEAD}{cells("Bolt", "77")}</table:table>'
    extracted = sheet(tmp_path, HEAD + cells("Bolt", "5"), HIDDEN, before=old)
    assert extracted.text == "S\n\nItem: Bolt; Price: 5"
    assert extracted.notes == ("hidden sheet 'Old'",)


def test_rows_that_a_filter_hides_and_empty_hidden_ones_go_without_a_note(tmp_path: Path) -> None:
    filtered = with_mark('table:visibility="filter"', cells("Bolt", "5"))
    extracted = sheet(tmp_path, HEAD + filtered + with_mark(COLLAPSED, cells("", "")))
    assert holds_together(extracted, "Item: Bolt", "Price: 5")
    assert extracted.notes == ()


def test_comments_stand_in_their_cell_and_shapes_below_the_rows(tmp_path: Path) -> None:
    comment = "<office:annotation><text:p>Until June</text:p></office:annotation><text:p>5</text:p>"
    row = cells("Bolt", "5").replace("<text:p>5</text:p>", comment)
    box = "<table:shapes><draw:frame><draw:text-box><text:p>All without tax</text:p></draw:text-box></draw:frame><draw:frame><draw:object xmlns:xlink='http://www.w3.org/1999/xlink' xlink:href='./Object 1'/></draw:frame></table:shapes>"
    extracted = sheet(tmp_path, box + HEAD + row)
    assert extracted.text.split("\n\n") == [
        "S", "Item: Bolt; Price: 5 [comment: Until June]", "All without tax",
    ]  # fmt: skip
    assert extracted.notes == ("1 chart, formula or other object in sheet 'S'",)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ('office:value-type="float" office:value="5.5"', "5.5"),
        ('office:value-type="currency" office:currency="EUR" office:value="5.5"', "5.5 EUR"),
        ('office:value-type="percentage" office:value="0.075"', "7.5%"),
        ('office:value-type="date" office:date-value="2027-05-03"', "2027-05-03"),
        ('office:value-type="string" office:string-value="five"', "five"),
    ],
)
def test_values_that_were_saved_without_text_are_read(
    tmp_path: Path, value: str, written: str
) -> None:
    row = cells("Bolt", "5").replace(
        "<table:table-cell ><text:p>5</text:p>", f"<table:table-cell {value}>"
    )
    assert holds_together(sheet(tmp_path, HEAD + row), "Item: Bolt", f"Price: {written}")


def test_help_for_filling_cells_in_is_no_text(tmp_path: Path) -> None:
    helped = "<table:content-validations><table:content-validation><table:help-message><text:p>Enter a date</text:p></table:help-message></table:content-validation></table:content-validations>"
    extracted = sheet(tmp_path, HEAD + cells("Bolt", "5"), before=helped)
    assert extracted.text == "S\n\nItem: Bolt; Price: 5"
