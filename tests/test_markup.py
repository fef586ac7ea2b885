"""Marks that only say how words look are left out of what is judged, never of what is written."""

import pytest
from graph_parts import passage

from app.models.line_reader import LineReader
from app.models.verifier import ReaderVerifier
from graphs.citations import checked, read_draft
from graphs.markup import is_emphasised, without_markup

FEES = passage(
    "fees.md", "A birth certificate costs 12 euros. A marriage certificate costs 15 euros."
)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("**Birth certificate:** 12 euros", "Birth certificate: 12 euros"),
        ("three copies of *The Salt Road*.", "three copies of The Salt Road."),
        ("***a*** and __b__", "a and b"),
        ("<b>50 <i>metres</i></b><br>long", "50 metres long"),
        ("<ul><li>long</li><li>deep</li></ul>", "long deep"),
        ("The pool\n  is long.", "The pool is long."),
        ("10<sup>6</sup> to 10<SUP>-3</SUP>", "10^6 to 10^-3"),
        ("450<sup>1)</sup> on the 5<sup>th</sup>", "450^1) on the 5th"),
        ("m<sup>2</sup> and CO<sub>2</sub>", "m2 and CO2"),
        ("retention_days and max_clients", "retention_days and max_clients"),
        ("2 * 3 * 4 and a*b*c", "2 * 3 * 4 and a*b*c"),
        ("restore `**a**` to <file>", "restore `**a**` to <file>"),
        ("```\n**a**\n```", "```\n**a**\n```"),
    ],
)
def test_marks_go_and_what_is_said_stays(text: str, said: str) -> None:
    assert without_markup(text) == said


@pytest.mark.parametrize(
    ("text", "whole"),
    [("**Fees**", True), ("__Fees:__", True), ("**a** and **b**", False), ("`*a*`", False)],
)
def test_a_line_that_is_emphasised_as_a_whole_is_told(text: str, whole: bool) -> None:
    assert is_emphasised(text) is whole


def test_an_emphasised_claim_is_as_sure_as_a_plain_one_and_keeps_its_marks() -> None:
    verifier, question = ReaderVerifier(LineReader()), "What does a birth certificate cost?"
    draft = read_draft("A *birth certificate* costs **12 euros**.", question)
    plain = read_draft("A birth certificate costs 12 euros.", question)
    (found,) = verifier.verify(question, draft.claims, [FEES])
    assert [found] == verifier.verify(question, plain.claims, [FEES])
    kept = checked(draft, [found], passages=[FEES], threshold=0.3, unsupported="remove")
    assert kept.text == "A *birth certificate* costs **12 euros**. [1]"
