"""Clauses and steps come out with the numbers that the program shows."""

from pathlib import Path
from typing import Any

import pytest
from file_parts import pptx_bytes
from pptx.oxml import parse_xml as slide_xml
from reading_parts import read
from word_parts import LEVELS, NUMBERED, SHAPES, cell, item, paragraph, table, text_of

LETTERS = (
    '<w:lvl w:ilvl="1"><w:start w:val="3"/><w:numFmt w:val="upperLetter"/>'
    '<w:lvlText w:val="{}"/></w:lvl>'
)
NAMED = '<w:abstractNum w:abstractNumId="79"><w:styleLink w:val="List7"/>{}</w:abstractNum>'


@pytest.mark.parametrize(
    ("levels", "override", "last"),
    [
        (LEVELS.format(""), "", "II.2"),
        (LEVELS.format("<w:isLgl/>"), "", "2.2"),
        (LEVELS.format('<w:lvlRestart w:val="0"/>'), "", "II.4"),
        (LEVELS.format(""), LETTERS.format("Option %2:"), "Option D:"),
        ('<w:numStyleLink w:val="List7"/>', "", "II.2"),
    ],
)
def test_numbers_follow_how_a_list_changes_its_levels(
    tmp_path: Path, levels: str, override: str, last: str
) -> None:
    shapes = (
        f'<w:abstractNum w:abstractNumId="77">{levels}</w:abstractNum>'
        f"{NAMED.format(LEVELS.format(''))}"
        '<w:num w:numId="78"><w:abstractNumId w:val="77"/>'
        f'<w:lvlOverride w:ilvl="1">{override}</w:lvlOverride></w:num>'
    )
    items = [item("Fees", level) for level in (0, 1, 1, 0, 1, 1)]
    lines = text_of(tmp_path, *items, numbering=shapes).split("\n")
    assert (lines[3], lines[5]) == ("Part II Fees", f"{last} Fees")


@pytest.mark.parametrize(
    ("empty", "last"),
    [
        ("", "Part III Fees"),
        ("<w:rPr><w:strike/></w:rPr><w:t>Old fees</w:t>", "Part III Fees"),
        (None, "Part II Fees"),
    ],
)
def test_items_that_show_no_text_count_unless_deleted(
    tmp_path: Path, empty: str | None, last: str
) -> None:
    deleted = "<w:rPr><w:del/></w:rPr>" if empty is None else ""
    middle = paragraph(f"<w:r>{empty or ''}</w:r>", NUMBERED + deleted)
    text = text_of(tmp_path, item("Scope"), middle, item("Fees"), numbering=SHAPES)
    assert text == f"Part I Scope\n\n{last}"


def test_numbers_of_rows_are_read_without_text_beside_them(tmp_path: Path) -> None:
    number = f"<w:tc>{paragraph('', NUMBERED)}</w:tc>"
    rows = [number + cell(said) + cell("daily") for said in ("Pumps", "Masts")]
    head = cell("No.") + cell("Check") + cell("When")
    text = text_of(tmp_path, table(head, *rows), numbering=SHAPES)
    assert text.endswith("| Part I | Pumps | daily |\n| Part II | Masts | daily |")


AUTO = '<a:buAutoNum xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" type="{}"/>'


@pytest.mark.parametrize(
    ("kind", "numbers"),
    [
        ("arabicPeriod", ["1.", "2.", "3.", "5."]),
        ("alphaUcParenR", ["A)", "B)", "C)", "E)"]),
        ("romanLcParenBoth", ["(i)", "(ii)", "(iii)", "(v)"]),
        ("circleNumDbPlain", ["1.", "2.", "3.", "5."]),
    ],
)
def test_steps_of_slides_are_numbered_past_deeper_and_struck_ones(
    tmp_path: Path, kind: str, numbers: list[str]
) -> None:
    def fill(slide: Any) -> None:
        frame = slide.shapes.add_textbox(0, 0, 999, 999).text_frame
        for said in ("Open", "Wait", " in the cold", "Start", "Old", "Stop", "", "Done"):
            one = frame.add_paragraph()
            one.add_run().text = said.strip()
            if said != "Done":
                one._p.get_or_add_pPr().append(slide_xml(AUTO.format(kind)))
            one.level = int(said.startswith(" "))
            one.runs[0].font._element.set("strike", "sngStrike" * (said == "Old") or "noStrike")

    first, second, third, last = numbers
    lines = read(tmp_path, "a.pptx", pptx_bytes(fill)).text.split("\n")
    assert lines[:2] == [f"{first} Open", f"{second} Wait"]
    assert lines[2] == f"{first} in the cold"
    assert lines[3:] == [f"{third} Start", f"{last} Stop", "Done"]
