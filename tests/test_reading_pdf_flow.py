"""Sentences and tables go on from one page of a PDF to the next."""

from pathlib import Path

import pytest
from reading_parts import drawn, heading, holds_together, read, ruled, set_pdf
from reportlab.platypus import PageBreak  # type: ignore[import-untyped]  # has no stubs

PROSE = "The crew of the night shift hands over the keys before the office opens again. "


def pages(*texts: str, footed: bool) -> bytes:
    """Draw a page for each text, one line of it below the other, over a footer."""
    return drawn(
        *(
            [(72, 80 + 12 * at, line) for at, line in enumerate(text.splitlines())]
            + [(72, 800, f"Harbour rules, page {number}")] * footed
            for number, text in enumerate(texts, start=1)
        )
    )


@pytest.mark.parametrize("footed", [False, True])
def test_a_sentence_goes_on_over_the_edge_of_a_page(tmp_path: Path, footed: bool) -> None:
    first = f"{PROSE}\n{PROSE}\nThe concession of the northern sluice and of its keepers ends in the year"
    extracted = read(
        tmp_path, "a.pdf", pages(first, f"2031. {PROSE}", "Other rules.", footed=footed)
    )
    wanted = "The concession of the northern sluice and of its keepers ends in the year 2031."
    assert holds_together(extracted, wanted)
    assert extracted.text[extracted.pages[1] :].startswith(PROSE.strip())
    assert len(extracted.pages) == 3


@pytest.mark.parametrize("edge", ["Page {} of 2", "{}", "- {} -", "Lease of berth D17 | {}/2"])
@pytest.mark.parametrize("height", [40, 800])
def test_two_pages_tell_what_numbers_them(tmp_path: Path, edge: str, height: float) -> None:
    texts = [
        "The berth has a shore line, and the rent is 450",
        "euro per month, payable in advance.",
    ]
    numbers = [edge.format(number) for number in (1, 2)]
    placed = [
        [(72.0, 400.0, text), (72.0, height, number)]
        for text, number in zip(texts, numbers, strict=True)
    ]
    whole = " ".join(texts)
    first = [whole, numbers[0]] if height > 400 else [numbers[0], whole]
    assert read(tmp_path, "a.pdf", drawn(*placed)).text.split("\n\n") == [*first, numbers[1]]


def test_headings_of_two_pages_stay_headings_though_they_count(tmp_path: Path) -> None:
    flow = [
        heading("Part 1"),
        PROSE * 4,
        "The rent is 450",
        PageBreak(),
        heading("Part 2"),
        PROSE * 4,
    ]
    extracted = read(tmp_path, "a.pdf", set_pdf(*flow))
    assert [h.title for h in extracted.headings] == ["Part 1", "Part 2"]


@pytest.mark.parametrize("below", ["Other rules hold in winter.", "- of wood", "1. a rule"])
def test_what_begins_anew_on_a_page_is_a_paragraph_of_its_own(tmp_path: Path, below: str) -> None:
    extracted = read(tmp_path, "a.pdf", pages("Keepers of the sluice", below, footed=False))
    assert extracted.text.split("\n\n") == ["Keepers of the sluice", below]


def test_a_table_that_goes_on_has_its_header_on_every_page(tmp_path: Path) -> None:
    rows = [["Part", "Bin", "Load"], *([f"Gasket {n}", f"B{n}", str(300 + n)] for n in range(130))]
    extracted = read(tmp_path, "a.pdf", set_pdf(ruled(rows)))
    assert len(extracted.pages) > 2
    for number in (0, 60, 129):
        wanted = f"Part: Gasket {number}; Bin: B{number}; Load: {300 + number}"
        assert holds_together(extracted, wanted)


HEAD = ["Zone", "Weight", "Way"]
UPPER = ["Upper", "5 kg", "by barge only, since the"]
LOWER = ["Lower", "6 kg", "cart"]
WHOLE = "| Upper | 5 kg | by barge only, since the road is closed |"


@pytest.mark.parametrize(
    ("below", "wanted"),
    [
        (
            [HEAD, ["", "", "road is closed"], LOWER],
            [WHOLE, "| Zone | Weight | Way |\n| Lower | 6 kg | cart |"],
        ),
        (
            [["", "", "road is closed"], LOWER],
            [WHOLE, "| Zone | Weight | Way |\n| Lower | 6 kg | cart |"],
        ),
        ([HEAD, ["", "", "road is closed"]], [WHOLE]),
        (
            [HEAD, ["", "7 kg", "road is closed"]],
            [
                "| Upper | 5 kg | by barge only, since the |",
                "| Zone | Weight | Way |\n|  | 7 kg | road is closed |",
            ],
        ),
        (
            [HEAD, ["", "", "Road"]],
            [
                "| Upper | 5 kg | by barge only, since the |",
                "| Zone | Weight | Way |\n|  |  | Road |",
            ],
        ),
    ],
)
def test_a_row_goes_on_over_the_edge_of_a_page(
    tmp_path: Path, below: list[list[object]], wanted: list[str]
) -> None:
    above: list[list[object]] = [[*HEAD], ["East", "1 kg", "van"], [*UPPER]]
    text = read(tmp_path, "a.pdf", set_pdf(ruled(above), PageBreak(), ruled(below))).text
    table = f"| Zone | Weight | Way |\n| East | 1 kg | van |\n{wanted[0]}"
    assert text.split("\n\n") == [table, *wanted[1:]]


def test_a_value_at_the_top_of_a_page_goes_on_with_no_value_above(tmp_path: Path) -> None:
    above: list[list[object]] = [[*HEAD], ["East", "1 kg", "van"]]
    below: list[list[object]] = [[*HEAD], ["", "", "cart"]]
    text = read(tmp_path, "a.pdf", set_pdf(ruled(above), PageBreak(), ruled(below))).text
    assert text.split("\n\n") == [
        "| Zone | Weight | Way |\n| East | 1 kg | van |",
        "| Zone | Weight | Way |\n|  |  | cart |",
    ]


def test_a_row_of_a_group_is_no_rest_of_the_one_above(tmp_path: Path) -> None:
    above: list[list[object]] = [
        [*HEAD],
        ["Hall", "2", "long tables of oak"],
        ["Kitchen", "1", "large cooker with oven"],
        ["", "1", "wide sink of steel"],
    ]
    below: list[list[object]] = [
        [*HEAD],
        ["", "", "small fridge with freezer"],
        ["Yard", "3", "bin"],
    ]
    text = read(tmp_path, "a.pdf", set_pdf(ruled(above), PageBreak(), ruled(below))).text
    assert "oven small" not in text
    assert "steel small" not in text
    assert "|  |  | small fridge with freezer |" in text
