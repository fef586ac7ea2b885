"""A draft that a person must let out is read by nobody else, wherever a graph shows its state."""

from __future__ import annotations

from typing import Any

import pytest
from cryptography.fernet import Fernet
from graph_parts import make_graph, passage
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.types import Command, StateSnapshot

from app.serving.seal import FernetSeal
from graphs.rag import Graph
from graphs.sealing import open_held

DRAFT = "The boat, the last, leaves at 18:30. [1]"
WORDS = "boat, the last"  # nobody but the model says it so
BOATS = passage("boats.md", "The last boat leaves at 18:30.")
TALK = ["How are you today?", "What shall I call you?"]
TWO = "When does the last boat leave? And when does the last boat go?"
BOTH = f"{DRAFT}\n{DRAFT.replace('[1]', '[2]')}"
MODES: Any = ["values", "updates", "messages", "tasks", "debug", "checkpoints"]
CONFIG: Any = {"configurable": {"thread_id": "1"}}


@pytest.fixture
def seal() -> FernetSeal:
    return FernetSeal(Fernet.generate_key())


@pytest.fixture
def graph(seal: FernetSeal) -> Graph:
    return reviewed(seal)


def reviewed(seal: FernetSeal | None, *replies: str) -> Graph:
    return make_graph(
        *(replies or (DRAFT, "Hello there.")), found=[BOATS], talk=["Hello!", *TALK],
        checkpointer=InMemorySaver(), seal=seal, review_below=1.0,
    ).graph  # fmt: skip


def streamed(graph: Graph, given: Any) -> str:
    """Run, and return all that any stream tells."""
    return repr(list(graph.stream(given, CONFIG, stream_mode=MODES)))


def unread(graph: Graph, told: str) -> StateSnapshot:
    """Return the state that was left; nothing of the draft is shown there or was told before."""
    state = graph.get_state(CONFIG)
    for shown in (told, repr(state), repr(list(graph.get_state_history(CONFIG)))):
        assert WORDS not in shown
    return state


def test_no_stream_state_or_history_shows_what_waits(graph: Graph, seal: FernetSeal) -> None:
    told = streamed(graph, {"messages": [("user", "When does the last boat leave?")]})
    state = unread(graph, told)
    assert state.next == ("review",)
    held = open_held(seal, state.tasks[0].interrupts[0].value)
    assert held["answer"] == DRAFT
    assert held["citations"][0]["document"] == "boats.md"
    assert held["passages"] == [{"chunk": "boats.md@0", "text": held["passages"][0]["text"]}]


def test_where_everybody_reviews_nothing_is_sealed() -> None:
    graph = reviewed(None)
    assert WORDS in streamed(graph, {"messages": [("user", "When does the last boat leave?")]})
    assert graph.get_state(CONFIG).tasks[0].interrupts[0].value["answer"] == DRAFT


@pytest.mark.parametrize("first", ["", "Hello!"])
@pytest.mark.parametrize(
    ("verdict", "said", "cited"),
    [
        ("approve", BOTH, 2),
        ({"decision": "edit", "text": "At half past six. [1]"}, "At half past six. [1]", 2),
        ("reject", "I don't know", 0),
    ],
)
def test_an_answer_to_several_questions_waits_unread_until_a_verdict(
    seal: FernetSeal, first: str, verdict: Any, said: str, cited: int
) -> None:
    graph = reviewed(seal, *(["Hello there."] if first else []), DRAFT, DRAFT)
    told = streamed(graph, {"messages": [("user", first)]}) if first else ""
    told += streamed(graph, {"messages": [("user", TWO)]})
    state = unread(graph, told)
    assert (state.next, state.values["citations"]) == (("review",), [])
    held = open_held(seal, state.tasks[0].interrupts[0].value)
    assert (held["answer"], len(held["citations"])) == (BOTH, 2)
    streamed(graph, Command(resume=verdict))
    values = graph.get_state(CONFIG).values
    assert values["messages"][-1].text.startswith(said)
    assert len(values["citations"]) == cited
    assert "sealed" not in values["messages"][-1].additional_kwargs


@pytest.mark.parametrize(
    ("verdict", "said", "cited"),
    [
        ("approve", DRAFT, 1),
        ({"decision": "edit", "text": "At half past six. [1]"}, "At half past six. [1]", 1),
        ("reject", "I don't know", 0),
    ],
)
def test_a_verdict_lets_out_what_it_says(graph: Graph, verdict: Any, said: str, cited: int) -> None:
    streamed(graph, {"messages": [("user", "When does the last boat leave?")]})
    streamed(graph, Command(resume=verdict))
    values = graph.get_state(CONFIG).values
    assert values["messages"][-1].text.startswith(said)
    assert len(values["citations"]) == cited
    assert "sealed" not in values["messages"][-1].additional_kwargs


def test_talk_that_nobody_reviews_is_not_sealed(graph: Graph) -> None:
    streamed(graph, {"messages": [("user", "When does the last boat leave?")]})
    streamed(graph, Command(resume="approve"))
    streamed(graph, {"messages": [("user", "Hello!")]})
    assert graph.get_state(CONFIG).values["messages"][-1].text == "Hello there."


def test_several_questions_that_are_talk_are_not_sealed_after_an_answer(seal: FernetSeal) -> None:
    graph = reviewed(seal, DRAFT, "Fine.", "Anything.")
    streamed(graph, {"messages": [("user", "When does the last boat leave?")]})
    streamed(graph, Command(resume="approve"))
    streamed(graph, {"messages": [("user", " ".join(TALK))]})
    assert graph.get_state(CONFIG).values["messages"][-1].text == "Fine.\nAnything."


def test_no_knob_of_a_run_lets_an_unsupported_answer_past_the_reviewer(graph: Graph) -> None:
    context = {"support_threshold": 1.0, "unsupported": "mark"}
    asked: Any = {"messages": [("user", "When does the last boat leave?")]}
    told = graph.invoke(asked, CONFIG, context=context)  # type: ignore[arg-type]
    assert "__interrupt__" in told
    assert told["messages"][-1].text == ""
