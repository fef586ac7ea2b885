"""What runs from right to left or up a page is read in that order, foreign phrases in their own."""

from io import BytesIO
from pathlib import Path

import pytest
from reading_parts import STYLES, read, ruled
from reportlab.pdfgen.canvas import Canvas  # type: ignore[import-untyped]  # has no stubs
from reportlab.platypus import Paragraph  # type: ignore[import-untyped]  # has no stubs

from app.ingest.pdf.glyphs import Word
from app.ingest.pdf.page import read_words

SPACE = 4.0
HEBREW = "הפגישה מתקיימת בבניין הישן"
ARABIC = "الاجتماع في المبنى القديم"


def word(text: str, x: float, y: float) -> Word:
    return Word(text, x, x + 6.0 * len(text), y, y + 10, 10)


def line(words: str, *, x: float = 50, y: float = 100) -> list[Word]:
    """Set words from left to right, as they stand on a page."""
    placed: list[Word] = []
    for text in words.split():
        placed.append(word(text, placed[-1].x1 + SPACE if placed else x, y))
    return placed


def turned(words: str) -> str:
    return " ".join(reversed(words.split()))


@pytest.mark.parametrize(
    ("seen", "said"),
    [
        (f"{turned(HEBREW)} Visual Studio Code {turned(HEBREW)}", f"{HEBREW} Visual Studio Code {HEBREW}"),
        (f"{turned(ARABIC)} Visual Studio Code {turned(ARABIC)}", f"{ARABIC} Visual Studio Code {ARABIC}"),
        (f"{turned(HEBREW)} Office 365 – Visio 2 {turned(HEBREW)}", f"{HEBREW} 2 Office 365 – Visio {HEBREW}"),
        (f"{turned(HEBREW)} 20 – 10 {turned(HEBREW)}", f"{HEBREW} 10 – 20 {HEBREW}"),
        (f"{turned(HEBREW)} Orbel {turned(HEBREW)} Ada Holm", f"Ada Holm {HEBREW} Orbel {HEBREW}"),
        (f"They call the harbour {turned('נמל 12 ישן')} in all of their letters", "They call the harbour נמל 12 ישן in all of their letters"),
        ("The fee is 450 euro – 12 a day", "The fee is 450 euro – 12 a day"),
        ("Плата 450 евро за день", "Плата 450 евро за день"),
    ],
)  # fmt: skip
def test_a_foreign_phrase_runs_in_its_own_direction(seen: str, said: str) -> None:
    assert [block.text for block in read_words(line(seen))] == [said]


def test_a_wide_gap_does_not_turn_a_line() -> None:
    left, right = line("הישן בבניין"), line("מתקיימת הפגישה", x=300)
    assert [block.text for block in read_words([*left, *right])] == [HEBREW]


@pytest.mark.parametrize(
    ("columns", "rows"),
    [
        (("מחיר 450 520", "סירה שיט תורנת"), (("סירה", "מחיר"), ("שיט", "450"), ("תורנת", "520"))),
        (("Boat Kite Swan", "Fee 450 520"), (("Boat", "Fee"), ("Kite", "450"), ("Swan", "520"))),
    ],
)
def test_a_table_begins_on_the_side_where_reading_begins(
    columns: tuple[str, str], rows: tuple[tuple[str, ...], ...]
) -> None:
    words = [
        word(text, x, 100 + 14 * at)
        for x, column in zip((50, 300), columns, strict=True)
        for at, text in enumerate(column.split())
    ]
    assert [block.rows for block in read_words(words)] == [rows]


def test_the_column_that_is_read_first_comes_first() -> None:
    words = [
        placed
        for x, name in ((50, "ב"), (320, "א"))
        for at in range(9)
        for placed in line(turned(f"{HEBREW} {name * 8}"), x=x, y=100 + 14 * at + (x > 50) * 5)
    ]
    text = " ".join(block.text for block in read_words(words))
    assert (
        text.split() == [*f"{HEBREW} {'א' * 8}".split()] * 9 + [*f"{HEBREW} {'ב' * 8}".split()] * 9
    )


@pytest.mark.parametrize("turn", range(4))
def test_ruled_tables_keep_their_cells_on_turned_pages(tmp_path: Path, turn: int) -> None:
    way = Paragraph("by barge only, since the road is closed for lorries", STYLES["BodyText"])
    table = ruled(
        [["Zone", "Weight", "Way"], ["East", "1 kg", "van"], ["", "5 kg", way]],
        ("SPAN", (0, 1), (0, 2)),
    )
    file = BytesIO()
    canvas = Canvas(file, pagesize=(595, 842), invariant=True)
    canvas.translate(300, 400)
    canvas.rotate(90 * turn)
    table._argW = [60, 60, 110]
    table.wrapOn(canvas, 230, 200)
    table.drawOn(canvas, -115, -50)
    canvas.save()
    assert read(tmp_path, "a.pdf", file.getvalue()).text.split("\n") == [
        "| Zone | Weight | Way |",
        "| East | 1 kg | van |",
        "| East | 5 kg | by barge only, since the road is closed for lorries |",
    ]
