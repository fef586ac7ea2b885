"""A JSON answer is read before its markers, and each value of it is a claim."""

import json
from typing import Any

import pytest
from graph_parts import passage

from graphs.citations import checked, read_draft
from graphs.protocols import Evidence, Support

BOOKS = passage("books.md", "Title: The Salt Road; Copies: 3")


def read(answer: str, question: str = "How many copies are there?") -> tuple[list[str], str]:
    """Return what a record claims, and what is written of it where all is supported."""
    draft = read_draft(answer, question, [BOOKS])
    assert draft.lines is None or not draft.claims
    supports = [Support(1.0, (Evidence(0, 0, 5),)) for _ in draft.claims]
    kept = checked(draft, supports, passages=[BOOKS], threshold=0.5, unsupported="remove")
    return [claim.text for claim in draft.claims], kept.text


@pytest.mark.parametrize(
    ("answer", "claims"),
    [
        ('{"copies": [3]}', ["copies: 3"]),
        ('{"copies": [3, 1]}', ["copies: 3", "copies: 1"]),
        ("[3, 1, 5]", ["3", "1", "5"]),
        ('{"price": 14.20, "mass": 1.0e3}', ["price: 14.20", "mass: 1.0e3"]),
        ('["The Salt Road", "Bees"]', ["The Salt Road", "Bees"]),
        ('{"call": "args[0]", "all": "[0-9]"}', ["call: args[0]", "all: [0-9]"]),
        ('```json\n{"copies": 3}\n```', ["copies: 3"]),
        ("```\n[3, 1]\n```", ["3", "1"]),
    ],
)
@pytest.mark.parametrize("marker", ["", " [1]", "\n\n[1, 2].", " 【1】"])
def test_a_record_is_written_as_it_was_without_what_follows(
    answer: str, claims: list[str], marker: str
) -> None:
    assert read(answer + marker) == (claims, answer)


def test_markers_in_a_record_go() -> None:
    assert read('{"a": "3 [1]", "b": "[0-9]"}') == (
        ["a: 3", "b: [0-9]"],
        '{"a": "3", "b": "[0-9]"}',
    )
    assert read('{"a": 1 [1], "b": [2][3]}') == (["a: 1", "b: 2"], '{"a": 1, "b": [2]}')


@pytest.mark.parametrize("answer", ["[1]", "[1][2]", " [2] ", "{}", "[]"])
def test_markers_alone_are_no_record(answer: str) -> None:
    assert read(answer) == ([], "")


LONGER = "Which takes longer, the bisque firing or the glaze firing?"
SENTENCE = "The Explosive malware collected the MAC address, or its name, of each host."
GLAZE = ["longer: the glaze firing", "hours: 14"]


@pytest.mark.parametrize(
    ("question", "fields", "claims"),
    [
        (LONGER, {"longer": "the glaze firing"}, GLAZE[:1]),
        (LONGER, {"longer": "the glaze firing", "hours": 14}, GLAZE),
        (LONGER.rstrip("?"), {"longer": "the glaze firing", "hours": 14}, GLAZE),
        (
            "What takes longer: the raku firing, the bisque firing or the glaze firing?",
            {"longer": "the raku firing", "hours": 9},
            ["longer: the raku firing", "hours: 9"],
        ),
        (
            'Which takes longer, "the bisque firing" or "the glaze firing"?',
            {"longer": "the glaze firing", "hours": 14},
            GLAZE,
        ),
        (
            "Welcher Brand dauert länger, der erste Brand oder der zweite Brand?",
            {"Brand": "der zweite Brand", "Stunden": 14},
            ["Brand: der zweite Brand", "Stunden: 14"],
        ),
        (
            "Is the glaze firing hotter than the bisque firing?",
            {"hotter": "the glaze firing", "by": 14},
            ["hotter: the glaze firing", "by: 14"],
        ),
        *(
            (asked, {"id": "T1016", "evidence": "collected the MAC address"}, ["id: T1016"])
            for asked in (
                f'Which technique does this sentence report: "{SENTENCE}"?',
                f"Which technique does „{SENTENCE}“ report?",
                f"Which technique does the sentence '{SENTENCE}' report?",
                f"Which technique is this? {SENTENCE}",
                "Which technique is this: It has collected the MAC address?",
                f"Classify this sentence: {SENTENCE}",
                f'In "APT1 Exposed", which technique does "{SENTENCE}" report?',
                SENTENCE,
                f"When executed, {SENTENCE}",
            )
        ),
        (
            SENTENCE,
            {"evidence": "collected the MAC address"},
            ["evidence: collected the MAC address"],
        ),
        (LONGER, {"longer": "glaze firing"}, ["longer: glaze firing"]),
    ],
)
def test_a_field_claims_what_it_chooses_and_not_what_it_quotes(
    question: str, fields: dict[str, Any], claims: list[str]
) -> None:
    assert read(json.dumps(fields, ensure_ascii=False), question)[0] == claims
