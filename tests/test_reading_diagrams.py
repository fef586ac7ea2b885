"""Diagrams (SmartArt) come out as lists that show what belongs to what."""

from pathlib import Path
from typing import Any

import pytest
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml
from file_parts import pptx_bytes, word_bytes
from lxml import etree
from pptx.opc.package import Part as SlidePart
from pptx.opc.packuri import PackURI as SlideURI
from pptx.oxml import parse_xml as slide_xml
from pptx.util import Inches
from reading_parts import read
from word_parts import W

from app.ingest.office.diagrams import read_diagram

OFFICE = "http://schemas.openxmlformats.org"
SPACES = (
    f'xmlns:dgm="{OFFICE}/drawingml/2006/diagram" xmlns:a="{OFFICE}/drawingml/2006/main" '
    f'xmlns:r="{OFFICE}/officeDocument/2006/relationships"'
)
RELATION = f"{OFFICE}/officeDocument/2006/relationships/diagramData"


def point(key: int, *paragraphs: str) -> str:
    said = "".join(f"<a:p>{paragraph}</a:p>" for paragraph in paragraphs)
    return f'<dgm:pt modelId="{key}"><dgm:t>{said}</dgm:t></dgm:pt>'


def run(text: str, look: str = "") -> str:
    return f"<a:r><a:rPr {look}/><a:t>{text}</a:t></a:r>"


def model(points: str, *links: tuple[int, int, int]) -> bytes:
    made = "".join(
        f'<dgm:cxn modelId="{90 + at}" srcId="{above}" destId="{below}" srcOrd="{order}"/>'
        for at, (above, below, order) in enumerate(links)
    )
    return (
        f"<dgm:dataModel {SPACES}><dgm:ptLst>{points}</dgm:ptLst><dgm:cxnLst>{made}"
        '<dgm:cxn modelId="80" type="presOf" srcId="2" destId="1"/></dgm:cxnLst></dgm:dataModel>'
    ).encode()


CREW = point(9) + point(1, run("Cook")) + point(2, run("Master")) + point(3, run("Mate"))


@pytest.mark.parametrize(
    ("data", "items"),
    [
        (model(CREW, (9, 2, 0), (2, 3, 0), (2, 1, 1)), ["- Master", "  - Mate", "  - Cook"]),
        (model(CREW, (9, 3, 2), (9, 2, 1), (9, 1, 10)), ["- Master", "- Mate", "- Cook"]),
        (model(CREW), ["- Cook", "- Master", "- Mate"]),
        (model(CREW, (9, 1, 0), (2, 3, 0), (3, 2, 0)), ["- Cook", "- Master", "  - Mate"]),
        (model(point(1, f"{run('450')}<a:br/>{run('euro')}")), ["- 450 euro"]),
        (model(point(1, run("Fee 450"), run("3 days"))), ["- Fee 450 3 days"]),
        (model(point(1, run("40 ", 'strike="sngStrike"') + run("45"))), ["- 45"]),
        (model(point(1, run("10") + run("6", 'baseline="30000"'))), ["- 10⁶"]),
    ],
)
def test_points_stand_in_order_below_what_they_belong_to(data: bytes, items: list[str]) -> None:
    assert read_diagram(etree.fromstring(data)) == items


DATA = model(CREW, (9, 2, 0), (2, 3, 0), (2, 1, 1))


def test_diagrams_of_documents_and_slides_are_lists(tmp_path: Path) -> None:
    graphic = f'<a:graphic {SPACES}><a:graphicData uri="{OFFICE}/drawingml/2006/diagram">'
    graphic += '<dgm:relIds r:dm="{}"/></a:graphicData></a:graphic>'

    def fill(document: Any) -> None:
        part = Part(PackURI("/word/diagrams/data1.xml"), "a/xml", DATA, document.part.package)
        drawn = graphic.format(document.part.relate_to(part, RELATION))
        paragraph = f"<w:p {W}><w:r><w:t>Crew:</w:t><w:drawing>{drawn}</w:drawing></w:r></w:p>"
        document.element.body.insert(0, parse_xml(paragraph))

    def draw(slide: Any) -> None:
        slide.shapes.title.text = "Crew:"
        uri = SlideURI("/ppt/diagrams/data1.xml")
        part = SlidePart(uri, "a/xml", slide.part.package, DATA)
        frame = slide.shapes.add_table(1, 1, *map(Inches, (1, 2, 3, 4)))._element
        drawn = slide_xml(graphic.format(slide.part.relate_to(part, RELATION)))
        frame.replace(frame.graphic, drawn)

    text = "Crew:\n\n- Master\n  - Mate\n  - Cook"
    assert read(tmp_path, "a.docx", word_bytes(fill)).text == text
    assert read(tmp_path, "a.pptx", pptx_bytes(draw)).text == text
