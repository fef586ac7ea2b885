import asyncio
import time
from typing import Any

import pytest
from graph_parts import Parts, make_graph, passage
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage
from langgraph.checkpoint.memory import InMemorySaver

from graphs import prompts
from graphs.halves import UNTOLD, halves
from graphs.question import InvalidQuestion, subject
from graphs.rag import timed
from graphs.replies import written_by
from graphs.state import State

BOAT = passage("boats.md", "The Linnet leaves at nine.")
PRICE = passage("fares.md", "The fare of the Linnet is five pounds.")
ASKED = "When does the Linnet leave, and what is the fare of the Linnet?"
BOTH = "At nine. [1]\nFive pounds. [2]"
ONE, OTHER = "When does the Linnet leave?", "What is the fare of the Linnet?"
OPENS, COSTS = "When does it open", "What does it cost"
TOLD = ("citations", "conflicts", "removed", "parts")


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        (ASKED, [ONE, OTHER]),
        ("Where is the slip? What does it cost?", ["Where is the slip?", "What does it cost?"]),
        (
            "who runs it and at what time does it open",
            ["Who runs it?", "At what time does it open?"],
        ),
        (
            "When does it open and what does it cost? Please answer in JSON. I have a dog.",
            [f"{part}? Please answer in JSON. I have a dog." for part in (OPENS, COSTS)],
        ),
        (
            "when does it open? what does it cost? please answer in one word",
            [f"{part}? please answer in one word" for part in (OPENS, COSTS)],
        ),
        (
            "When does it open and what does it cost. I come with Dr. Holm.",
            [f"{part}? I come with Dr. Holm." for part in (OPENS, COSTS)],
        ),
        (
            "When does it open and what does it cost Dr. Holm?",
            ["When does it open?", "What does it cost Dr. Holm?"],
        ),
        (
            "When does it open and what does it cost? Is it far? Thanks!",
            ["When does it open? Thanks!", "What does it cost? Is it far? Thanks!"],
        ),
        (
            "When does it open? What does it cost? Is it far",
            ["When does it open?", "What does it cost? Is it far?"],
        ),
        (
            "When does it open and what does ‘why?’ mean?",
            ["When does it open?", "What does ‘why?’ mean?"],
        ),
        (
            "When does it open and what does it cost? And is it far?",
            ["When does it open?", "What does it cost? And is it far?"],
        ),
        (
            "When does it open and what is it like? I have a dog. Is it allowed?",
            ["When does it open?", "What is it like? I have a dog. Is it allowed?"],
        ),
        (
            "When does it open and what does it cost? If I pay by card, is it cheaper?",
            ["When does it open?", "What does it cost? If I pay by card, is it cheaper?"],
        ),
        (
            "When does it open and what does it cost? And is it far? Thanks!",
            ["When does it open? Thanks!", "What does it cost? And is it far? Thanks!"],
        ),
        (
            "When does it open and what does Yahoo! Mail cost?",
            ["When does it open?", "What does Yahoo! Mail cost?"],
        ),
        (
            "When does it open and what does it cost? هل هو بعيد؟",
            ["When does it open?", "What does it cost? هل هو بعيد?"],
        ),
        ("What is the difference between how A works and how B works?", None),
        ("What is the difference between how A works and why B works?", None),
        ("What are the rules for employees who work remotely and who travel abroad?", None),
        (
            "What do those pay who work and who travel, and when do they pay?",
            ["What do those pay who work and who travel?", "When do they pay?"],
        ),
        (
            "Who helps those who travel? Who works for the ferry?",
            ["Who helps those who travel?", "Who works for the ferry?"],
        ),
        (
            "What runs between Ulm and Velm, and in what town does it stop?",
            ["What runs between Ulm and Velm?", "In what town does it stop?"],
        ),
        (
            "In what year was it built and in what town?",
            ["In what year was it built?", "In what town?"],
        ),
        ("When does it open and how late? Please answer in JSON.", None),
        ("Is it open and how late?", None),
        ("What do Anna and Ben do?", None),
        ("When and where was it built?", None),
        ("I like tea and what of it?", None),
        ("Who paid for the boat and the slip?", None),
        ("", None),
    ],
)
def test_a_question_is_taken_apart_where_each_clause_asks(
    question: str, parts: list[str] | None
) -> None:
    assert halves(question) == (parts or [question])


def test_a_page_of_clauses_is_not_read_again_for_each() -> None:
    page = "Who pays those who stay" + " and who travel" * 20_000
    began = time.perf_counter()
    assert halves(page) == [page]
    assert time.perf_counter() - began < 5


