"""Sheets of OpenDocument come out as they are shown: without what is struck."""

from pathlib import Path

import pytest
from file_parts import cells, odf_bytes
from reading_parts import holds_together, read

from app.ingest.extracted import ExtractedDocument

HEAD = cells("Item", "Price")
STRUCK = '<style:style style:name="ce1" style:family="table-cell"><style:text-properties style:text-line-through-style="solid"/></style:style>'


def sheet(
    folder: Path, content: str, styles: str = "", before: str = "", more: str = ""
) -> ExtractedDocument:
    body = f'{before}<table:table table:name="S" {more}>{content}</table:table>'
    return read(folder, "a.ods", odf_bytes("ods", body, styles))


def column(mark: str) -> str:
    return f"<table:table-column/><table:table-column {mark}/><table:table-column/>"


COLUMNS = cells("Item", "Cost", "Price") + cells("Bolt", "77", "5")


@pytest.mark.parametrize(
    ("content", "notes"),
    [
        (column('table:default-cell-style-name="ce1"') + COLUMNS, ()),
        (HEAD + cells("Bolt", "5") + cells("Old", "77", attributes='table:style-name="ce1"'), ()),
    ],
    ids=["struck column", "struck cells"],
)
def test_struck_cells_are_left_out(tmp_path: Path, content: str, notes: tuple[str, ...]) -> None:
    extracted = sheet(tmp_path, content, STRUCK)
    assert holds_together(extracted, "Item: Bolt", "Price: 5")
    assert "77" not in extracted.text
    assert extracted.notes == notes
