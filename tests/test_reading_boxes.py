"""Text boxes of Word documents are read after the paragraph that they are anchored in."""

from pathlib import Path
from typing import Any

import pytest
from docx.oxml import parse_xml
from file_parts import word_bytes
from reading_parts import read
from word_parts import SHAPES, box, cell, item, paragraph, run, table, text_of

WARNING = paragraph(run("Warning: 400 V."))
ROWS = table(*(cell(a) + cell(b) + cell(c) for a, b, c in ["ABC", "123"]))


@pytest.mark.parametrize(
    ("blocks", "shown"),
    [
        ([WARNING], "Warning: 400 V."),
        ([ROWS], "| A | B | C |\n| 1 | 2 | 3 |"),
        ([item("Open"), item("Wait")], "Part I Open\nPart II Wait"),
        ([paragraph(run("See ") + box(WARNING))], "See\n\nWarning: 400 V."),
        ([paragraph(f"<w:del>{run('Old')}</w:del>")], ""),
    ],
)
def test_text_boxes_come_whole_after_their_paragraph(
    tmp_path: Path, blocks: list[str], shown: str
) -> None:
    around = paragraph(run("The valve is red. ") + box(*blocks) + run("It opens left."))
    text = text_of(tmp_path, around, paragraph(run("Next.")), numbering=SHAPES)
    assert text.split("\n\n", 1)[0] == "The valve is red. It opens left."
    assert text.split("\n\n", 1)[1] == f"{shown}\n\nNext.".strip()


def test_text_boxes_in_cells_and_headers_are_read_too(tmp_path: Path) -> None:
    def fill(document: Any) -> None:
        document.sections[0].header.is_linked_to_previous = False
        document.sections[0].header._element.append(parse_xml(paragraph(box(WARNING))))
        boxed = f"<w:tc>{paragraph(run('Pump') + box(WARNING))}</w:tc>"
        document.element.body.insert(-1, parse_xml(table(cell("A") + boxed)))

    text = read(tmp_path, "a.docx", word_bytes(fill)).text
    assert text == "Warning: 400 V.\n\nA: Pump Warning: 400 V."


def test_text_boxes_in_hidden_runs_are_left_out(tmp_path: Path) -> None:
    hidden = box(WARNING).replace("<w:r>", "<w:r><w:rPr><w:vanish/></w:rPr>", 1)
    assert text_of(tmp_path, paragraph(run("Open.") + hidden)) == "Open."
