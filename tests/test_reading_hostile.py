"""Small files that unfold to huge ones end in one line, and odd ones take no time."""

import time
from copy import deepcopy
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from file_parts import Fill, odf_bytes, pptx_bytes, word_bytes, xlsx_bytes, zipped
from openpyxl.comments import Comment
from reading_parts import chunks_of, read

from app.ingest.readers import UnreadableFile

BOMB = "a0: &a0 ['', '']\n" + "".join(
    f"a{at}: &a{at} [{', '.join([f'*a{at - 1}'] * 10)}]\n" for at in range(1, 12)
)
CELL = (
    '<table:table-cell table:number-columns-repeated="1000"><text:p>x</text:p></table:table-cell>'
)
ROW = f'<table:table-row table:number-rows-repeated="1000">{CELL}</table:table-row>'


WIDE_CELL = (
    '<table:table-cell table:number-columns-repeated="1000" table:number-columns-spanned="1000" '
    'table:number-rows-spanned="1000"><text:p>x</text:p></table:table-cell>'
)
HUGE = "has a sheet of more than 5,000,000 cells"
SHEET = "xl/worksheets/sheet1.xml"
ALL = "A1:XFD1048576"  # the cells of a sheet
LONG = " ".join(["word"] * 4000)


def sheet(rows: str) -> bytes:
    return odf_bytes("ods", f'<table:table table:name="S">{rows}</table:table>')


def xlsx(fill: Fill, part: str = "", old: str = "", new: str = "") -> bytes:
    """Change a part of a workbook as no library writes it."""
    with ZipFile(BytesIO(xlsx_bytes(fill))) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    if part:
        assert old.encode() in parts[part]
        parts[part] = parts[part].replace(old.encode(), new.encode())
    return zipped(parts)


def with_range(element: str) -> bytes:
    """Name all cells of a sheet that holds one."""
    end = "</sheetData>"
    return xlsx(filled("A1"), SHEET, end, end + element)


def filled(*places: str) -> Fill:
    return lambda book: [book.active.__setitem__(place, place.lower()) for place in places]


def commented(book: Any) -> None:
    book.active["A1"] = "x"
    book.active["A1"].comment = Comment("y", "z")


def word_table(rows: int, columns: int) -> bytes:
    """Write a table whose cells span a thousand columns each."""

    def fill(document: Any) -> None:
        table = document.add_table(1, 1)
        cell, row = table.cell(0, 0)._tc, table.rows[0]._tr
        cell.grid_span = 1000
        table.cell(0, 0).text = "x"
        row.extend(deepcopy(cell) for _ in range(columns))
        table._tbl.extend(deepcopy(row) for _ in range(rows))

    return word_bytes(fill)


def slide_table(size: int) -> bytes:
    """Write a table in which each cell spans all cells behind and below it."""

    def fill(slide: Any) -> None:
        table = slide.shapes.add_table(size, size, 0, 0, 9, 9).table
        for cell in table._tbl.iter_tcs():
            cell.gridSpan = cell.rowSpan = size

    return pptx_bytes(fill)


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.yaml", BOMB, "repeats its parts to more than"),
        ("a.csv", "x\n" * 100_000 + "," * 1000 + "y", HUGE),
        ("a.ods", sheet(ROW * 6), HUGE),
        ("a.ods", sheet(f"<table:table-row>{WIDE_CELL}</table:table-row>"), HUGE),
        ("a.html", "<table>" + "<tr><td colspan=1000 rowspan=0>x" * 1000, HUGE),
        ("a.html", "<table>" + "<tr><td>a<td colspan=1000 rowspan=0>x" * 3000, HUGE),
        ("a.html", "<table><tr>" + "<td>a" * 10_000 + "<tr><td>b" * 10_000, HUGE),
        ("a.html", f"<table><tr><td colspan=1000 rowspan=0>{LONG}" + "<tr><td>a" * 999, "holds more than 200 MB"),
        ("a.xlsx", with_range(f'<mergeCells><mergeCell ref="{ALL}"/></mergeCells>'), HUGE),
        ("a.xlsx", with_range(f'<hyperlinks><hyperlink ref="{ALL}" location="A1"/></hyperlinks>'), HUGE),
        ("a.xlsx", with_range('<hyperlinks><hyperlink ref="A:XFD" location="A1"/></hyperlinks>'), HUGE),
        ("a.xlsx", xlsx(commented, "xl/comments/comment1.xml", 'ref="A1"', f'ref="{ALL}"'), HUGE),
        ("a.docx", word_table(300, 100), HUGE),
        ("a.pptx", slide_table(80), HUGE),
    ],
)  # fmt: skip
def test_a_file_that_unfolds_to_a_huge_one_is_refused_at_once(
    tmp_path: Path, name: str, content: str | bytes, reason: str
) -> None:
    start = time.perf_counter()
    with pytest.raises(UnreadableFile, match=reason):
        read(tmp_path, name, content)
    assert time.perf_counter() - start < 20


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", "ada@example.org\n" * 20_000),
        ("a.html", "<h1>Pages</h1>" + "<ul><li><a href=x>a</a>" * 1500),
        ("a.md", "\n".join(f"{' ' * at}- an item" for at in range(300))),
        ("a.xlsx", xlsx(filled("A1", "XFD1048576"))),
        ("a.xlsx", xlsx(filled("A1"), SHEET, 'ref="A1:A1"', f'ref="{ALL}"')),
    ],
)
def test_long_deep_and_far_apart_parts_are_read_in_a_moment(
    tmp_path: Path, name: str, content: str | bytes
) -> None:
    start = time.perf_counter()
    chunks = chunks_of(read(tmp_path, name, content))
    assert chunks
    assert max(len(chunk.metadata.get("header") or "") for chunk in chunks) < 2000
    assert time.perf_counter() - start < 20
