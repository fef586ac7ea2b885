"""Pages that are set with more than lines of text are read as a person reads them."""

import re
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader, PdfWriter
from pypdf.annotations import Text
from pypdf.generic import NameObject
from reading_parts import read
from reportlab.lib.utils import simpleSplit  # type: ignore[import-untyped]  # has no stubs
from reportlab.pdfbase import pdfmetrics  # type: ignore[import-untyped]  # as above
from reportlab.pdfbase.cidfonts import UnicodeCIDFont  # type: ignore[import-untyped]  # as above
from reportlab.pdfgen.canvas import Canvas  # type: ignore[import-untyped]  # as above

ABOVE = ["The pier was built in the year of the great flood, and a boat", "lies there."]
PROSE = [
    "the harbour master decides each morning at eight",
    "whether the ferry leaves, and he hangs out a blue",
    "flag if it does. In winter the crossing takes an",
    "hour longer, and the fare rises to nine euro for",
    "grown passengers and to four euro for children.",
]


def canvas_of(draw: Callable[[Canvas], None]) -> bytes:
    file = BytesIO()
    canvas = Canvas(file, pagesize=(595, 842), invariant=True)
    draw(canvas)
    canvas.save()
    return file.getvalue()


def lines(canvas: Canvas, texts: list[str], x: float, y: float, *, leading: float = 14) -> None:
    canvas.setFont("Helvetica", 10)
    for at, text in enumerate(texts):
        canvas.drawString(x, y - leading * at, text)


def paragraphs(folder: Path, draw: Callable[[Canvas], None]) -> list[str]:
    return read(folder, "a.pdf", canvas_of(draw)).text.split("\n\n")


@pytest.mark.parametrize(
    ("letter", "begin", "size", "beside", "leading", "shift", "whole"),
    [
        ("T", "he harbour", 30, 2, 14, 0, "The harbour"),
        ("T", "he harbour", 46, 3, 14, 0, "The harbour"),
        ("T", "he harbour", 24, 2, 11, 0, "The harbour"),
        ("T", "he harbour", 30, 1, 14, 0, "The harbour"),
        ("T", "HE HARBOUR", 30, 2, 14, 0, "THE HARBOUR"),
        ("“T", "he harbour", 30, 2, 14, 0, "“The harbour"),
        ("A", "t the pier", 30, 2, 14, 0, "At the pier"),
        ("A", "boat", 30, 2, 14, 0, "A boat"),  # words of the page, as this letter is
        ("A", "barge", 30, 2, 14, 3, "A barge"),  # behind a space
        ("A", "Dutch boat", 30, 2, 14, 0, "A Dutch boat"),
    ],
)
def test_a_large_first_letter_belongs_to_its_word(
    tmp_path: Path,
    letter: str,
    begin: str,
    size: int,
    beside: int,
    leading: float,
    shift: float,
    whole: str,
) -> None:
    first = PROSE[0].removeprefix("the harbour ")

    def draw(canvas: Canvas) -> None:
        lines(canvas, ABOVE, 72, 700 + 2 * leading, leading=leading)
        canvas.setFont("Times-Roman", size)
        canvas.drawString(72, 700 - leading * (beside - 1), letter)
        indent = 72 + canvas.stringWidth(letter, "Times-Roman", size) + 1
        lines(canvas, [f"{begin} {first}"], indent + shift, 700)
        lines(canvas, PROSE[1:beside], indent, 700 - leading, leading=leading)
        lines(canvas, PROSE[beside:], 72, 700 - leading * beside, leading=leading)

    text = " ".join([f"{whole} {first}", *PROSE[1:]])
    assert paragraphs(tmp_path, draw) == [" ".join(ABOVE), text]


def test_a_large_number_beside_lines_begins_no_word(tmp_path: Path) -> None:
    def draw(canvas: Canvas) -> None:
        canvas.setFont("Helvetica", 30)
        canvas.drawString(72, 686, "3")
        lines(canvas, PROSE, 96, 700)

    assert "3the" not in " ".join(paragraphs(tmp_path, draw))


