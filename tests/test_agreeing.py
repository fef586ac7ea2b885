"""Questions for yes or no get the side that the passages tell, whatever the model said."""

from __future__ import annotations

import asyncio

import pytest
from boat_parts import ANSWER, BOATS
from graph_parts import make_graph, passage

from app.models.agreement import SIDES, WeighedAgreement
from app.models.line_reader import LineReader
from app.models.verifier import ReaderVerifier
from graphs.agreeing import asks_yes_or_no
from graphs.prompts import REFUSAL

POOL = passage(
    "pool.md",
    "The pool is 25 metres long. It was opened in 1911 by Mira Holt. "
    "The sauna is closed on Mondays.",
)
DOGS = passage("dogs.md", "Dogs must be kept on a lead in the garden. Cats are not registered.")


@pytest.fixture(scope="module")
def agreement() -> WeighedAgreement:
    return WeighedAgreement(ReaderVerifier(LineReader()))


@pytest.mark.parametrize(
    ("asked", "wants_a_side"),
    [
        ("Is the pool 25 metres long?", True),
        ("I have a dog. Must it be kept on a lead?", True),
        ("was the pool opened in 1911", True),
        ("How long is the pool?", False),
        ("Can you tell me how long the pool is?", False),
        ("Could you give me the length of the pool?", False),
        ("Is the pool 25 or 50 metres long?", False),
        ("Does the leaflet say when the pool opened?", False),
    ],
)
def test_questions_for_yes_or_no_are_told_from_those_that_ask_more(
    asked: str, wants_a_side: bool
) -> None:
    assert asks_yes_or_no(asked) is wants_a_side


@pytest.mark.parametrize(
    ("question", "side"),
    [
        ("Is the pool 25 metres long?", "yes"),
        ("Is the pool 50 metres long?", "no"),
        ("Was the pool opened in 1911?", "yes"),
        ("Was the pool opened in 1954?", None),
        ("Is the sauna closed on Mondays?", "yes"),
        ("Is there a car park?", None),
    ],
)
def test_the_side_that_passages_tell_is_found(
    agreement: WeighedAgreement, question: str, side: str | None
) -> None:
    found = agreement.agree(question, [DOGS, POOL])
    assert (found and found.side) == side
    if found:
        assert found.probability >= agreement.weights.sure
        assert {evidence.passage for evidence in found.evidence} == {1}


def test_the_probabilities_of_all_sides_add_up(agreement: WeighedAgreement) -> None:
    told = agreement.weights.probabilities([1.0, 0.5, -0.5, 0.0])
    assert len(told) == len(SIDES)
    assert sum(told) == pytest.approx(1)


@pytest.mark.parametrize("how", ["sync", "async"])
@pytest.mark.parametrize(
    ("reply", "question", "said"),
    [
        (REFUSAL, "Was the pool opened in 1911?", "Yes. [1]"),
        ("Pigeons carry letters [1].", "Is the pool 50 metres long?", "No. [1]"),
        (
            f"Yes. {ANSWER}",
            "Does the last boat leave at 18:30?",
            "Yes. The last boat leaves at 18:30. [1]",
        ),
        ("Yes, at 18:30 [1].", "Does the last boat leave at 20:15?", "No. [1]"),
        ("At 18:30 [1].", "Does the last boat leave at 20:15?", "No. At 18:30. [1]"),
        ("At 18:30 [1].", "When does the last boat leave?", "At 18:30. [1]"),
    ],
)
async def test_an_answer_begins_with_the_side(
    agreement: WeighedAgreement, how: str, reply: str, question: str, said: str
) -> None:
    parts = make_graph(reply, found=[POOL, BOATS], agreement=agreement)
    asked = {"messages": question}
    result = (
        await asyncio.to_thread(parts.ask, question)
        if how == "sync"
        else await parts.graph.ainvoke(asked)
    )
    assert result["messages"][-1].text == said
    wanted = "boats.md" if "boat" in question else "pool.md"
    assert {citation["document"] for citation in result["citations"]} == {wanted}
    assert not result["abstained"]


def test_a_record_and_what_no_passage_tells_stay_as_they_are(agreement: WeighedAgreement) -> None:
    for reply, question in (
        ('{"opened": 1911}', "Was the pool opened in 1911?"),
        (REFUSAL, "Is there a car park?"),
    ):
        alike = [
            make_graph(reply, found=[POOL], agreement=each).ask(question)["messages"][-1].text
            for each in (None, agreement)
        ]
        assert alike[0] == alike[1]
