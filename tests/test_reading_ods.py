"""Sheets of OpenDocument come out as they are shown: without what is hidden or struck."""

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