def test_what_is_printed_outside_the_part_of_a_page_that_is_shown_is_left_out(
    tmp_path: Path,
) -> None:
    def draw(canvas: Canvas) -> None:
        canvas.setCropBox((50, 60, 545, 780))
        lines(canvas, ["Proof 4 of the printer"], 72, 810)
        lines(canvas, ["The gate is shut at night."], 72, 700)
        lines(canvas, ["cyan"], 10, 700)
        lines(canvas, ["Job 4711"], 72, 20)
        lines(canvas, ["beside the sheet"], 700, 700)

    assert paragraphs(tmp_path, draw) == ["The gate is shut at night."]


def test_a_line_that_runs_over_the_edge_of_its_page_is_read_whole(tmp_path: Path) -> None:
    line = "GATES = {'north': 'open at six', 'south': 'open at seven', 'east': 'shut'}"
    assert paragraphs(tmp_path, lambda canvas: lines(canvas, [line], 380, 700)) == [line]


def test_a_page_keeps_its_edges_where_its_remarks_are_made_a_part_of_it(tmp_path: Path) -> None:
    reader = PdfReader(
        BytesIO(canvas_of(lambda canvas: lines(canvas, ["Gate 4 is shut."], 72, 820)))
    )
    writer = PdfWriter(clone_from=reader)
    page = writer.pages[0]
    page["/Parent"][NameObject("/MediaBox")] = page.pop("/MediaBox")  # type: ignore[index]
    writer.add_annotation(0, Text(rect=(72, 600, 90, 618), text="Until when?"))
    file = BytesIO()
    writer.write(file)
    text = read(tmp_path, "a.pdf", file.getvalue()).text
    assert text.split("\n\n") == ["Gate 4 is shut.", "[comment: Until when?]"]


RULES = (
    "The harbour master decides each morning at eight whether the ferry leaves, and he hangs out a "
    "blue flag if it does. In winter the crossing takes an hour longer, and the fare rises to nine "
    "euro for grown passengers and to four euro for children. Whoever has a season ticket pays no "
    "more than in summer. Dogs travel on deck, and bicycles stand behind the wheelhouse, where two "
    "racks hold twelve of them. The crew helps with prams."
)


def wrapped(text: str, width: float = 220) -> list[str]:
    return list(simpleSplit(text, "Helvetica", 10, width))


@pytest.mark.parametrize("step", [1, 2])
@pytest.mark.parametrize("first", [1, 27])
@pytest.mark.parametrize("leading", [14, 24])
@pytest.mark.parametrize("x", [55, 340])
def test_numbers_that_count_lines_are_left_out(
    tmp_path: Path, step: int, first: int, leading: float, x: float
) -> None:
    def draw(canvas: Canvas) -> None:
        lines(canvas, wrapped(RULES), 72, 700, leading=leading)
        for at in range(0, len(wrapped(RULES)), step):
            canvas.drawRightString(x, 700 - leading * at, str(first + at))

    assert " ".join(paragraphs(tmp_path, draw)) == RULES


def test_numbers_that_count_the_lines_of_two_columns_are_left_out(tmp_path: Path) -> None:
    def draw(canvas: Canvas) -> None:
        for x in (72, 320):
            lines(canvas, wrapped(RULES, 210), x, 700)
        for at in range(0, len(wrapped(RULES, 210)), 2):
            canvas.drawRightString(306, 700 - 14 * at, str(1 + at))

    assert paragraphs(tmp_path, draw) == [RULES, RULES]


