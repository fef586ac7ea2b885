"""PDF pages come out as a person reads them: whole rows, paragraphs, columns and words."""

import time
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader, PdfWriter
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject, NumberObject
from reading_pace import measured, pages
from reading_parts import STYLES, drawn, heading, holds_together, read, ruled, set_pdf
from reportlab.pdfgen.canvas import Canvas  # type: ignore[import-untyped]  # has no stubs
from reportlab.platypus import Paragraph  # type: ignore[import-untyped]  # has no stubs

from app.ingest.formats import pdf
from app.ingest.readers import UnreadableFile

PROSE = "The northern sluice is greased each spring, before the ice goes out and boats return. "


def grid(
    columns: list[float], rows: list[list[str]], top: float = 100
) -> list[tuple[float, float, str]]:
    return [
        (x, top + 18 * at, cell)
        for at, row in enumerate(rows)
        for x, cell in zip(columns, row, strict=True)
        if cell
    ]


STOCK = [
    ["Part", "Stock", "Shelf", "Price"],
    ["PX-10", "40", "A1", "$12"],
    ["PX-20", "", "B2", "$7"],
    ["PX-30", "15", "", "$9"],
]
HOURS = [
    ["Site", "Opens", "Closes"],
    ["Upper lock", "06:30", "20:00"],
    ["Lower lock", "07:15", "19:00"],
]


@pytest.mark.parametrize(
    ("rows", "columns", "wanted", "apart"),
    [
        (STOCK, [72, 180, 250, 330], ("Price: $7", "PX-20"), ("PX-20", "$12")),
        (STOCK, [72, 180, 250, 330], ("PX-30", "Stock: 15"), ("PX-30", "40")),
        (HOURS, [72, 200, 300], ("Lower lock", "Opens: 07:15"), ("Lower lock", "06:30")),
        (HOURS, [72, 135, 170], ("Upper lock", "Closes: 20:00"), ("Upper lock", "19:00")),
    ],
)
def test_rows_without_rules_keep_their_cells_and_header(
    tmp_path: Path,
    rows: list[list[str]],
    columns: list[float],
    wanted: tuple[str, str],
    apart: tuple[str, str],
) -> None:
    page = [(72.0, 60.0, "What follows was counted in May."), *grid(columns, rows)]
    extracted = read(tmp_path, "a.pdf", drawn(page))
    assert holds_together(extracted, *wanted)
    records = [line for line in extracted.text.splitlines() if apart[0] in line]
    assert records
    assert not any(apart[1] in line for line in records)


def test_a_right_aligned_column_stays_under_its_head(tmp_path: Path) -> None:
    file = BytesIO()
    canvas = Canvas(file)
    for at, (year, count) in enumerate([("Year", "Eels counted"), ("2021", "120"), ("2022", "96")]):
        canvas.drawRightString(110, 700 - 16 * at, year)
        canvas.drawRightString(190, 700 - 16 * at, count)
    canvas.save()
    assert holds_together(read(tmp_path, "a.pdf", file.getvalue()), "2022", "Eels counted: 96")


def test_ruled_tables_repeat_merged_cells_and_join_wrapped_ones(tmp_path: Path) -> None:
    wrapped = Paragraph("by barge only, since the road is closed for lorries", STYLES["BodyText"])
    table = ruled(
        [
            ["Zone", "Weight", "Way", "Price"],
            ["East", "1 kg", "van", "6 euro"],
            ["", "5 kg", wrapped, "9 euro"],
            ["West", "1 kg", "van", "7 euro"],
        ],
        ("SPAN", (0, 1), (0, 2)),
    )
    table._argW = [60, 60, 110, 60]
    extracted = read(tmp_path, "a.pdf", set_pdf(heading("Carriage"), PROSE * 3, table, PROSE))
    assert holds_together(extracted, "Zone: East", "Weight: 5 kg", "Price: 9 euro")
    assert holds_together(extracted, "5 kg", "since the road is closed for lorries")
    assert holds_together(extracted, "Zone: West", "7 euro")


def test_a_cell_over_two_columns_counts_for_both(tmp_path: Path) -> None:
    table = ruled(
        [["Shift", "Mon", "Tue", "Wed"], ["Early", "Ada", "", "Cy"], ["Late", "Di", "Eli", "Flo"]],
        ("SPAN", (1, 1), (2, 1)),
    )
    extracted = read(tmp_path, "a.pdf", set_pdf(PROSE, table))
    assert holds_together(extracted, "Shift: Early", "Tue: Ada")


@pytest.mark.parametrize(
    ("lines", "wanted"),
    [
        ([("Invoice number", "R-4471"), ("Date of issue", "3 May 2027")], "Invoice number: R-4471"),
        ([("SUBTOTAL", "18.40"), ("TAX 8%", "1.47"), ("TOTAL", "19.87")], "TOTAL: 19.87"),
        ([("Tenant:", "Bo Lind"), ("Flat:", "4b"), ("Rent:", "710 euro")], "Rent: 710 euro"),
    ],
)
def test_forms_and_receipts_are_labels_with_their_values(
    tmp_path: Path, lines: list[tuple[str, str]], wanted: str
) -> None:
    extracted = read(tmp_path, "a.pdf", drawn(grid([72, 220], [list(line) for line in lines])))
    assert wanted in extracted.text.split("\n\n")


