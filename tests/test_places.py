"""What stands below a heading or in a table must hold for that, and not for another."""

from collections.abc import Sequence

import pytest
from graph_parts import passage
from langchain_core.documents import Document

from app.models.line_reader import LineReader
from app.models.verifier import ReaderVerifier
from graphs.asserted import asupports, supports
from graphs.citations import checked, read_draft
from graphs.protocols import Claim, Evidence, Spot, Support

KILN = "A bisque firing takes 11 hours. A glaze firing takes 14 hours."
LONG = "How long do the firings take?"
FARES = (
    "The ferry to Culvie costs 14 pounds for adults and 7 pounds for children. "
    "The ferry to Marram Bay costs 22 pounds for adults and 11 pounds for children."
)
RATES = (
    "| Role | Day rate | Night rate |\n|---|---|---|\n"
    "| Nurse | 22 euros | 30 euros |\n| Cook | 17 euros | 24 euros |"
)
LAKES = (
    "Lake Orva is 84 metres deep and lies in Norrland. "
    "Lake Tessin is 31 metres deep and lies in Gotland."
)
SHIPS = "The Tern carries 40 passengers and 6 crew. The Petrel carries 95 passengers and 14 crew."
PRINTERS = (
    "The X200 printer prints 30 pages a minute and holds 250 sheets. "
    "The X350 printer prints 55 pages a minute and holds 500 sheets."
)


@pytest.mark.parametrize(
    ("answer", "at"),
    [
        ("**A**\n- x\n\n**B**\n- y", ["A", "B"]),
        ("## A\nx\n\n## B\ny", ["A", "B"]),
        ("- A\n  - x\n- B\n  - y", ["", "A", "", "B"]),
        ("# All\n## A\n- x\n## B\n- y", ["A", "B"]),
        ("# A\n## More\n- x\n# B\n## More\n- y", ["A", "B"]),
        ("A:\n- x\n\nB:\n- y\n\nThat is all.", ["A", "B", ""]),
        ("## A\n- x\n\ny\n\n## B\n- z", ["A", "A", "B"]),
        ("**A**\n- x", [""]),
        ("**A**\n- x\n\n**A**\n- y", ["", ""]),
        ("x\n\n**A**\n- y\n\n**B**\n- z", ["", "A", "B"]),
        ("| N | C | D |\n|-|-|-|\n| a | 1 | 2 |\n| b | 3 |  |", ["a C, a D", "b C"]),
        ("| N | C |\n|-|-|\n| a | 1 | 2 |", [""]),
        ("| a | 1 |\n| b | 2 |", ["", ""]),
    ],
)
def test_a_value_stands_under_the_nearest_heading_that_has_others_beside_it(
    answer: str, at: list[str]
) -> None:
    claims = read_draft(answer, "a b c d n more all", [passage("p", "A B C")]).claims
    found = [", ".join(f"{p.at.name} {p.at.column}".strip() for p in c.places) for c in claims]
    assert found == at


def test_the_same_words_under_two_headings_are_two_claims() -> None:
    draft = read_draft("**A**\n- x\n\n**B**\n- x\n\n**C**\n- x\n- x", "a b c")
    assert [claim.key for claim in draft.claims] == [("x", (Spot(name),)) for name in "ABC"]
    support = Support(1.0, (Evidence(0, 0, 1),))
    found = [support, Support(0.0), support]
    left = checked(draft, found, passages=[passage("p", "x")], threshold=0.5, unsupported="remove")
    assert (left.text, left.removed) == ("**A**\n- x [1]\n\n**C**\n- x [1]", 1)


class Told:
    """A verifier that knows how probable a reply to something is, and notes what it was asked."""

    threshold = 0.5
    trusted = True

    def __init__(self, known: dict[str, float], sentence: str) -> None:
        start = KILN.index(sentence)
        self.known, self.evidence = known, (Evidence(0, start, start + len(sentence)),)
        self.asked: list[str] = []

    def verify(
        self, question: str, claims: Sequence[Claim], passages: Sequence[Document]
    ) -> list[Support]:
        self.asked += [claim.asked for claim in claims if claim.asked]
        return [Support(self.known.get(c.asked, 0.8), self.evidence) for c in claims]

    async def averify(
        self, question: str, claims: Sequence[Claim], passages: Sequence[Document]
    ) -> list[Support]:
        return self.verify(question, claims, passages)


