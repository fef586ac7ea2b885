"""Questions for yes or no get the side that the passages tell, whatever the model said."""

from __future__ import annotations

import asyncio
from typing import Literal

import pytest
from boat_parts import ANSWER, BOATS, outcome
from graph_parts import make_graph, passage
from langchain_core.messages import AIMessage

from app.models.agreement import SIDES, WeighedAgreement
from app.models.line_reader import LineReader
from app.models.verifier import ReaderVerifier
from graphs.agreeing import asks_yes_or_no, with_side
from graphs.citations import CheckedAnswer, cite
from graphs.prompts import REFUSAL
from graphs.protocols import Agreed, Evidence
from graphs.replies import let_out
from graphs.state import State

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
        ("Is the pool open on Sundays? I have a dog.", True),
        ("is the pool open on sundays? thanks", True),
        ("Is the pool open on Sundays? How long?", False),
        ("How long is the pool? I have a dog.", False),
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


@pytest.mark.parametrize(
    ("said", "side", "text"),
    [
        ("They swim. [1]\n\n- On deck [1]", "yes", "Yes. They swim. [1]\n\n- On deck [1]"),
        (
            "- On deck: yes [1]\n- Inside: no [1]",
            "no",
            "No.\n\n- On deck: yes [1]\n- Inside: no [1]",
        ),
        ("1. On deck [1]\n2. Inside [1]", "yes", "Yes.\n\n1. On deck [1]\n2. Inside [1]"),
        ("| a | b |\n|-|-|\n| c | 1 [1] |", "yes", "Yes.\n\n| a | b |\n|-|-|\n| c | 1 [1] |"),
        ("## Pets\n\nThey swim. [1]", "yes", "Yes.\n\n## Pets\n\nThey swim. [1]"),
        ("```sh\nswim\n```\n[1]", "yes", "Yes.\n\n```sh\nswim\n```\n[1]"),
        ("No-show fees are 20 euros. [1]", "yes", "Yes. No-show fees are 20 euros. [1]"),
        ("No fee is due. [1]", "yes", "Yes. No fee is due. [1]"),
        ("No. 5 is open. [1]", "yes", "Yes. No. 5 is open. [1]"),
        ("No fee is due. [1]", "no", "No fee is due. [1]"),
        ("Yes it is. [1]", "yes", "Yes it is. [1]"),
        ("Ja, es ist offen. [1]", "yes", "Ja, es ist offen. [1]"),
        ("Nein. [1]", "yes", "Yes. [1]"),
        ("No [1]", "yes", "Yes. [1]"),
        ("**No**, it is closed. [1]", "yes", "Yes. [1]"),
        ("No - it is closed. [1]", "yes", "Yes. [1]"),
        ("No\n\nIt is closed. [1]", "yes", "Yes. [1]"),
        ("Yes, it is open. [1]", "no", "No. [1]"),
    ],
)
def test_a_side_stands_before_a_reply_or_instead_of_it(
    said: str, side: Literal["yes", "no"], text: str
) -> None:
    state = State(messages=[AIMessage(said)], context=[POOL])
    left = let_out(state, CheckedAnswer(said, [cite(POOL, 0, 27)], confidence=0.9), removed=2)
    update = with_side(state, left, Agreed(side, 0.8, (Evidence(0, 28, 62),)))
    assert (update["messages"][-1].text, update["removed"]) == (text, 2 + (said not in text))


@pytest.mark.parametrize("reply", ["Pigeons carry letters [1].", "Yes, pigeons carry letters [1]."])
def test_what_is_only_marked_gives_way_to_a_side_with_what_tells_it(
    agreement: WeighedAgreement, reply: str
) -> None:
    parts = make_graph(reply, found=[POOL], agreement=agreement, unsupported="mark")
    result = parts.ask("Was the pool opened in 1911?")
    assert outcome(result) == ("retrieve", "documents", False, "Yes. [1]")
    assert [citation["document"] for citation in result["citations"]] == ["pool.md"]
    assert result["removed"] == 1


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