def test_columns_are_read_one_after_the_other(tmp_path: Path) -> None:
    parts = [PROSE * 5 + f"Entry {n} ends here." for n in range(1, 9)]
    for columns in (2, 3):
        text = read(tmp_path, "a.pdf", set_pdf(*parts, columns=columns)).text
        places = [text.index(f"Entry {n} ends here.") for n in range(1, 9)]
        assert places == sorted(places)
        assert text.count(PROSE.strip()) > 30


def test_wrapped_lines_are_one_paragraph_and_words_are_whole(tmp_path: Path) -> None:
    lines = [
        "All of the above was read out to the members before the vote was taken at ten by the pro-",
        "longed council, which met in the boat house near the ferry landing as the lease ended in",
        "2031. Rent falls due on Mondays.",
    ]
    page = [(72.0, 100.0 + 12 * at, line) for at, line in enumerate(lines)]
    text = read(tmp_path, "a.pdf", drawn(page)).text
    assert "by the prolonged council" in text
    assert "the lease ended in 2031. Rent" in text


def test_a_short_last_line_belongs_to_its_paragraph(tmp_path: Path) -> None:
    text = read(tmp_path, "a.pdf", set_pdf(PROSE * 4 + "So the season ends.", columns=2)).text
    assert "boats return. So the season ends." in text


def test_a_hyphen_that_the_document_writes_elsewhere_stays(tmp_path: Path) -> None:
    first = "The harbour keeps a long-term berth for each member who has paid the dues of a long-"
    page = [(72.0, 100.0, first), (72.0, 112.0, "term berth, and none for anyone else.")]
    assert "a long-term berth, and" in read(tmp_path, "a.pdf", drawn(page)).text


def test_larger_and_bold_lines_are_headings(tmp_path: Path) -> None:
    extracted = read(
        tmp_path,
        "a.pdf",
        set_pdf(heading("Berths"), PROSE * 2, Paragraph("Winter", STYLES["Heading2"]), PROSE * 2),
    )
    assert [h[1:] for h in extracted.headings] == [(1, "Berths"), (2, "Winter")]


def test_headers_and_footers_come_once(tmp_path: Path) -> None:
    pages = [
        [
            (72.0, 40.0, "Contract HX-5520"),
            (72.0, 100.0, f"Clause {word} binds both sides."),
            (280.0, 800.0, f"Page {n} of 4"),
        ]
        for n, word in enumerate(["one", "two", "three", "four"], start=1)
    ]
    text = read(tmp_path, "a.pdf", drawn(*pages)).text
    assert (text.count("HX-5520"), text.count("Page"), text.count("binds")) == (1, 1, 4)


INVOICE = (
    "Invoice {number} | Harbour office | For berth D{number} and the crane | Total: {total} euro"
)


@pytest.mark.parametrize(
    ("pages", "counts"),
    [
        (
            [INVOICE.format(number=1001 + n, total=total) for n, total in enumerate([450, 512, 77])],
            {"Invoice 1001": 1, "Invoice 1002": 1, "Invoice 1003": 1, "Total: 512": 1, "Total: 77": 1, "Harbour office": 1},
        ),
        ([f"Report of 2027-03-0{n} | All is well here | Tide {n}.50 m" for n in (1, 2, 3)], {"2027-03-02": 1, "2027-03-03": 1, "3.50": 1}),
        ([f"Due {n}/2027 | Paid in cash | Sum: {n},00" for n in (1, 2, 3)], {"Due 2/2027": 1, "Due 3/2027": 1, "3,00": 1}),
        ([f"Rules | Text {n * n} | {n}/4" for n in (1, 2, 3, 4)], {"Rules": 1, "/4": 1, "Text": 4}),
        ([f"Rules | Text {n * n} | Page {n + 6} of 20" for n in (1, 2, 3, 4)], {"Rules": 1, "Page": 4}),
        ([f"Rules | Text {n * n} | - {n + 6} -" for n in (1, 2, 3, 4)], {"Rules": 1, "- 7 -": 1, "- 8 -": 0}),
        ([f"Rules | Text {n * n} | {n - 1 or 'Cover'}" for n in (1, 2, 3, 4, 5)], {"Rules": 1, "Cover": 1, "4": 1}),
        (["Head | One a | Two | Three | Foot", "Head | Top | Head | Three b | Foot", "Head | Top c | Five | Head | More | Foot"], {"Head": 3, "Foot": 1}),
    ],
)  # fmt: skip
def test_only_what_is_said_again_at_the_edges_is_left_out(
    tmp_path: Path, pages: list[str], counts: dict[str, int]
) -> None:
    """Each page is drawn line by line."""
    placed = [
        [(72.0, 80.0 + 60 * at, t) for at, t in enumerate(page.split(" | "))] for page in pages
    ]
    text = read(tmp_path, "a.pdf", drawn(*placed)).text
    assert {line: text.count(line) for line in counts} == counts


