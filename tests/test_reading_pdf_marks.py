"""What a PDF strikes is left out, and what it raises, slants or dots stands in no sentence."""

from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader, PdfWriter
from pypdf.annotations import MarkupAnnotation
from pypdf.generic import ArrayObject, FloatObject, NameObject, TextStringObject
from reading_parts import drawn, holds_together, read, ruled, set_pdf
from reportlab.pdfgen.canvas import Canvas  # type: ignore[import-untyped]  # has no stubs

PROSE = "The crew of the night shift hands over the keys before the office opens again. "


def test_words_that_a_line_goes_through_are_left_out(tmp_path: Path) -> None:
    said = "The mooring fee is <strike>40 euro</strike> 45 euro a night, <u>paid in advance</u>."
    text = read(tmp_path, "a.pdf", set_pdf(said)).text
    assert text == "The mooring fee is 45 euro a night, paid in advance."


@pytest.mark.parametrize(
    ("said", "text"),
    [
        (f"{PROSE}The fee is <strike>set anew to 40 euro.</strike> 45 euro a night.", f"{PROSE}The fee is 45 euro a night."),
        (f"{PROSE}The fee is <strike>{PROSE * 2}</strike> 45 euro a night.", f"{PROSE}The fee is 45 euro a night."),
        (f"<strike>{PROSE}</strike>", ""),
    ],
)  # fmt: skip
def test_a_sentence_goes_on_behind_what_is_struck_at_a_lines_end(
    tmp_path: Path, said: str, text: str
) -> None:
    paragraphs = read(tmp_path, "a.pdf", set_pdf("Keep the gate shut.", said)).text.split("\n\n")
    assert paragraphs == list(filter(None, ["Keep the gate shut.", text]))


def test_rules_of_tables_strike_nothing(tmp_path: Path) -> None:
    rows = ruled(
        [["Berth", "Fee"], ["A1", "40"], ["A2", "45"]], ("TOPPADDING", (0, 0), (-1, -1), 0)
    )
    assert holds_together(read(tmp_path, "a.pdf", set_pdf(rows)), "Berth: A2", "Fee: 45")


class StrikeOut(MarkupAnnotation):
    """The mark that readers of PDF files put over a line of text, from its upper left corner on."""

    def __init__(self, *corners: tuple[float, float]) -> None:
        super().__init__()
        xs, ys = zip(*corners, strict=True)
        box = (min(xs), min(ys), max(xs), max(ys))
        self[NameObject("/Subtype")] = NameObject("/StrikeOut")
        self[NameObject("/Rect")] = ArrayObject(map(FloatObject, box))
        points = [FloatObject(number) for corner in corners for number in corner]
        self[NameObject("/QuadPoints")] = ArrayObject(points)


def along(turn: int, x: float, y: float) -> tuple[float, float]:
    """Return where a point of text stands on a page whose text is turned around its middle."""
    for _ in range(turn):
        x, y = -y, x
    return x + 300, y + 400


def struck_fee(turn: int, *, counterclockwise: bool = False) -> bytes:
    """Write a turned line, in which a reader struck the second of three parts."""
    file = BytesIO()
    canvas = Canvas(file, invariant=True)
    canvas.setFont("Helvetica", 10)
    canvas.translate(300, 400)
    canvas.rotate(90 * turn)
    for x, text in ((-100, "The fee is"), (-48, "40 euro,"), (-6, "45 euro.")):
        canvas.drawString(x, 0, text)
    canvas.save()
    upper, lower = [(-48, 8), (-9, 8)], [(-48, -3), (-9, -3)]
    corners = [*lower, *reversed(upper)] if counterclockwise else [*upper, *lower]
    writer = PdfWriter(clone_from=PdfReader(BytesIO(file.getvalue())))
    mark = StrikeOut(*(along(turn, *corner) for corner in corners))
    mark[NameObject("/Contents")] = TextStringObject("40 euro,")  # as some programs copy it
    writer.add_annotation(0, mark)
    marked = BytesIO()
    writer.write(marked)
    return marked.getvalue()


