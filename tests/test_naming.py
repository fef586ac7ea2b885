"""A question that only describes what it is about is asked again with its name."""

import asyncio
from typing import Any

import pytest
from graph_parts import Parts, make_graph, passage
from langchain_core.messages import AIMessage, HumanMessage

from app.models.extractor import ReaderExtractor
from app.models.line_reader import LineReader
from graphs.citations import CheckedAnswer
from graphs.prompts import REFUSAL
from graphs.replies import let_out
from graphs.state import Citation, State

ASKED = "On which day do crews change on the ship that sails the North route?"
WHICH = "Which ship sails the North route?"
NAMED = "On which day do crews change on Grey Phalarope?"
WORDS = "day of the change of crews on Grey Phalarope"
ROUTE = passage("routes.md", "The North route is what the ship Grey Phalarope sails.")
CREWS = passage("crews.md", "On the Grey Phalarope the crews change on Friday.")
NOTHING = passage("dogs.md", "Dogs are kept on a lead.")


@pytest.fixture(scope="module")
def extractor() -> ReaderExtractor:
    return ReaderExtractor(LineReader())


def graph(*replies: str, extractor: ReaderExtractor | None, **options: Any) -> Parts:
    options = {"searches": [[ROUTE], [ROUTE], [CREWS]], **options}
    return make_graph(*replies, extractor=extractor, **options)


@pytest.mark.parametrize("run", ["invoke", "ainvoke"])
def test_a_refused_question_is_asked_again_with_the_name(
    extractor: ReaderExtractor, run: str
) -> None:
    parts = graph(REFUSAL, "Friday [1].", extractor=extractor)
    given = {"messages": [HumanMessage(ASKED)]}
    state = (
        parts.graph.invoke(given) if run == "invoke" else asyncio.run(parts.graph.ainvoke(given))
    )
    assert parts.retriever.queries == [ASKED, WHICH, NAMED]
    assert state["messages"][-1].text == "Friday. [1][2]"
    assert [cited["document"] for cited in state["citations"]] == ["crews.md", "routes.md"]
    assert state["messages"][-1].additional_kwargs["citations"] == state["citations"]
    assert [p.metadata["document"] for p in state["passages"]] == ["crews.md"]
    assert "name_described" in state["timings_ms"]
    assert len(state["messages"]) == 2


def test_a_question_without_relevant_passages_is_asked_again_too(
    extractor: ReaderExtractor,
) -> None:
    parts = graph("Friday [1].", extractor=extractor, grades={"crews": 0.9, "North": 0.1})
    assert parts.ask(ASKED)["messages"][-1].text == "Friday. [1][2]"
    assert parts.retriever.queries == [ASKED, WHICH, NAMED]


@pytest.mark.parametrize("run", ["invoke", "ainvoke"])
def test_what_a_name_does_not_find_is_searched_in_other_words_and_not_again(
    extractor: ReaderExtractor, run: str
) -> None:
    parts = graph(
        *(REFUSAL, WORDS, "Friday [1]."),
        extractor=extractor,
        searches=[[ROUTE], [ROUTE], [NOTHING], [CREWS]],
        grades={"Dogs": 0.1, "": 0.9},
        max_rewrites=2,
    )
    given = {"messages": [HumanMessage(ASKED)]}
    state = (
        parts.graph.invoke(given) if run == "invoke" else asyncio.run(parts.graph.ainvoke(given))
    )
    assert parts.retriever.queries == [ASKED, WHICH, NAMED, WORDS]
    assert state["messages"][-1].text == "Friday. [1][2]"


def test_a_record_is_cited_without_markers(extractor: ReaderExtractor) -> None:
    parts = graph(REFUSAL, '{"day": "Friday"}', extractor=extractor)
    state = parts.ask(ASKED)
    assert state["messages"][-1].text == '{"day": "Friday"}'
    assert [cited["document"] for cited in state["citations"]] == ["crews.md", "routes.md"]


def test_what_told_the_name_of_a_table_is_cited_in_its_last_cell(
    extractor: ReaderExtractor,
) -> None:
    parts = graph(
        REFUSAL, "| Ship | Day |\n|-|-|\n| Grey Phalarope | Friday |", extractor=extractor
    )
    said = parts.ask(ASKED)["messages"][-1].text
    assert said == "| Ship | Day |\n|-|-|\n| Grey Phalarope | Friday [1][2] |"


def test_what_is_answered_as_it_is_stays(extractor: ReaderExtractor) -> None:
    whole = passage("whole.md", "Crews change on the ship that sails the North route on Friday.")
    parts = graph("Friday [1].", extractor=extractor, searches=[[whole]])
    assert parts.ask(ASKED)["messages"][-1].text == "Friday. [1]"
    assert parts.retriever.queries == [ASKED]


@pytest.mark.parametrize(
    "options", [{"extractor": None}, {"searches": [[NOTHING]]}, {"max_rewrites": 0}]
)
def test_where_no_name_is_found_it_goes_on_as_before(
    extractor: ReaderExtractor, options: dict[str, Any]
) -> None:
    parts = graph(*[REFUSAL] * 3, **{"extractor": extractor, **options})
    state = parts.ask(ASKED)
    assert state["abstained"]
    assert NAMED not in parts.retriever.queries


def test_the_next_turn_forgets_the_name(extractor: ReaderExtractor) -> None:
    parts = graph(REFUSAL, "Friday [1].", "Friday [1].", extractor=extractor)
    state = parts.ask(ASKED)
    said = [*state["messages"], HumanMessage("When do crews change on the Grey Phalarope?")]
    after = parts.graph.invoke({"messages": said})
    assert [cited["document"] for cited in after["citations"]] == ["crews.md"]


def test_an_answer_is_no_surer_than_the_name() -> None:
    told = Citation(document="routes.md", chunk="r", page=None, start=0, end=1, quote="T")
    said = Citation(document="crews.md", chunk="c", page=None, start=0, end=1, quote="O")
    state = State(messages=[AIMessage("Friday.")], naming=[told], named_surely=0.6)
    let = let_out(state, CheckedAnswer("Friday. [1]", [said], confidence=0.9), 0)
    assert (let["confidence"], let["messages"][0].text) == (0.6, "Friday. [1][2]")
    let = let_out(state, CheckedAnswer("Friday. [1][2]", [said, told], confidence=0.5), 0)
    assert (let["confidence"], let["messages"][0].text) == (0.5, "Friday. [1][2]")
