"""Equations and charts of OpenDocument files are read from their parts, other objects named."""

import zipfile
from io import BytesIO
from pathlib import Path

import pytest
from file_parts import SPACES, cells, odf_bytes
from reading_parts import read

from app.ingest.extracted import ExtractedDocument

MATH = (
    '<{0}math xmlns{1}="http://www.w3.org/1998/Math/MathML" display="block"><{0}semantics><{0}mrow>'
    "<{0}mi>H</{0}mi><{0}mo>=</{0}mo><{0}mfrac><{0}mn>1</{0}mn><{0}mn>2</{0}mn></{0}mfrac></{0}mrow>"
    '<{0}annotation encoding="StarMath 5.0">H = 1 over 2</{0}annotation></{0}semantics></{0}math>'
)
ORIGIN = "<draw:g><draw:desc>Sheet1.B2:B4</draw:desc></draw:g>"
CHART = (
    f'<office:document-content {SPACES} xmlns:chart="urn:oasis:names:tc:opendocument:xmlns:chart:1.0">'
    "<office:body><office:chart><chart:chart>{title}<chart:plot-area>"
    '<chart:axis chart:dimension="x"><chart:title><text:p>Month</text:p></chart:title></chart:axis>'
    '<chart:axis chart:dimension="y"><chart:title><text:p>euro</text:p></chart:title></chart:axis>'
    "</chart:plot-area><table:table><table:table-header-rows>{head}</table:table-header-rows>"
    "<table:table-rows>{rows}</table:table-rows></table:table></chart:chart></office:chart>"
    "</office:body></office:document-content>"
).format(
    title="<chart:title><text:p>Rent</text:p></chart:title>",
    head=cells("", "East", "West"),
    rows=cells("May", "450", "500").replace("450</text:p>", f"450</text:p>{ORIGIN}")
    + cells("June", "470", "510")
    + cells("July", "NaN", "520").replace("><text:p>NaN", ' office:value="NaN"><text:p>NaN'),
)
TABLE = (
    "Rent\n\n| Month | East (euro) | West (euro) |\n| May | 450 | 500 |\n| June | 470 | 510 |\n"
    "| July |  | 520 |"
)
DRAWN = (
    "<draw:frame><draw:object xmlns:xlink='http://www.w3.org/1999/xlink' "
    "xlink:href='./Object 1'/></draw:frame>"
)


def read_with(
    folder: Path, suffix: str, body: str, part: str, shared: str = ""
) -> ExtractedDocument:
    """Read a file whose object is the given part."""
    file = BytesIO(odf_bytes(suffix, body, shared=shared))
    with zipfile.ZipFile(file, "a") as package:
        package.writestr("Object 1/content.xml", part)
    return read(folder, f"a.{suffix}", file.getvalue())


@pytest.mark.parametrize(
    ("part", "text", "notes"),
    [
        (MATH.format("", ""), "Head: H=1/2 m", ()),
        (MATH.format("math:", ":math"), "Head: H=1/2 m", ()),
        (CHART, f"Head: m\n\n{TABLE}", ()),
        ("<office/>", "Head: m", ("1 chart, formula or other object",)),
        ("<math", "Head: m", ("1 chart, formula or other object",)),
    ],
)
@pytest.mark.parametrize("suffix", ["odt", "odp"])
def test_objects_are_read_where_they_stand(
    tmp_path: Path, suffix: str, part: str, text: str, notes: tuple[str, ...]
) -> None:
    body = f"<text:p>Head: {DRAWN} m</text:p>"
    if suffix == "odp":
        body = (
            f"<draw:page><draw:frame><draw:text-box>{body}</draw:text-box></draw:frame></draw:page>"
        )
    extracted = read_with(tmp_path, suffix, body, part)
    assert (extracted.text, extracted.notes) == (text, notes)


@pytest.mark.parametrize(("part", "text"), [(MATH.format("", ""), "H=1/2"), (CHART, TABLE)])
def test_objects_that_a_slide_holds_by_themselves_are_read(
    tmp_path: Path, part: str, text: str
) -> None:
    assert read_with(tmp_path, "odp", f"<draw:page>{DRAWN}</draw:page>", part).text == text


def table(*parts: str) -> str:
    return f"<table:table table:name='S'>{''.join(parts)}</table:table>"


def box(inside: str) -> str:
    return f"<draw:frame><draw:text-box><text:p>{inside}</text:p></draw:text-box></draw:frame>"