@pytest.mark.parametrize(
    "items",
    [
        ["grease the sluice", "check the oil of both pumps", "call the keeper", "shut the gate"],
        ["grease the sluice in the old harbour", "check the oil of both of the pumps"] * 9,
        [
            "The keeper greases the sluice each spring",
            "before the ice goes out, and he tells the office",
            "The pump is checked in May by the firm that",
            "built it, which charges nothing for the visit",
        ]
        * 2,
    ],
)
def test_numbers_that_count_items_stay(tmp_path: Path, items: list[str]) -> None:
    lines_of_an_item = 2 if "The keeper" in items[0] else 1

    def draw(canvas: Canvas) -> None:
        lines(canvas, items, 72, 700)
        for at in range(0, len(items), lines_of_an_item):
            canvas.drawRightString(60, 700 - 14 * at, str(1 + at // lines_of_an_item))

    text = " ".join(paragraphs(tmp_path, draw))
    wanted = [str(1 + at) for at in range(len(items) // lines_of_an_item)]
    assert re.findall(r"\d+", text) == wanted


EVENTS = {
    2013: ["The pier was built anew after the flood of the", "winter, and the office moved into the house that",
           "the old keeper left. The fares of ships rose then", "for the first time since the war had ended"],
    2017: ["The firm bought the second crane, which lifts the", "boats of all members in spring. In the same year",
           "the slip was closed for a month, since the ice had", "broken the rails and the winch of the slip"],
}  # fmt: skip


def test_years_beside_what_happened_in_them_stay(tmp_path: Path) -> None:
    def draw(canvas: Canvas) -> None:
        y = 700
        for year in range(2011, 2021):
            told = EVENTS.get(year, [f"The harbour got its {year - 2000}th buoy"])
            lines(canvas, told, 110, y)
            canvas.drawRightString(95, y, str(year))
            y -= 14 * len(told)

    text = " ".join(paragraphs(tmp_path, draw))
    assert re.findall(r"20\d\d", text) == [str(year) for year in range(2011, 2021)]


def test_a_long_address_within_a_paragraph_makes_no_columns(tmp_path: Path) -> None:
    address = "https://harbour.example/fees/" + "berths-of-the-inner-basin-" * 3 + "2027"
    told = [*wrapped(RULES, 300)[:5], "whoever wants to know more of all this reads", address]
    told += [
        "for the fees of the berths, and asks at the office",
        "for the rules of the slip and the crane",
    ]

    def draw(canvas: Canvas) -> None:
        lines(canvas, told, 72, 700)

    assert f"reads {address} for the fees" in " ".join(paragraphs(tmp_path, draw)[0].split())


ADDRESS = ["Contact:", "Greta Holm", "Pier office", "555-0177"]


@pytest.mark.parametrize("x", [45, 430])
@pytest.mark.parametrize("gap", [0, 1])
def test_a_narrow_column_beside_a_paragraph_is_read_apart(
    tmp_path: Path, x: float, gap: int
) -> None:
    def draw(canvas: Canvas) -> None:
        lines(canvas, wrapped(RULES), 170, 700)
        lines(canvas, ADDRESS[:1], x, 700)
        lines(canvas, ADDRESS[1:], x, 700 - 14 * (1 + gap))

    read_apart = paragraphs(tmp_path, draw)
    assert " ".join(read_apart[:-1] if x < 170 else read_apart[1:]) == " ".join(ADDRESS)
    assert read_apart[-1 if x < 170 else 0] == RULES


@pytest.mark.parametrize(
    "labels",
    [["Ferry", "Barge", "Tug"], ["Ferry from the\npier", "Barge of the\ntown", "Tug\nboat"]],
)
def test_a_label_stays_beside_its_paragraph(tmp_path: Path, labels: list[str]) -> None:
    said = wrapped(RULES)

    def draw(canvas: Canvas) -> None:
        lines(canvas, [*said, *said, *said], 170, 700)
        for at, label in enumerate(labels):
            lines(canvas, label.splitlines(), 72, 700 - 14 * at * len(said))

    text = " ".join(paragraphs(tmp_path, draw))
    assert re.findall(r"(Ferry|Barge|Tug)[a-z ]*:? The harbour", text) == ["Ferry", "Barge", "Tug"]


@pytest.mark.parametrize("spaced", [4, 7, 11])
@pytest.mark.parametrize("said", ["SAFETY RULES", "Harbour rules of 2031", "安全须知手册"])
def test_words_of_spaced_letters_are_whole(tmp_path: Path, spaced: float, said: str) -> None:
    def draw(canvas: Canvas) -> None:
        pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
        font = "Helvetica" if said.isascii() else "STSong-Light"
        canvas.setFont(font, 14)
        canvas.drawString(72, 730, said, charSpace=spaced)
        lines(canvas, wrapped(RULES), 72, 700)

    assert paragraphs(tmp_path, draw) == [said, RULES]


@pytest.mark.parametrize("apart", [4, 7, 20])
def test_letters_that_stand_apart_stay_apart(tmp_path: Path, apart: float) -> None:
    def draw(canvas: Canvas) -> None:
        canvas.setFont("Helvetica", 14)
        canvas.drawString(72, 760, "M T W T F S S")
        for at, day in enumerate("MTWTFSS"):
            canvas.drawString(72 + at * (12 + apart), 730, day)
        lines(canvas, wrapped(RULES), 72, 700)

    assert paragraphs(tmp_path, draw) == ["M T W T F S S", "M T W T F S S", RULES]
