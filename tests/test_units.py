"""Text falls into units by its structure, and a claim is held against the lines that fit it."""

import pytest
from graph_parts import passage

from graphs.evidence import WINDOW, Source
from graphs.protocols import Claim
from graphs.slots import BLANK, slots
from graphs.units import LONGEST, units

ROWS = ["| Role | Day | Night |", "| Grade 55 | 362 | 477 |", "| Grade 56 | 368 | 484 |"]
TABLE = "\n".join([ROWS[0], "| --- | --- | --- |", *ROWS[1:]])
PROSE = (
    "The kiln is opened only below 90 degrees. It is fired on Tuesdays. Members pay half of that."
)
FIELDS = "SKU-1\n$200.00\n12\nSKU-2\n$5,950.00\n40"
RECORDS = "Plan: Team; Users: 25\nPlan: Site; Users: 250"
WRAPPED = (
    "The lease of the northern boathouse was signed by both of the\nparties and ends in\n2031. "
    "The rent is paid monthly."
)


def texts(text: str) -> list[str]:
    return [unit.text for unit in units(text)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (TABLE, ROWS),
        (FIELDS, FIELDS.split("\n")),
        (RECORDS, RECORDS.split("\n")),
        ("- Cats\n- Dogs", ["- Cats", "- Dogs"]),
        ("1. Zwei Schritte:\n   waschen", ["1. Zwei Schritte:", "waschen"]),
        ("1. यह खुला है।\n   कल", ["1. यह खुला है।", "कल"]),
        ("1. 步骤：\n   填表", ["1. 步骤：", "填表"]),
        ("", []),
        (" \n\n ", []),
    ],
)
def test_a_row_an_item_and_a_field_are_units(text: str, found: list[str]) -> None:
    assert texts(text) == found


def test_a_sentence_is_a_unit_though_its_lines_are_wrapped() -> None:
    assert texts(PROSE)[0] == "The kiln is opened only below 90 degrees."
    assert len(texts(PROSE)) == 3
    assert texts(WRAPPED)[-1] == "The rent is paid monthly."


def test_a_row_knows_its_header_and_a_pointer_the_sentence_before() -> None:
    assert units(TABLE)[2].shown == "| Role | Day | Night |\n| Grade 56 | 368 | 484 |"
    fired = units(PROSE)[1]
    assert (fired.points_back, fired.before) == (True, texts(PROSE)[0])


def test_a_name_in_capitals_points_at_no_sentence_before() -> None:
    both = units("Bo Holm leads the office. IT is led by Ann. It has two rooms.")
    assert [unit.points_back for unit in both] == [False, False, True]


def test_no_unit_is_longer_than_a_quote_where_its_lines_can_be_cut() -> None:
    page = "\n".join(f"Line {number} of a form without full stops" for number in range(60))
    assert max(len(unit.text) for unit in units(page)) <= LONGEST
    flowing = "; ".join(f"field {number}: value {number}" for number in range(60))
    assert max(len(unit.text) for unit in units(flowing)) <= LONGEST


def test_the_lines_for_a_claim_hold_what_it_names_and_stay_short() -> None:
    long = passage("long.md", " ".join(f"Room {n} has {n + 7} chairs." for n in range(99)))
    source = Source.of([passage("kiln.md", PROSE), long])
    (lines, *_) = source.lines_for("How many chairs has room 40?", Claim("47 chairs"))
    (evidence, *_) = lines.evidence
    assert long.page_content[evidence.start : evidence.end] == "Room 40 has 47 chairs."
    assert len(lines.text) <= WINDOW
    assert Source.of([]).lines_for("Why?", Claim("So.")) == []


def test_a_row_is_shown_under_its_header_and_two_documents_together() -> None:
    rows = "\n".join(f"| Grade {n} | {n * 3} | {n * 7} |" for n in range(10, 90))
    source = Source.of(
        [passage("rates.md", f"| Role | Day | Night |\n| --- | --- | --- |\n{rows}")]
    )
    (lines, *_) = source.lines_for("What is the night rate of grade 77?", Claim("539"))
    assert "Role: Grade 77; Day: 231; Night: 539" in lines.text
    assert len(lines.text) <= WINDOW
    two = Source.of(
        [passage("a.md", "Stoneware costs 17 euros."), passage("b.md", "A firing costs 48.")]
    )
    found = two.lines_for("What is paid in all?", Claim("Stoneware is 17 euros and a firing 48."))
    assert {e.passage for e in found[-1].evidence} == {0, 1}


@pytest.mark.parametrize(
    ("question", "claim", "values"),
    [
        ("Who keeps the key?", "Ines Calder keeps the key.", ["Ines Calder"]),
        ("What does SKU-1 cost?", "$200.00", ["$200.00"]),
        ("Is it open?", "Yes.", []),
        (
            "What are side effects?",
            "Side effects are headache and nausea.",
            ["headache", "nausea"],
        ),
        ("", "Bicycles cost 12 euros a day.", ["Bicycles", "12 euros", "cost", "day"]),
        (
            "Où est l'atelier ?",
            "L'atelier d'Orléans Sud ferme à midi.",
            ["d'Orléans Sud", "ferme à midi"],
        ),
        ("", "हिन्दी में", ["हिन्दी में"]),
        ("Which department is hers?", "She leads the IT department.", ["IT", "leads"]),
        ("Who pays?", "The Bank of England, by 1911.", ["Bank of England", "1911"]),
        ("", "Valencia is the 5th busiest port in all of Europe and the world.", None),
    ],
)
def test_what_a_claim_says_beyond_its_question_is_looked_up(
    question: str, claim: str, values: list[str] | None
) -> None:
    found = slots(question, claim)
    assert values is None or [slot.value for slot in found] == values
    for slot in found:
        assert slot.query.replace(BLANK, slot.value) == claim
