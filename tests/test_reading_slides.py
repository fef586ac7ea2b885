"""Slides come out with their charts, shapes in reading order, and merged cells."""

from collections.abc import Callable
from copy import deepcopy
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from file_parts import Fill, pptx_bytes, xlsx_bytes
from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.enum.shapes import PROG_ID
from pptx.opc.constants import RELATIONSHIP_TYPE
from pptx.opc.package import Part
from pptx.opc.packuri import PackURI
from pptx.oxml import parse_xml
from pptx.util import Inches
from reading_parts import holds_together, read

from app.ingest.extracted import ExtractedDocument

MC = "http://schemas.openxmlformats.org/markup-compatibility/2006"
P = 'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"'
A = 'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
TWO_FORMS = (
    f'<mc:AlternateContent xmlns:mc="{MC}"><mc:Choice Requires="a14"/><mc:Fallback/>'
    "</mc:AlternateContent>"
)


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


def write(frame: Any, *said: str, **formats: str) -> None:
    """Add runs to a frame, the last but one of them with formats."""
    runs = [frame.paragraphs[0].add_run() for _ in said]
    for run, text in zip(runs, said, strict=True):
        run.text = text
    for name, value in formats.items():
        runs[-2].font._element.set(name, value)


def box(slide: Any) -> Any:
    return slide.shapes.add_textbox(Inches(1), Inches(2), Inches(2), Inches(1)).text_frame


@pytest.mark.parametrize(
    ("place", "shown"),
    [
        (box, "15 euro"),
        (lambda slide: slide.shapes.title.text_frame, "15 euro"),
        (lambda slide: slide.notes_slide.notes_text_frame, "Notes: 15 euro"),
    ],
)
def test_struck_text_of_slides_is_left_out(
    tmp_path: Path, place: Callable[[Any], Any], shown: str
) -> None:
    def fill(slide: Any) -> None:
        write(place(slide), "12 euro ", "15 euro", strike="sngStrike")

    assert slides(tmp_path, fill).text == shown


@pytest.mark.parametrize(("baseline", "shown"), [("30000", "10⁶ t"), ("-25000", "106 t")])
def test_raised_digits_of_slides_do_not_run_into_numbers(
    tmp_path: Path, baseline: str, shown: str
) -> None:
    def fill(slide: Any) -> None:
        write(box(slide), "10", "6", " t", baseline=baseline)

    assert slides(tmp_path, fill).text == shown


def deck(folder: Path, *fills: Fill) -> ExtractedDocument:
    presentation = Presentation()
    for fill in fills:
        fill(presentation.slides.add_slide(presentation.slide_layouts[5]))
    file = BytesIO()
    presentation.save(file)
    return read(folder, "a.pptx", file.getvalue())


def test_hidden_slides_are_left_out_and_named(tmp_path: Path) -> None:
    def hide(slide: Any) -> None:
        write(box(slide), "3 euro")
        slide._element.set("show", "0")

    extracted = deck(tmp_path, hide, lambda slide: write(box(slide), "5 euro"), hide)
    assert extracted.text == "5 euro"
    assert extracted.pages == (0, 0, 6)
    assert extracted.notes == ("hidden slides 1 and 3",)


@pytest.mark.parametrize(("hidden", "shown"), [("1", "5 euro"), ("0", "3 euro 5 euro")])
def test_hidden_shapes_are_left_out(tmp_path: Path, hidden: str, shown: str) -> None:
    def fill(slide: Any) -> None:
        group = slide.shapes.add_group_shape()
        write(box(group), "3 euro")
        write(box(slide), "5 euro")
        group._element.nvGrpSpPr.cNvPr.set("hidden", hidden)

    assert " ".join(slides(tmp_path, fill).text.split()) == shown


def test_shapes_in_two_forms_are_read_in_the_new_one(tmp_path: Path) -> None:
    def fill(slide: Any) -> None:
        write(box(slide), "H = 12.5")
        shape = slide.shapes[-1]._element
        shape.addnext(parse_xml(TWO_FORMS))
        for form in shape.getnext():
            form.append(deepcopy(shape))
            form.append(parse_xml(f"<p:contentPart {P}/>"))
        shape.getparent().remove(shape)

    assert slides(tmp_path, fill).text == "H = 12.5"


OLD = f"<p:cmLst {P}><p:cm><p:text>Now 15 euro</p:text></p:cm></p:cmLst>"
NEW = (
    f'<n:cmLst xmlns:n="urn:new" {A}><n:cm><n:replyLst><n:reply>{{}}</n:reply></n:replyLst>{{}}'
    "</n:cm></n:cmLst>"
).format(*[f"<n:txBody><a:p><a:r><a:t>{t}</a:t></a:r></a:p></n:txBody>" for t in ("No", "Yes")])


@pytest.mark.parametrize(
    ("kept", "shown"),
    [(OLD, "[comment: Now 15 euro]"), (NEW, "[comment: No]\n[comment: Yes]")],
)
def test_comments_of_slides_are_marked_as_such(tmp_path: Path, kept: str, shown: str) -> None:
    def fill(slide: Any) -> None:
        write(box(slide), "12 euro")
        name = PackURI("/ppt/comments/comment1.xml")
        part = Part(name, "application/xml", slide.part.package, kept.encode())
        slide.part.relate_to(part, RELATIONSHIP_TYPE.COMMENTS)

    assert slides(tmp_path, fill).text == f"12 euro\n\n{shown}"


def shape(text: str, kind: str = "") -> Any:
    return parse_xml(
        f'<p:sp {P} {A}><p:nvSpPr><p:cNvPr id="98" name="F"/><p:cNvSpPr/><p:nvPr>{kind}</p:nvPr>'
        f"</p:nvSpPr><p:spPr/><p:txBody><a:bodyPr/><a:p><a:r><a:t>{text}</a:t></a:r></a:p>"
        "</p:txBody></p:sp>"
    )


@pytest.mark.parametrize(("master", "contract"), [("1", "Contract HX-7731"), ("0", "")])
def test_footers_and_text_of_layouts_are_read_once(
    tmp_path: Path, master: str, contract: str
) -> None:
    def fill(slide: Any) -> None:
        slide.slide_layout.shapes._spTree.append(shape("Contract HX-7731"))
        write(box(slide), "Price")
        slide.shapes._spTree.append(shape("Valid until May", '<p:ph type="ftr" idx="11"/>'))
        slide._element.set("showMasterSp", master)

    shown = ["Price", "Valid until May", contract, "Price"]
    assert deck(tmp_path, fill, fill).text.split("\n\n") == list(filter(None, shown))


@pytest.mark.parametrize(
    ("hidden", "notes"), [("0", ("2 embedded objects",)), ("1", ("1 embedded object",))]
)
def test_embedded_objects_are_named_where_they_are_seen(
    tmp_path: Path, hidden: str, notes: tuple[str, ...]
) -> None:
    def fill(slide: Any) -> None:
        slide.shapes.title.text = "Fees"
        for _ in range(2):
            book = BytesIO(xlsx_bytes(lambda book: None))
            shape = slide.shapes.add_ole_object(book, PROG_ID.XLSX, Inches(1), Inches(2))
        shape._element._nvXxPr.cNvPr.set("hidden", hidden)

    extracted = slides(tmp_path, fill)
    assert (extracted.text, extracted.notes) == ("Fees", notes)