def test_pages_without_text_are_named(tmp_path: Path) -> None:
    page = [(72.0, 100.0, "Only this was typed.")]
    extracted = read(tmp_path, "a.pdf", drawn(page, [], [], page, []))
    assert extracted.notes == ("pages 2-3 and 5 without text: --ocr reads scans",)


def test_filled_form_fields_stand_beside_their_labels(tmp_path: Path) -> None:
    file = BytesIO()
    canvas = Canvas(file)
    for at, (label, value) in enumerate([("Name of boat", "Kittiwake"), ("Berth", "D17")]):
        canvas.drawString(72, 700 - 30 * at, label)
        canvas.acroForm.textfield(name=label, value=value, x=200, y=695 - 30 * at, height=20)
    canvas.save()
    extracted = read(tmp_path, "a.pdf", file.getvalue())
    assert holds_together(extracted, "Name of boat", "Kittiwake")
    assert holds_together(extracted, "Berth", "D17")


def test_the_outline_names_headings_that_look_like_text(tmp_path: Path) -> None:
    writer = PdfWriter(
        clone_from=PdfReader(BytesIO(drawn([(72, 100, "Moorings"), (72, 130, PROSE)])))
    )
    writer.add_outline_item(title="Moorings", page_number=0)
    file = BytesIO()
    writer.write(file)
    assert [h[1:] for h in read(tmp_path, "a.pdf", file.getvalue()).headings] == [(1, "Moorings")]


def test_turned_pages_are_read_like_others(tmp_path: Path) -> None:
    file = BytesIO()
    canvas = Canvas(file)
    canvas.translate(300, 300)
    canvas.rotate(90)
    for at, row in enumerate(STOCK):
        for x, cell in zip([0, 100, 170, 240], row, strict=True):
            canvas.drawString(x, -18 * at, cell)
    canvas.save()
    assert holds_together(read(tmp_path, "a.pdf", file.getvalue()), "PX-10", "Price: $12")


def looping_pdf() -> bytes:
    """Make a page that draws itself, again and again."""
    writer = PdfWriter(clone_from=PdfReader(BytesIO(drawn([(72, 100, "x")]))))
    resources = writer.pages[0]["/Resources"].get_object()
    form = DecodedStreamObject()
    form.set_data(b"/F Do " * 50)
    form.update({NameObject("/Subtype"): NameObject("/Form"), NameObject("/Resources"): resources})
    resources[NameObject("/XObject")] = DictionaryObject(
        {NameObject("/F"): writer._add_object(form)}
    )
    content = DecodedStreamObject()
    content.set_data(b"BT /F1 12 Tf 72 700 Td (Text) Tj ET /F Do")
    writer.pages[0][NameObject("/Contents")] = writer._add_object(content)
    file = BytesIO()
    writer.write(file)
    return file.getvalue()


def test_a_page_that_draws_itself_ends_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pdf, "PATIENCE_S", 2.0)  # PDFium gives up by itself, but later
    with pytest.raises(UnreadableFile, match="has a page that cannot be read: page 1"):
        read(tmp_path, "a.pdf", looping_pdf())


def test_an_image_of_ten_billion_pixels_is_not_unpacked(tmp_path: Path) -> None:
    writer = PdfWriter(clone_from=PdfReader(BytesIO(drawn([(72, 100, "Beside the image")]))))
    image = DecodedStreamObject()
    image.set_data(b"\0" * 1000)
    told = {"Subtype": "/Image", "ColorSpace": "/DeviceGray"}
    sizes = {"Width": 100_000, "Height": 100_000, "BitsPerComponent": 8}
    image.update({NameObject(f"/{key}"): NameObject(value) for key, value in told.items()})
    image.update({NameObject(f"/{key}"): NumberObject(value) for key, value in sizes.items()})
    page = writer.pages[0]
    page["/Resources"].get_object()[NameObject("/XObject")] = DictionaryObject(
        {NameObject("/I"): writer._add_object(image)}
    )
    content = DecodedStreamObject()
    content.set_data(page.get_contents().get_data() + b" q 500 0 0 500 0 0 cm /I Do Q")
    page[NameObject("/Contents")] = writer._add_object(content)
    file = BytesIO()
    writer.write(file)
    begun = time.perf_counter()
    assert "Beside the image" in read(tmp_path, "a.pdf", file.getvalue()).text
    assert time.perf_counter() - begun < 20


def test_ten_thousand_pages_end_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="has no text"):
        read(tmp_path, "a.pdf", drawn(*[[]] * 10_000))


def test_a_page_that_takes_too_long_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pdf, "PATIENCE_S", 0.001)
    with pytest.raises(UnreadableFile, match=r"takes longer than 0.001 seconds"):
        read(tmp_path, "a.pdf", drawn([(72, 100, "x")]))


def test_300_pages_take_less_than_a_minute_and_no_more_memory() -> None:
    """Processor time is measured, for others may use the cores."""
    few, many = (measured(pages(count)) for count in (20, 60))
    assert (few["pages"], many["pages"]) == (20, 60)
    assert many["processor seconds"] / 60 < 60 / 300
    assert many["MB"] - few["MB"] < 20
