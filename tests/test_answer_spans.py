"""Candidate answers and table cells are found where they stand."""

from __future__ import annotations

import pytest

from app.dataset.rows import rows_of
from app.dataset.spans import answer_spans

FARES = (
    "code: R1; from: Kestering; to: Marram Bay; type: Adult; single: £14.20\n\n"
    "code: R1; from: Kestering; to: Marram Bay; type: Child; single: £6.80\n\n"
    "code: R2; from: Kestering; to: Ossel; type: Adult; single: £31.00"
)
BERTHS = (
    "## Berths\n\n| Berth | Normally used by | Depth |\n| --- | --- | --- |\n"
    "| 1 | Visiting ships | 4.0 metres |\n| 2 | Sound route | – |"
)


@pytest.mark.parametrize(
    ("text", "answer", "kind"),
    [
        ("A lost card is replaced for £3.50 at the desk.", "£3.50", "price"),
        ("The office is closed from 4 November to Easter.", "4 November", "date"),
        ("The mess is open from 06:30 to 19:30 for all crew.", "06:30 to 19:30", "time"),
        ("The crossing lasts 1 hour 25 minutes in calm weather.", "1 hour 25 minutes", "duration"),
        ("The turntable takes up to 3.2 tonnes at a time.", "3.2 tonnes", "measure"),
        ("Students with a card get 20 per cent off every fare.", "20 per cent", "share"),
        ("Ask for the keys from Priya Nanthakumar at noon or so.", "Priya Nanthakumar", "name"),
        ("This pass, which is known as Skerry Pass, is sold here.", "Skerry Pass", "definition"),
        ("The poster says “Mind the step” in large red letters.", "Mind the step", "emphasis"),
    ],
)
def test_answers_of_each_kind_are_found(text: str, answer: str, kind: str) -> None:
    spans = {text[s.start : s.end]: s.kind for s in answer_spans(text)}
    assert spans[answer] == kind


def test_an_answer_that_occurs_twice_is_no_candidate() -> None:
    text = "The first boat costs £5 for an adult. The second boat costs £5 as well, or £7 by car."
    assert [text[s.start : s.end] for s in answer_spans(text)] == ["£7"]


def test_headings_and_sentence_openings_name_nothing() -> None:
    assert (
        answer_spans("## The Old Harbour Office of Kestering\n\nKestering has one quay only.") == []
    )


def test_rows_are_read_with_their_places() -> None:
    rows = rows_of(FARES, records=True)
    assert len(rows) == 3
    assert [cell.value for cell in rows[0]] == ["R1", "Kestering", "Marram Bay", "Adult", "£14.20"]
    assert all(FARES[c.start : c.end] == c.value for row in rows for c in row)
    table = rows_of(BERTHS)
    assert [cell.column for cell in table[0]] == ["Berth", "Normally used by", "Depth"]
    assert all(BERTHS[c.start : c.end] == c.value for row in table for c in row)


@pytest.mark.parametrize(
    ("header", "told"),
    [
        ("", []),
        ("Berth | Depth", []),
        ("Berth | Used by | Depth", ["1", "2"]),
        ("| Berth | Used by | Depth |\n1", ["2"]),
    ],
)
@pytest.mark.parametrize("first", ["1 | Visiting ships | 4.0 metres", "ships, 4.0 metres"])
def test_a_chunk_that_begins_inside_a_table_has_its_header_told(
    header: str, told: list[str], first: str
) -> None:
    rows = rows_of(f"{first}\n2 | Sound route | 5.2 metres", header=header)
    expected = told if "|" in first or "\n" in header else []
    assert [row[0].value for row in rows] == expected
    assert all([c.column for c in row] == ["Berth", "Used by", "Depth"] for row in rows)
