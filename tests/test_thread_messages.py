"""A thread is told without drafts: whatever no step has let out is no answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from cryptography.fernet import Fernet
from graph_parts import Parts, make_graph, passage
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import START

from app.serving.seal import FernetSeal
from app.serving.thread_messages import told_messages
from graphs.halves import UNTOLD
from graphs.prompts import REFUSAL

ASKED = "On which day do crews change on the ship of the night route?"
ROUTE = passage("routes.md", "The night route is sailed by the ship Grey Phalarope.")
CREWS = passage("crews.md", "On the Grey Phalarope the crews change on Friday.")
WHO, WHEN = "Who sails the night route?", "On which day do crews change?"
TWO = "Who sails the night route, and on which day do crews change?"
WRONG = "They repaint the funnel in Lisbon [1]."
RIGHT = "Friday [2]."
GREETING = "Hello there."
THREAD: Any = {"configurable": {"thread_id": "1"}}


def night_boats(*replies: str, **limits: Any) -> Parts:
    return make_graph(
        *replies, searches=[[ROUTE], [CREWS]], talk=["Hi!"], checkpointer=InMemorySaver(), **limits
    )


def texts(parts: Parts, given: dict[str, dict[str, Any]]) -> list[str]:
    return [told["text"] for told in told_messages(parts.graph.get_state(THREAD), given)]


@pytest.mark.parametrize(
    ("question", "halted", "said"),
    [
        (ASKED, {"interrupt_before": ["verify_citations"]}, []),  # nobody has checked it
        (ASKED, {"interrupt_after": ["verify_citations"]}, []),  # it fell, and a search follows
        (ASKED, {"interrupt_before": ["grade_documents"]}, []),
        (ASKED, {}, ["Friday. [1]"]),
        ("Hi!", {"interrupt_before": ["verify_citations"]}, []),
        ("Hi!", {}, [GREETING]),
    ],
)
@pytest.mark.parametrize("account", [{}, {"outcome": "stopped"}])
def test_a_draft_is_no_answer_however_its_run_halted(
    question: str, halted: dict[str, Any], said: Sequence[str], account: dict[str, Any]
) -> None:
    parts = night_boats(*((GREETING,) if question == "Hi!" else (WRONG, RIGHT)))
    told = {"messages": [{"role": "user", "content": question, "id": "run"}]}
    parts.graph.invoke(told, THREAD, **halted)
    given = {"run": account} if halted else {}
    assert texts(parts, given) == [question, *said]


@pytest.mark.parametrize("outcome", ["asked", "stopped", "failed"])
def test_a_draft_that_was_left_behind_is_no_answer_once_the_next_question_is_answered(
    outcome: str,
) -> None:
    parts = night_boats(WRONG, GREETING)
    for run, question in (("1", ASKED), ("2", "Hi!")):
        told = {"messages": [{"role": "user", "content": question, "id": run}]}
        parts.graph.invoke(told, THREAD, interrupt_after=["generate"] if run == "1" else [])
    given = {"1": {"outcome": outcome}, "2": {"outcome": "answered"}}
    assert texts(parts, given) == [ASKED, "Hi!", GREETING]


def test_an_answer_that_was_let_out_before_its_run_was_stopped_stays() -> None:
    parts = night_boats(WRONG, RIGHT, GREETING)
    for run, question in (("1", ASKED), ("2", "Hi!")):
        told = {"messages": [{"role": "user", "content": question, "id": run}]}
        parts.graph.invoke(told, THREAD)
    given = {"1": {"outcome": "stopped"}, "2": {"outcome": "answered"}}
    assert texts(parts, given) == [ASKED, "Friday. [1]", "Hi!", GREETING]


@pytest.mark.parametrize("seal", [None, FernetSeal(Fernet.generate_key())])
def test_an_answer_that_waits_for_a_person_is_not_told(seal: FernetSeal | None) -> None:
    parts = night_boats(WRONG, RIGHT, review_below=1.0, seal=seal)
    parts.graph.invoke({"messages": [("user", ASKED)]}, THREAD)
    assert parts.graph.get_state(THREAD).next == ("review",)
    assert texts(parts, {}) == [ASKED]


def test_a_sealed_draft_that_was_left_behind_is_no_answer() -> None:
    parts = night_boats(WRONG, GREETING, review_below=1.0, seal=FernetSeal(Fernet.generate_key()))
    parts.graph.invoke({"messages": [("user", ASKED)]}, THREAD, interrupt_after=["generate"])
    parts.graph.invoke({"messages": [("user", "Hi!")]}, THREAD)
    assert texts(parts, {}) == [ASKED, "Hi!", GREETING]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({}, ["Hi!", GREETING]),
        ({"9": {"outcome": "asked", "asked": "3", "question": "Q"}}, ["Hi!", GREETING, "Q"]),
        ({"9": {"outcome": "stopped", "asked": "1", "question": "Q"}}, ["Q", "Hi!", GREETING]),
        ({"9": {"outcome": "failed", "asked": "3", "question": "Q"}}, ["Hi!", GREETING, "Q"]),
        ({"9": {"outcome": "answered", "asked": "3", "question": "Q"}}, ["Hi!", GREETING]),
        ({"9": {"outcome": "stopped"}}, ["Hi!", GREETING]),  # earlier releases kept no question
    ],
)
def test_a_question_that_never_got_its_turn_stands_where_it_was_asked(
    given: dict[str, dict[str, Any]], told: Sequence[str]
) -> None:
    parts = night_boats(GREETING)
    parts.graph.invoke({"messages": [{"role": "user", "content": "Hi!", "id": "1"}]}, THREAD)
    assert texts(parts, {"1": {"outcome": "answered", "asked": "2"}, **given}) == told


def test_the_former_answer_stays_while_the_next_question_begins() -> None:
    parts = night_boats(WRONG, RIGHT, GREETING)
    for run, question in (("1", ASKED), ("2", "Hi!")):
        told = {"messages": [{"role": "user", "content": question, "id": run}]}
        parts.graph.invoke(told, THREAD)
    begins = next(s for s in parts.graph.get_state_history(THREAD) if s.next == (START,))
    waiting = {"outcome": "asked", "question": "Hi!", "asked": "2026-11-30T13:00:00+00:00"}
    found = told_messages(begins, {"1": {"outcome": "answered"}, "2": waiting})
    assert [message["text"] for message in found] == [ASKED, "Friday. [1]", "Hi!"]


@pytest.mark.parametrize(
    ("last", "said", "cited"),
    [
        ("On Friday [1].", "On Friday. [2]", ["routes.md", "crews.md"]),
        (REFUSAL, f"{UNTOLD} {WHEN}", ["routes.md"]),
    ],
)
def test_an_answer_to_two_questions_is_told_with_the_citations_of_both(
    last: str, said: str, cited: Sequence[str]
) -> None:
    parts = night_boats("The ship Grey Phalarope [1].", last, max_rewrites=0)
    parts.graph.invoke({"messages": [("user", TWO)]}, THREAD)
    _, told = told_messages(parts.graph.get_state(THREAD), {})
    assert told["text"] == f"The ship Grey Phalarope. [1]\n{said}"
    assert [citation["document"] for citation in told["citations"]] == cited
    assert (told["abstained"], told["parts"]) == (False, [WHO, WHEN])
