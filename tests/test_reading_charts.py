"""The values and categories of a chart are written as the chart shows them."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml
from file_parts import pptx_bytes, word_bytes
from lxml import etree
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.opc.package import Part as SlidePart
from pptx.opc.packuri import PackURI as SlideURI
from pptx.oxml import parse_xml as slide_xml
from pptx.util import Inches
from reading_parts import holds_together, read
from word_parts import W

from app.ingest.office.charts import read_chart


def shares() -> CategoryChartData:
    data = CategoryChartData(number_format="0.0%")
    data.categories = ["2025", "2026"]
    data.add_series("Share", (0.125, 0.2))
    return data


def months() -> CategoryChartData:
    data = CategoryChartData()
    data.categories = [date(2026, 1, 1), date(2026, 2, 1)]
    data.add_series("Boats", (12, 20))
    return data


def regions() -> CategoryChartData:
    data = CategoryChartData()
    for region in ("North", "South"):
        category = data.add_category(region)
        category.add_sub_category("Inner")
        category.add_sub_category("Outer")
    data.add_series("Boats", (1, 2, 3, 4))
    return data


@pytest.mark.parametrize(
    ("data", "wanted"),
    [
        (shares(), ["2026", "Share: 20.0%"]),
        (months(), ["2026-02-01", "Boats: 20"]),
        (regions(), ["South Outer", "Boats: 4"]),
    ],
)
def test_charts_show_numbers_dates_and_levels(
    tmp_path: Path, data: CategoryChartData, wanted: list[str]
) -> None:
    def fill(slide: Any) -> None:
        box = [Inches(n) for n in (1, 2, 4, 3)]
        slide.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, *box, data)

    assert holds_together(read(tmp_path, "a.pptx", pptx_bytes(fill)), *wanted)


OFFICE = "http://schemas.openxmlformats.org"
CX = "http://schemas.microsoft.com/office/drawing/2014/chartex"
SPACES = (
    f'xmlns:c="{OFFICE}/drawingml/2006/chart" xmlns:a="{OFFICE}/drawingml/2006/main" '
    f'xmlns:r="{OFFICE}/officeDocument/2006/relationships" xmlns:cx="{CX}"'
)


def points(name: str, *texts: str) -> str:
    made = "".join(f"<c:pt idx='{at}'><c:v>{text}</c:v></c:pt>" for at, text in enumerate(texts))
    return f"<c:{name}>{made}</c:{name}>"


def series(*parts: str) -> str:
    return f"<c:ser>{''.join(parts)}</c:ser>"


def title(*lines: str) -> str:
    said = "".join(f"<a:p><a:r><a:t>{line}</a:t></a:r></a:p>" for line in lines)
    return f"<c:title><c:tx><c:rich>{said}</c:rich></c:tx></c:title>"


def chart(*parts: str) -> str:
    return f"<c:chartSpace {SPACES}><c:chart>{''.join(parts)}</c:chart></c:chartSpace>"


def axis(kind: str, key: int, *parts: str) -> str:
    return f"<c:{kind}Ax><c:axId val='{key}'/>{''.join(parts)}</c:{kind}Ax>"


def plot(keys: str, *inside: str) -> str:
    return f"<c:plot>{''.join(inside)}{''.join(f'<c:axId val={key!r}/>' for key in keys)}</c:plot>"


PIE = chart(series(points("cat", "May"), points("val", "7")))
SALES = series(points("tx", "Sales"), points("cat", "May", "June"), points("val", "450", "500"))
SHARE = series(points("tx", "Share"), points("val", "40", "60"))
EURO, MONTH = axis("val", 2, title("Million", "euro")), axis("cat", 1, title("Month"))
SCALED = axis("val", 2, title("Million euro"), "<c:dispUnits/>")
EAST = series(points("tx", "East"), points("xVal", "1", "3"), points("yVal", "20", "35"))
WEST = series(points("tx", "West"), points("xVal", "1.5", "3"), points("yVal", "10", "40"))
SITE = series(points("xVal", "1"), points("yVal", "20"), points("bubbleSize", "7"))
LINKED = f"<c:title><c:tx><c:strRef>{points('strCache', 'Fleet')}</c:strRef></c:tx></c:title>"


@pytest.mark.parametrize(
    ("source", "heading", "rows"),
    [
        (chart(plot("12", SALES), EURO, MONTH), "", [["Month", "Sales (Million euro)"], ["May", "450"], ["June", "500"]]),
        (chart(plot("21", SALES), EURO, MONTH), "", [["Month", "Sales (Million euro)"], ["May", "450"], ["June", "500"]]),
        (chart(plot("12", SALES), plot("34", SHARE), EURO, axis("val", 4, title("%"))), "", [["Category", "Sales (Million euro)", "Share (%)"], ["May", "450", "40"], ["June", "500", "60"]]),
        (chart(plot("12", SALES), SCALED), "", [["Category", "Sales"], ["May", "450"], ["June", "500"]]),
        (chart(plot("12", SALES), axis("val", 2, title("Sales"))), "", [["Category", "Sales"], ["May", "450"], ["June", "500"]]),
        (chart(plot("12", EAST, WEST), axis("val", 1, title("l/s")), axis("val", 2, title("m"))), "", [["l/s", "East (m)", "West (m)"], ["1", "20", ""], ["3", "35", ""], ["1.5", "", "10"], ["3", "", "40"]]),
        (chart(plot("12", SITE), axis("val", 2, title("m"))), "", [["Category", "m", "size"], ["1", "20", "7"]]),
        (chart(title("Fleet of", "the club"), SHARE), "Fleet of the club", [["Category", "Share"], ["1", "40"], ["2", "60"]]),
        (chart(LINKED, SHARE), "Fleet", [["Category", "Share"], ["1", "40"], ["2", "60"]]),
        (chart(series(points("tx", "2026", "Plan"), points("val", "4"))), "", [["Category", "2026 Plan"], ["1", "4"]]),
    ],
)  # fmt: skip
def test_charts_name_their_axes_and_keep_other_categories_apart(
    source: str, heading: str, rows: list[list[str]]
) -> None:
    assert read_chart(etree.fromstring(source)) == (heading, rows)


FLOW = (
    f"<cx:chartSpace {SPACES}><cx:chartData><cx:data id='0'><cx:strDim type='cat'>"
    "<cx:lvl><cx:pt idx='0'>Oars</cx:pt><cx:pt idx='1'>Tax</cx:pt></cx:lvl>"
    "<cx:lvl><cx:pt idx='0'>May</cx:pt></cx:lvl></cx:strDim><cx:numDim type='val'>"
    "<cx:lvl formatCode='0.0'><cx:pt idx='0'>7</cx:pt><cx:pt idx='1'>-2</cx:pt></cx:lvl>"
    "</cx:numDim></cx:data></cx:chartData><cx:chart><cx:title><cx:tx><cx:rich><a:p><a:r>"
    "<a:t>Cash</a:t></a:r></a:p></cx:rich></cx:tx></cx:title><cx:plotArea><cx:plotAreaRegion>"
    "<cx:series><cx:tx><cx:txData><cx:v>Flow</cx:v></cx:txData></cx:tx><cx:dataId val='0'/>"
    "</cx:series><cx:series layoutId='paretoLine'/></cx:plotAreaRegion><cx:axis><cx:valScaling/>"
    "<cx:title><cx:tx><cx:txData><cx:v>euro</cx:v></cx:txData></cx:tx></cx:title></cx:axis>"
    "</cx:plotArea></cx:chart></cx:chartSpace>"
)


def test_charts_of_new_kinds_are_read(tmp_path: Path) -> None:
    graphic = f'<a:graphic {SPACES}><a:graphicData uri="{CX}"><cx:chart r:id="{{}}"/>'
    graphic += "</a:graphicData></a:graphic>"
    kind = "http://schemas.microsoft.com/office/2014/relationships/chartEx"

    def fill(document: Any) -> None:
        name = PackURI("/word/charts/chartEx1.xml")
        part = Part(name, "application/xml", FLOW.encode(), document.part.package)
        drawn = graphic.format(document.part.relate_to(part, kind))
        paragraph = f"<w:p {W}><w:r><w:drawing>{drawn}</w:drawing></w:r></w:p>"
        document.element.body.insert(0, parse_xml(paragraph))

    def draw(slide: Any) -> None:
        slide.shapes.title.text = "Plan"
        uri = SlideURI("/ppt/charts/chartEx1.xml")
        part = SlidePart(uri, "application/xml", slide.part.package, FLOW.encode())
        frame = slide.shapes.add_table(1, 1, *map(Inches, (1, 2, 3, 4)))._element
        drawn = slide_xml(graphic.format(slide.part.relate_to(part, kind)))
        frame.replace(frame.graphic, drawn)

    text = "Cash\n\n| Category | Flow (euro) |\n| May Oars | 7.0 |\n| May Tax | -2.0 |"
    assert read(tmp_path, "a.docx", word_bytes(fill)).text == text
    assert read(tmp_path, "a.pptx", pptx_bytes(draw)).text == f"Plan\n\n{text}"


def test_charts_of_documents_are_read_and_those_elsewhere_left(tmp_path: Path) -> None:
    def fill(document: Any) -> None:
        name = PackURI("/word/charts/chart1.xml")
        part = Part(name, "application/xml", PIE.encode(), document.part.package)
        inside = document.part.relate_to(part, RELATIONSHIP_TYPE.CHART)
        outside = document.part.relate_to("a.xml", RELATIONSHIP_TYPE.CHART, is_external=True)
        other = document.part.relate_to(part, RELATIONSHIP_TYPE.IMAGE)
        keys = inside, outside, other, "rId99"
        drawn = "".join(f'<c:chart r:id="{key}"/>' for key in keys)
        drawing = f"<w:drawing {SPACES}>{drawn}</w:drawing>"
        paragraph = f"<w:p {W}><w:r><w:t>Boats:</w:t>{drawing}</w:r></w:p>"
        document.element.body.insert(0, parse_xml(paragraph))

    text = read(tmp_path, "a.docx", word_bytes(fill)).text
    assert text == "Boats:\n\n| Category | Value |\n| May | 7 |"


def test_charts_that_count_days_from_1904_have_their_dates() -> None:
    points = "<c:formatCode>d/m/yyyy</c:formatCode><c:pt idx='0'><c:v>{}</c:v></c:pt>"
    root = etree.fromstring(
        "<c:chartSpace xmlns:c='http://schemas.openxmlformats.org/drawingml/2006/chart'>"
        f"<c:date1904/><c:chart><c:ser><c:cat>{points.format(44592)}</c:cat>"
        "<c:val><c:pt idx='0'><c:v>#N/A</c:v></c:pt></c:val></c:ser></c:chart></c:chartSpace>"
    )
    assert read_chart(root) == ("", [["Category", "Value"], ["1/2/2026", "#N/A"]])
