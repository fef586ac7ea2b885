"""What an answer says about answering is no claim; everything else is."""

from __future__ import annotations

import pytest

from graphs.openings import denied_by, without_opening
from graphs.text import content

SHOWN = frozenset(content("Vans up to six metres pay £112. The pool opened in 1911."))


@pytest.mark.parametrize(
    "opening",
    [
        "Based on the information provided in the passages, ",
        "According to the passage, ",
        "As stated in the document, ",
        "The documents say that ",
    ],
)
def test_an_opening_about_the_sources_is_left_out(opening: str) -> None:
    assert without_opening(f"{opening}a van pays £112.", SHOWN) == "a van pays £112."


@pytest.mark.parametrize(
    "claim",
    [
        "A van pays £112.",
        "In 1911, the pool opened.",
        "According to Tansy, the pool opened in 1911.",
        "Passage 1911, the pool opened.",
        "If you use the lift, a van pays £112.",
        "With great care, the pool was opened.",
        "Yes, it did.",
        "It is £112, as the passages say.",
        "There is no information in the provided documents that a van pays £112.",
        "The documents do not say that a van pays £112.",
        "The documents don’t say that a van pays £112.",
        "No passage states that a van pays £112.",
        "Not based on the documents, a van pays £112.",
        "",
    ],
)
def test_what_claims_something_stays(claim: str) -> None:
    assert without_opening(claim, SHOWN) == claim


def test_an_opening_stays_whose_words_the_passages_have() -> None:
    claim = "With a provided document, a van pays £112."
    assert without_opening(claim, SHOWN) == "a van pays £112."
    assert without_opening(claim, SHOWN | set(content("documents provided by vans"))) == claim


@pytest.mark.parametrize(
    ("claim", "denied"),
    [
        ("The documents do not say that a van pays £112.", "a van pays £112."),
        ("No passage states that a van pays £112.", "a van pays £112."),
        ("The documents say that a van pays £112.", ""),
        ("The documents say that no van pays £112.", ""),
        ("Though not told in the passages, a van pays £112.", ""),
        ("Tansy does not say that a van pays £112.", ""),
        ("A van does not pay £112.", ""),
        ("", ""),
    ],
)
def test_what_a_claim_says_that_the_sources_do_not_say(claim: str, denied: str) -> None:
    assert denied_by(claim, SHOWN) == denied
