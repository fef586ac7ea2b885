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
from pptx.util import Inches
from reading_parts import holds_together, read
from word_parts import W

from app.ingest.office.drawings import read_chart


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


SPACES = (
    'xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
)
PIE = (
    f"<c:chartSpace {SPACES}><c:chart><c:ser><c:cat><c:pt idx='0'><c:v>May</c:v></c:pt></c:cat>"
    "<c:val><c:pt idx='0'><c:v>7</c:v></c:pt></c:val></c:ser></c:chart></c:chartSpace>"
)


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
