"""Equations and charts of OpenDocument files are read from their parts, other objects named."""

import zipfile
from io import BytesIO
from pathlib import Path

import pytest
from file_parts import SPACES, cells, odf_bytes
from reading_parts import read

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
    file = BytesIO(odf_bytes(suffix, body))
    with zipfile.ZipFile(file, "a") as package:
        package.writestr("Object 1/content.xml", part)
    extracted = read(tmp_path, f"a.{suffix}", file.getvalue())
    assert (extracted.text, extracted.notes) == (text, notes)


@pytest.mark.parametrize(("part", "text"), [(MATH.format("", ""), "H=1/2"), (CHART, TABLE)])
def test_objects_that_a_slide_holds_by_themselves_are_read(
    tmp_path: Path, part: str, text: str
) -> None:
    file = BytesIO(odf_bytes("odp", f"<draw:page>{DRAWN}</draw:page>"))
    with zipfile.ZipFile(file, "a") as package:
        package.writestr("Object 1/content.xml", part)
    assert read(tmp_path, "a.odp", file.getvalue()).text == text