def graph(*replies: str, **more: Any) -> Parts:
    return make_graph(*replies, searches=[[BOAT], [PRICE]], **more)


def of_state(state: dict[str, Any]) -> dict[str, Any]:
    """What a message tells of its answer, for a thread that is opened again."""
    return {name: state[name] for name in TOLD}


@pytest.mark.parametrize("run", ["invoke", "ainvoke"])
def test_each_half_is_answered_from_its_own_passages_with_its_own_citation(run: str) -> None:
    parts = graph("At nine [1].", "Five pounds [1].")
    given = {"messages": [HumanMessage(ASKED)]}
    state = (
        parts.graph.invoke(given) if run == "invoke" else asyncio.run(parts.graph.ainvoke(given))
    )
    assert state["messages"][-1].text == BOTH
    assert [cited["document"] for cited in state["citations"]] == ["boats.md", "fares.md"]
    assert [cited["quote"] for cited in state["citations"]] == [
        BOAT.page_content,
        PRICE.page_content,
    ]
    assert state["parts"] == [ONE, OTHER]
    assert state["messages"][-1].additional_kwargs == of_state(state)
    assert parts.retriever.queries == [ONE, OTHER]
    assert [p.metadata["document"] for p in state["passages"]] == ["boats.md", "fares.md"]
    assert len(state["messages"]) == 2
    assert {"retrieve", "generate", "answer_halves"} <= set(state["timings_ms"])


@pytest.mark.parametrize(
    ("reply", "written"),
    [
        ("```python\nfirst = items[0]\n```", "```python\nfirst = items[0]\n```\n[2]"),
        ("~~~\nfirst = items[1]\n~~~", "~~~\nfirst = items[1]\n~~~\n[2]"),
        ("Use `first = items[1]` [1].", "Use `first = items[1]`. [2]"),
        ("Use items[0] first [1].", "Use items[0] first. [2]"),
        ("Use $first[1]$ of items [1].", "Use $first[1]$ of items. [2]"),
        ("According to [1], use items.", "According to [2], use items."),
        ("- Use items [1]\n- Use first [1]", "- Use items [2]\n- Use first [2]"),
        ('{"first": [0], "items": ["use [1]"]}', '{"first": [0], "items": ["use"]}'),
        ('{"items": [1]} [1]', '{"items": [1]}'),
    ],
)
def test_only_markers_count_on_from_the_answer_before(reply: str, written: str) -> None:
    data = passage("data.md", "The data is kept in Velm.")
    use = passage("use.md", "First items: python; use first = items[0] according to 0 or 1.")
    parts = make_graph("In Velm [1].", reply, searches=[[data], [use]])
    state = parts.ask("Where is the data kept, and how do I read the first item?")
    assert state["messages"][-1].text == f"In Velm. [1]\n{written}"
    assert [cited["document"] for cited in state["citations"]] == ["data.md", "use.md"]


def test_a_half_that_points_back_is_read_as_a_follow_up() -> None:
    parts = graph("At nine [1].", "What is the fare of the Linnet?", "Five pounds [1].")
    state = parts.ask("When does the Linnet leave, and what is its fare?")
    assert state["messages"][-1].text == BOTH
    assert parts.chat_model.calls[-1] == prompts.generate(
        "What is its fare?", ["(fares.md) The fare of the Linnet is five pounds."], before=ONE
    )


@pytest.mark.parametrize("behind", ["Please answer in JSON.", "I have a dog.", "Thanks, all!"])
@pytest.mark.parametrize("said", [[HumanMessage(ONE), AIMessage("At nine.")], []])
def test_a_half_is_a_follow_up_whatever_is_said_behind_the_last(
    said: list[BaseMessage], behind: str
) -> None:
    parts = make_graph(*["Five pounds [1]."] * 8, found=[PRICE], max_rewrites=0)
    asked = f"What is the fare and who paid for the pier of Kestering? {behind}"
    parts.graph.invoke({"messages": [*said, HumanMessage(asked if said else f"{ONE} {asked}")]})
    first = ONE if said else f"{ONE} {behind}"
    followed = f"{first} What is the fare? {behind}"
    assert subject(followed) in parts.retriever.queries