@pytest.mark.parametrize("turn", range(4))
@pytest.mark.parametrize("counterclockwise", [False, True])
def test_words_that_a_reader_marked_as_struck_are_left_out(
    tmp_path: Path, turn: int, counterclockwise: bool
) -> None:
    """Some programs give the corners line by line, others go around as the standard has it."""
    page = struck_fee(turn, counterclockwise=counterclockwise)
    assert read(tmp_path, "a.pdf", page).text == "The fee is 45 euro."


@pytest.mark.parametrize("turn", range(4))
@pytest.mark.parametrize("upright", [0, 20])
def test_lines_through_turned_words_strike_them(tmp_path: Path, turn: int, upright: int) -> None:
    """Also where other lines of the page are not turned."""
    file = BytesIO()
    canvas = Canvas(file, pagesize=(595, 842), invariant=True)
    for at in range(upright):
        canvas.drawString(72, 820 - 10 * at, "The crew hands over the keys.")
    canvas.translate(300, 400)
    canvas.rotate(90 * turn)
    canvas.setFont("Helvetica", 10)
    for x, text in ((-100, "The fee is"), (-48, "40 euro,"), (-6, "45 euro.")):
        canvas.drawString(x, 0, text)
    canvas.line(-48, 3, -9, 3)
    canvas.save()
    text = read(tmp_path, "a.pdf", file.getvalue()).text
    assert "The fee is 45 euro." in text.split("\n\n")
    assert "40" not in text


def test_raised_digits_do_not_run_into_the_number_before_them(tmp_path: Path) -> None:
    said = "The rent is 450<super>1</super> euro for 30 m<super>2</super> and 10<super>6</super> a day."
    text = read(tmp_path, "a.pdf", set_pdf(said)).text
    assert text == "The rent is 450¹ euro for 30 m² and 10⁶ a day."


def test_a_slanted_watermark_stands_in_no_sentence(tmp_path: Path) -> None:
    file = BytesIO()
    canvas = Canvas(file, pagesize=(595, 842), invariant=True)
    for at in range(20):
        canvas.drawString(
            72, 770 - 14 * at, f"Crane {at} lifts {at + 2} tons, and no more than that in wind."
        )
    canvas.translate(150, 500)
    canvas.rotate(45)
    canvas.setFont("Helvetica", 60)
    canvas.drawString(0, 0, "NOT VALID")
    canvas.save()
    extracted = read(tmp_path, "a.pdf", file.getvalue())
    assert all(
        f"Crane {at} lifts {at + 2} tons, and no more than that in wind." in extracted.text
        for at in range(20)
    )
    assert extracted.text.endswith("NOT VALID")
    assert not extracted.headings


@pytest.mark.parametrize("dots", ["." * 40, "…" * 12])
def test_dots_lead_from_an_article_to_its_price(tmp_path: Path, dots: str) -> None:
    articles = {"Valve V3": "45.00", "Gasket": "1.20", "Pump": "1,250.00"}
    lines = [f"{name} {dots} {price}" for name, price in articles.items()]
    page = drawn([(72, 100 + 14 * at, line) for at, line in enumerate(lines)])
    extracted = read(tmp_path, "a.pdf", page)
    assert extracted.text == "\n\n".join(f"{name}: {price}" for name, price in articles.items())


def test_each_amount_under_a_table_keeps_its_label(tmp_path: Path) -> None:
    rows = [
        ["Pos", "Article", "Qty", "Unit price", "Amount"],
        ["1", "Valve V3", "2", "45.00", "90.00"],
        ["2", "Pump", "1", "120.00", "120.00"],
        ["", "", "", "Net", "210.00"],
        ["", "", "", "VAT 25 %", "52.50"],
        ["", "", "", "Total", "262.50"],
    ]
    tops = [100, 116, 132, 150, 161, 172]
    columns = [72, 110, 200, 250, 330]
    page = [(x, y, cell) for y, row in zip(tops, rows, strict=True)
            for x, cell in zip(columns, row, strict=True) if cell]  # fmt: skip
    extracted = read(tmp_path, "a.pdf", drawn(page))
    for label, amount in (("Net", "210.00"), ("VAT 25 %", "52.50"), ("Total", "262.50")):
        assert holds_together(extracted, f"Unit price: {label}; Amount: {amount}")