NOTE = (
    f"<text:note text:note-class='footnote'><text:note-body><text:p>there{DRAWN}</text:p>"
    "</text:note-body></text:note>"
)
HIDING = "<text:hidden-paragraph text:is-hidden='true'/>"
COLLAPSED = "table:visibility='collapse'"
HIDDEN_ROW = cells("Gone", DRAWN).replace("<table:table-row", f"<table:table-row {COLLAPSED}")
HIDDEN_COLUMN = f"<table:table-column/><table:table-column {COLLAPSED}/>"
UNREAD = "1 chart, formula or other object in sheet 'S'"


@pytest.mark.parametrize(
    ("body", "text", "notes"),
    [
        (f"<text:h>Head{DRAWN}</text:h><text:p>End</text:p>", f"Head\n\n{TABLE}\n\nEnd", ()),
        (f"<text:p>See{NOTE}.</text:p>", f"See [footnote: there].\n\n{TABLE}", ()),
        (f"<text:h>See{NOTE}</text:h>", f"See [footnote: there]\n\n{TABLE}", ()),
        (table(cells("Item", f"Bolt{DRAWN}")), f"Item: Bolt\n\n{TABLE}", ()),
        (table(cells("Item", f"Bolt{box(DRAWN)}")), f"Item: Bolt\n\n{TABLE}", ()),
        (table(f"<table:table-row><table:table-cell>{table(cells('Bolt', DRAWN))}</table:table-cell></table:table-row>"), f"Bolt\n\n{TABLE}", ()),
        (f"<text:p>See{box(f'{DRAWN}Figure 1')}</text:p>", f"See\n\nFigure 1\n\n{TABLE}", ()),
        (f"<text:p>Seen</text:p><text:p>{HIDING}{DRAWN}</text:p>", "Seen", ()),
        (f"<text:p>Seen</text:p><text:p>{HIDING}{box(DRAWN)}</text:p>", "Seen", ()),
        (table(cells("Item", "Bolt"), HIDDEN_ROW), "Item: Bolt", ("1 hidden row in a table",)),
        (table(HIDDEN_COLUMN, cells("Item", f"Gone{DRAWN}")), "Item", ("1 hidden column in a table",)),
    ],
)  # fmt: skip
def test_charts_are_read_once_wherever_they_are_seen(
    tmp_path: Path, body: str, text: str, notes: tuple[str, ...]
) -> None:
    extracted = read_with(tmp_path, "odt", body, CHART)
    assert (extracted.text, extracted.notes) == (text, notes)


def test_charts_of_headers_are_read_once(tmp_path: Path) -> None:
    header = f"<style:header><text:p>Fleet{DRAWN}</text:p></style:header>"
    shared = f"<style:master-page>{header}</style:master-page>" * 2
    extracted = read_with(tmp_path, "odt", "<text:p>The mast.</text:p>", CHART, shared)
    assert extracted.text == f"Fleet\n\n{TABLE}\n\nThe mast."


@pytest.mark.parametrize(
    ("part", "cell", "shapes", "text", "notes"),
    [
        (MATH.format("", ""), f"Head: {DRAWN}", "", "S\n\nHead: H=1/2", ()),
        (MATH.format("", ""), "", DRAWN, "S\n\nH=1/2", ()),
        (CHART, "", DRAWN, f"S\n\n{TABLE}", ()),
        (CHART, "", box(f"Fee{DRAWN}"), f"S\n\nFee\n\n{TABLE}", ()),
        (CHART, f"Head</text:p>{DRAWN}<text:p>", "", "S\n\nHead", (UNREAD,)),
        (CHART, f"Head{DRAWN}", DRAWN, f"S\n\nHead\n\n{TABLE}", (UNREAD,)),
        ("<office/>", f"Head{DRAWN}", "", "S\n\nHead", (UNREAD,)),
        ("<office/>", "Head", DRAWN, "S\n\nHead", (UNREAD,)),
    ],
)
def test_sheets_name_only_the_objects_that_are_not_read(
    tmp_path: Path, part: str, cell: str, shapes: str, text: str, notes: tuple[str, ...]
) -> None:
    body = table(f"<table:shapes>{shapes}</table:shapes>", cells(cell))
    extracted = read_with(tmp_path, "ods", body, part)
    assert (extracted.text, extracted.notes) == (text, notes)