@pytest.mark.parametrize(
    ("own", "other", "left"),
    [(0.2, 0.8, 0.0588), (0.3, 0.5, 0.8), (0.9, 0.9, 0.8), (0.01, 0.02, 0.8)],
)
async def test_a_value_that_is_clearly_better_supported_elsewhere_falls(
    own: float, other: float, left: float
) -> None:
    bisque, glaze = (f"Of {name} firing: {LONG}" for name in ("Bisque", "Glaze"))
    verifier = Told({bisque: own, glaze: other}, "A glaze firing takes 14 hours.")
    (claim, _) = read_draft("**Bisque firing**\n- 14 hours\n\n**Glaze firing**\n- 9", LONG).claims
    for found in (
        supports(verifier, LONG, [claim], [passage("kiln.md", KILN)]),
        await asupports(verifier, LONG, [claim], [passage("kiln.md", KILN)]),
    ):
        assert [round(support.probability, 4) for support in found] == [left]
    assert verifier.asked == [bisque, glaze] * 2


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ("**Bisque firing**\n- 11 hours", "A bisque firing takes 11 hours."),
        ("**Bisque firing**\n- 14 hours for the glaze firing", "A glaze firing takes 14 hours."),
        ("**Bisque firing**\n- The bisque firing: 14 hours", "A glaze firing takes 14 hours."),
        ("**Raku firing**\n- 14 hours", "A glaze firing takes 14 hours."),
    ],
)
def test_a_value_is_not_tried_elsewhere_where_words_tell_what_it_holds_for(
    answer: str, sentence: str
) -> None:
    verifier = Told({}, sentence)
    claims = read_draft(f"{answer}\n\n**Glaze firing**\n- x", LONG).claims[:1]
    supports(verifier, LONG, claims, [passage("kiln.md", KILN)])
    assert verifier.asked == []


@pytest.fixture(scope="module")
def verifier() -> ReaderVerifier:
    return ReaderVerifier(LineReader())


@pytest.mark.parametrize(
    ("text", "question", "answer", "values"),
    [
        (KILN, LONG, "**Bisque firing**\n- {}\n\n**Glaze firing**\n- {}", "11 hours / 14 hours"),
        (KILN, LONG, "- Bisque firing\n  - {}\n- Glaze firing\n  - {}", "11 hours / 14 hours"),
        (
            PRINTERS,
            "What can the printers do?",
            "1. **X200**\n   - {}\n2. **X350**\n   - {}",
            "30 pages a minute / 55 pages a minute",
        ),
        (
            LAKES,
            "What are the lakes like?",
            "## Lake Orva\n{}\n\n## Lake Tessin\n{}",
            "It is 84 metres deep. / It is 31 metres deep.",
        ),
        (
            FARES,
            "What are the fares?",
            "**Culvie:**\n- Adults: {}\n\n**Marram Bay:**\n- Adults: {}",
            "14 pounds / 22 pounds",
        ),
        (
            RATES,
            "What are the rates?",
            "| Role | Night rate | Day rate |\n|---|---|---|\n| Nurse | {} | {} |",
            "30 euros / 22 euros",
        ),
        (
            SHIPS,
            "How many passengers and crew do the ships carry?",
            "| Ship | Passengers | Crew |\n|---|---|---|\n| Tern | {} |\n| Petrel | {} |",
            "40 | 6 / 95 | 14",
        ),
    ],
)
def test_exchanged_values_fall_and_right_ones_stay(
    verifier: ReaderVerifier, text: str, question: str, answer: str, values: str
) -> None:
    passages, both = [passage("p.md", text)], values.split(" / ")
    kept = []
    for said in (both, both[::-1]):
        claims = [
            c for c in read_draft(answer.format(*said), question, passages).claims if c.places
        ]
        found = supports(verifier, question, claims, passages)
        kept.append(sum(support.probability >= verifier.threshold for support in found))
    assert kept == [len(claims), 0]
