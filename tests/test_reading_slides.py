"""Slides come out with their charts, shapes in reading order, and merged cells."""

from pathlib import Path
from typing import Any

from file_parts import Fill, pptx_bytes
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Inches
from reading_parts import holds_together, read

from app.ingest.extracted import ExtractedDocument


def slides(folder: Path, fill: Fill) -> ExtractedDocument:
    return read(folder, "a.pptx", pptx_bytes(fill))


def test_charts_give_title_categories_and_values(tmp_path: Path) -> None:
    def fill(slide: Any) -> None:
        data = CategoryChartData()
        data.categories = ["2025", "2026"]
        data.add_series("Boats", (41, 57))
        data.add_series("Crews", (38, 55))
        box = [Inches(n) for n in (1, 2, 4, 3)]
        chart = slide.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, *box, data).chart
        chart.has_title = True
        chart.chart_title.text_frame.text = "Fleet of the club"

    extracted = slides(tmp_path, fill)
    assert "Fleet of the club" in extracted.text
    assert holds_together(extracted, "2026", "Boats: 57", "Crews: 55")


def test_shapes_are_read_from_top_to_bottom_and_left_to_right(tmp_path: Path) -> None:
    def fill(slide: Any) -> None:
        for left, top, said in [
            (5, 4, "fourth"),
            (1, 4, "third"),
            (5, 2, "second"),
            (1, 2, "first"),
        ]:
            box = slide.shapes.add_textbox(Inches(left), Inches(top), Inches(2), Inches(1))
            box.text_frame.text = said

    words = slides(tmp_path, fill).text.split()
    assert words == ["first", "second", "third", "fourth"]


def test_merged_cells_of_slides_are_repeated(tmp_path: Path) -> None:
    def fill(slide: Any) -> None:
        box = [Inches(n) for n in (1, 2, 4, 3)]
        made = slide.shapes.add_table(3, 3, *box).table
        rows = [["Dock", "Hour", "Guard"], ["East", "06:00", "Ada"], ["", "14:00", "Bo"]]
        for y, row in enumerate(rows):
            for x, said in enumerate(row):
                made.cell(y, x).text = said
        made.cell(1, 0).merge(made.cell(2, 0))

    assert holds_together(slides(tmp_path, fill), "Dock: East", "Hour: 14:00", "Guard: Bo")


def test_struck_text_of_slides_is_left_out(tmp_path: Path) -> None:
    def fill(slide: Any) -> None:
        box = slide.shapes.add_textbox(Inches(1), Inches(2), Inches(2), Inches(1))
        paragraph = box.text_frame.paragraphs[0]
        old, new = paragraph.add_run(), paragraph.add_run()
        old.text, new.text = "12 euro ", "15 euro"
        old.font._element.set("strike", "sngStrike")

    assert slides(tmp_path, fill).text == "15 euro"