def test_what_the_documents_do_not_say_of_two_things_is_said() -> None:
    parts = graph("At nine [1].", prompts.REFUSAL, max_rewrites=0)
    state = parts.ask(ASKED)
    assert state["messages"][-1].text == f"At nine. [1]\n{UNTOLD} {OTHER}"
    assert not state["abstained"]
    assert [cited["document"] for cited in state["citations"]] == ["boats.md"]
    assert state["messages"][-1].additional_kwargs == of_state(state)
    assert written_by(state["messages"][-1]) == ["scripted"]


@pytest.mark.parametrize(
    "behind", ["Please answer in JSON. I have a dog.", "please answer in one word", "Thanks!"]
)
def test_what_is_only_said_behind_questions_is_not_told_as_unknown(behind: str) -> None:
    parts = graph("At nine [1].", prompts.REFUSAL, max_rewrites=0)
    state = parts.ask(f"{ASKED} {behind}")
    assert state["messages"][-1].text == f"At nine. [1]\n{UNTOLD} {OTHER}"
    assert state["parts"] == [f"{part} {behind}" for part in (ONE, OTHER)]


def test_an_answer_to_neither_half_is_a_refusal() -> None:
    state = graph(prompts.REFUSAL, prompts.REFUSAL, max_rewrites=0).ask(ASKED)
    assert state["messages"][-1].text == prompts.REFUSAL
    assert state["abstained"]
    assert len(state["messages"]) == 2


def test_given_documents_and_a_runs_own_knobs_reach_each_half() -> None:
    parts = make_graph("At nine [1].", "Five pounds [1].", grades={"": 0.4})
    given = [{"id": "b.md", "text": BOAT.page_content}, {"id": "f.md", "text": PRICE.page_content}]
    asked = {"messages": [HumanMessage(ASKED)], "documents": given}
    state = parts.graph.invoke(asked, context={"grade_threshold": 0.5})
    assert state["abstained"]
    state = parts.graph.invoke(asked)
    assert state["messages"][-1].text == BOTH
    assert parts.retriever.queries == []


def test_a_turn_of_halves_is_remembered_and_the_next_one_starts_anew() -> None:
    parts = graph("At nine [1].", "Five pounds [1].", "Nine [1].", checkpointer=InMemorySaver())
    thread = {"configurable": {"thread_id": "1"}}
    parts.ask(ASKED, config=thread)
    state = parts.ask("At what time does the Linnet leave Kestering?", config=thread)
    assert state["parts"] == []
    assert [message.type for message in state["messages"]] == ["human", "ai"] * 2


def test_a_person_is_asked_about_the_whole_answer() -> None:
    parts = graph(
        "At nine [1].", "Five pounds [1].", checkpointer=InMemorySaver(), review_below=1.0
    )
    state = parts.ask(ASKED, config={"configurable": {"thread_id": "1"}})
    [held] = state["__interrupt__"]
    assert held.value["answer"] == BOTH
    assert [shown["text"] for shown in held.value["passages"]] == [
        "(boats.md) The Linnet leaves at nine.",
        "(fares.md) The fare of the Linnet is five pounds.",
    ]


def test_a_long_question_is_refused_before_it_is_taken_apart() -> None:
    with pytest.raises(InvalidQuestion, match="more than 4 tokens"):
        graph(max_question_tokens=4).ask(ASKED)


def test_the_milliseconds_of_all_steps_add_up_to_the_time_that_was_waited() -> None:
    def grade(question: str, passage: str) -> float:
        time.sleep(0.1)
        return 0.9

    parts = graph("At nine [1].", "Five pounds [1].", grades=grade)
    began = time.perf_counter()
    times = parts.ask(ASKED)["timings_ms"]
    waited = 1000 * (time.perf_counter() - began)
    assert times["grade_documents"] >= 200
    assert sum(times.values()) <= waited


@pytest.mark.parametrize(
    ("inner", "least", "most"),
    [
        ({"retrieve": 15.0, "generate": 5.0}, 30.0, 1_000.0),
        ({"retrieve": 1_000_000.0}, 0.0, 0.0),  # clocks that were read apart
    ],
)
def test_a_step_that_ran_a_workflow_tells_what_it_took_beside_it(
    inner: dict[str, float], least: float, most: float
) -> None:
    def answer_halves(state: State) -> dict[str, Any]:
        time.sleep(0.05)
        return {"timings_ms": inner}

    times = timed(answer_halves).invoke(State(timings_ms={"abstain": 5.0}))["timings_ms"]
    assert {name: times[name] for name in inner} == inner
    assert list(times) == [*inner, "answer_halves"]
    assert least <= times["answer_halves"] <= most
