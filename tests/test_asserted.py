"""What a reply says behind its yes or no is checked by itself, too."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from graph_parts import passage
from langchain_core.documents import Document

from app.models.line_reader import LineReader
from app.models.verifier import ReaderVerifier
from graphs.asserted import asupports, rest_of, supports
from graphs.protocols import Claim, Evidence, Support

POOL = passage("pool.md", "Swimming caps are not compulsory. Lockers take a 1 euro coin.")


class Listed:
    """A verifier that has a probability for each text."""

    threshold = 0.5
    trusted = True

    def __init__(self, **known: float) -> None:
        self.known = known

    def verify(
        self, question: str, claims: Sequence[Claim], passages: Sequence[Document]
    ) -> list[Support]:
        return [Support(self.known[c.text.split()[0]], (Evidence(0, 0, 9),)) for c in claims]

    async def averify(
        self, question: str, claims: Sequence[Claim], passages: Sequence[Document]
    ) -> list[Support]:
        return self.verify(question, claims, passages)


@pytest.mark.parametrize(
    ("claim", "rest"),
    [
        ("Yes, swimming caps are compulsory.", "Swimming caps are compulsory."),
        ("No: lockers take coins", "Lockers take coins"),
        ("Yes – lockers take coins.", "Lockers take coins."),
        ("**Yes**, lockers take coins.", "Lockers take coins."),
        ("Yes.", ""),
        ("Yes, it is.", ""),
        ("Yes, on Sundays.", ""),
        ("No swimming caps are sold.", ""),
        ("No-one sells swimming caps.", ""),
        ("Lockers take coins.", ""),
        ("No. 5 is the room, on the left side.", ""),
    ],
)
def test_a_rest_is_what_says_something_behind_yes_or_no(claim: str, rest: str) -> None:
    assert rest_of(claim) == rest


async def test_a_reply_is_as_sure_as_the_less_sure_of_its_whole_and_its_rest() -> None:
    verifier = Listed(**{"Yes,": 0.8, "No,": 0.3, "Swimming": 0.1, "Lockers": 0.6})
    claims = [
        Claim("Yes, swimming caps are compulsory."),
        Claim("No, lockers take a coin."),
        Claim("Lockers take a coin."),
    ]
    found = supports(verifier, "", claims, [POOL])
    assert [support.probability for support in found] == [0.1, 0.3, 0.6]
    assert await asupports(verifier, "", claims, [POOL]) == found
    assert supports(verifier, "", [], [POOL]) == []


def test_yes_does_not_let_out_what_the_passages_deny() -> None:
    verifier = ReaderVerifier(LineReader())
    claims = [
        Claim("Yes, swimming caps are compulsory."),
        Claim("Yes, lockers take a 1 euro coin."),
    ]
    for claim, kept in zip(claims, (False, True), strict=True):
        question = "Are swimming caps compulsory?" if not kept else "Do lockers take coins?"
        (support,) = supports(verifier, question, [claim], [POOL])
        assert (support.probability >= verifier.threshold) is kept


@pytest.mark.parametrize(
    ("claim", "probability"),
    [
        ("The documents do not say that lockers are free.", 0.0),
        ("The documents do not say that saunas are free.", 0.8),
        ("**The documents** do not say that lockers are free.", 0.0),
        ("No, the documents do not say that lockers are free.", 0.0),
        ("No, the documents do not say that saunas are free.", 0.7),
        ("The documents say that lockers are free.", 0.8),
    ],
)
async def test_what_the_passages_say_is_not_denied(claim: str, probability: float) -> None:
    known = {"The": 0.8, "**The": 0.8, "No,": 0.7, "lockers": 0.5, "saunas": 0.4}
    found = supports(Listed(**known), "", [Claim(claim)], [POOL])
    assert [support.probability for support in found] == [probability]
    assert await asupports(Listed(**known), "", [Claim(claim)], [POOL]) == found


@pytest.mark.parametrize("question", ["Are caps and coins needed?", "What is said of the pool?"])
@pytest.mark.parametrize(
    "denial",
    [
        "There is no information in the provided documents that {}",
        "The documents do not say that {}",
        "No passage states that {}",
    ],
)
def test_a_denial_of_what_the_passages_say_falls(question: str, denial: str) -> None:
    verifier = ReaderVerifier(LineReader())
    claim = Claim(denial.format("lockers take a 1 euro coin."))
    (support,) = supports(verifier, question, [claim], [POOL])
    assert support.probability < verifier.threshold
