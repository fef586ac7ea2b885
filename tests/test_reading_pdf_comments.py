"""What readers of a PDF remarked on a page stands at its end."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader, PdfWriter
from pypdf.annotations import FreeText, Highlight, Link, MarkupAnnotation, Popup, Text
from pypdf.generic import (
    ArrayObject,
    DecodedStreamObject,
    DictionaryObject,
    FloatObject,
    NameObject,
    NumberObject,
    TextStringObject,
)
from reading_parts import drawn, read

RECT = (72, 738, 164, 750)
CORNERS = ArrayObject(map(FloatObject, (72, 750, 164, 750, 72, 738, 164, 738)))
PAGE = [(72.0, 100.0, "The rent is 450 euro."), (72.0, 112.0, "It falls due on Mondays.")]


def remark(kind: str, said: str, **keys: Any) -> MarkupAnnotation:
    """Mark the first line with an annotation of any kind."""
    mark = Highlight(rect=RECT, quad_points=CORNERS)
    mark[NameObject("/Subtype")] = NameObject(f"/{kind}")
    mark[NameObject("/Contents")] = TextStringObject(said)
    for key, value in keys.items():
        mark[NameObject(f"/{key}")] = value
    return mark


def remarked(pages: bytes, *marks: Any, page: int = 0) -> bytes:
    writer = PdfWriter(clone_from=PdfReader(BytesIO(pages)))
    for mark in marks:
        writer.add_annotation(page, mark)
    file = BytesIO()
    writer.write(file)
    return file.getvalue()


def comments(folder: Path, *marks: Any) -> list[str]:
    """Return what follows the page's own lines."""
    text = read(folder, "a.pdf", remarked(drawn(PAGE), *marks)).text
    assert text.startswith("The rent is 450 euro.\n\nIt falls due on Mondays.")
    return text.removeprefix("The rent is 450 euro.\n\nIt falls due on Mondays.").split("\n")[2:]


KINDS = (
    "Text Square Circle Line Polygon PolyLine Highlight Underline Squiggly Stamp Caret Ink".split()
)


@pytest.mark.parametrize("kind", KINDS)
def test_comments_stand_at_the_end_of_their_page(tmp_path: Path, kind: str) -> None:
    marks = [remark(kind, "Since May it is 480 €.\rSee annex B."), remark("Text", "Müller: 同意")]
    assert comments(tmp_path, *marks) == [
        "[comment: Since May it is 480 €. See annex B.]",
        "[comment: Müller: 同意]",
    ]


@pytest.mark.parametrize(
    "mark",
    [
        remark("Highlight", "The rent is 450 euro."),
        remark("Underline", "The rent is\r450 euro."),
        remark("Highlight", " "),
        remark("Text", "Accepted set by Ada", StateModel=TextStringObject("Review")),
        remark("Text", "Hidden", F=NumberObject(2)),
        remark("Text", "Shown in print only", F=NumberObject(32)),
        Link(rect=RECT, url="https://example.org/"),
        Popup(rect=RECT),
    ],
)  # fmt: skip
def test_what_says_nothing_of_its_own_is_no_comment(tmp_path: Path, mark: Any) -> None:
    assert comments(tmp_path, mark) == []


def test_a_copy_of_struck_words_is_no_comment(tmp_path: Path) -> None:
    page = remarked(drawn(PAGE), remark("StrikeOut", "The rent is 450 euro."))
    assert read(tmp_path, "a.pdf", page).text == "It falls due on Mondays."


def test_comments_stand_in_no_sentence_that_goes_on(tmp_path: Path) -> None:
    first = [(72.0, 100.0, "The rent of the berth is"), (72.0, 800.0, "Page 1 of 2")]
    second = [(72.0, 100.0, "450 euro."), (72.0, 800.0, "Page 2 of 2")]
    notes = [Text(rect=(200, 700, 220, 720), text=text) for text in ("Ask Bo", "Bo agrees", "Done")]
    extracted = read(tmp_path, "a.pdf", remarked(drawn(first, second), *notes))
    assert extracted.text.split("\n\n") == [
        "The rent of the berth is 450 euro.",
        "Page 1 of 2",
        "[comment: Ask Bo]\n[comment: Bo agrees]\n[comment: Done]",
        "Page 2 of 2",
    ]
    assert extracted.text[extracted.pages[1] :] == "Page 2 of 2"


def test_pages_without_text_are_named_though_they_have_comments(tmp_path: Path) -> None:
    note = Text(rect=(200, 700, 220, 720), text="Scan again")
    extracted = read(tmp_path, "a.pdf", remarked(drawn([], []), note, page=1))
    assert extracted.text == "[comment: Scan again]"
    assert extracted.notes == ("pages 1-2 without text: --ocr reads scans",)


def test_text_that_was_written_on_the_page_is_a_comment_only_if_nothing_draws_it(
    tmp_path: Path,
) -> None:
    typed = FreeText(text="Paid", rect=(72, 600, 132, 620))
    assert comments(tmp_path, typed) == ["[comment: Paid]"]
    writer = PdfWriter(clone_from=PdfReader(BytesIO(drawn(PAGE))))
    look = DecodedStreamObject()
    look.set_data(b"BT /F1 10 Tf 2 5 Td (Paid) Tj ET")
    look[NameObject("/Subtype")] = NameObject("/Form")
    look[NameObject("/BBox")] = ArrayObject(map(NumberObject, (0, 0, 60, 20)))
    look[NameObject("/Resources")] = writer.pages[0]["/Resources"]
    drawing = DictionaryObject({NameObject("/N"): writer._add_object(look)})
    typed[NameObject("/AP")] = drawing
    writer.add_annotation(0, typed)
    file = BytesIO()
    writer.write(file)
    assert read(tmp_path, "a.pdf", file.getvalue()).text.split("\n\n")[1:] == [
        "It falls due on Mondays.",
        "Paid",
    ]
