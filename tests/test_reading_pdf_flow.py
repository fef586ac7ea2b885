"""Sentences and tables go on from one page of a PDF to the next."""

from pathlib import Path

import pytest
from reading_parts import drawn, holds_together, read, ruled, set_pdf

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
