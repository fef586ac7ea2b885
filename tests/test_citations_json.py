"""A JSON answer is read before its markers, and each value of it is a claim."""

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
