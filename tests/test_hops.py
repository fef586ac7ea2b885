import asyncio
from typing import Any

import pytest
from graph_parts import Parts, make_graph, passage
from langchain_core.documents import Document
from langchain_core.messages import HumanMessage
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.memory import InMemorySaver

from graphs.hops import second_hop
from graphs.limits import MAX_REWRITES
from graphs.prompts import REFUSAL

ASKED = "On which day do crews change on the ship of the night route?"
ROUTE = passage("routes.md", "The night route is sailed by the ship Grey Phalarope.")
CREWS = passage("crews.md", "On the Grey Phalarope the crews change on Friday.")
QUERY = "Grey Phalarope day crews change"


def test_the_names_of_the_unit_that_fits_best_join_the_words_that_it_lacks() -> None:
    other = Document("Linnet and Wren are small. " + ROUTE.page_content)
    assert second_hop(ASKED, [ROUTE, other]) == [QUERY]


def test_a_row_gives_its_own_names_and_not_those_of_its_header() -> None:
    table = "| Route | Sailed by Ship |\n|---|---|\n| Noon | Linnet |\n| Night | Grey Phalarope |"
    assert second_hop(ASKED, [Document(table)]) == [QUERY]


@pytest.mark.parametrize(
    "text",
    [
        "The night route is sailed daily.",  # no new name
        "On the ship of the night route crews change on no day that is known. ",
        "",
    ],
)
def test_a_passage_that_brings_up_nothing_new_leads_nowhere(text: str) -> None:
    assert second_hop(ASKED, [Document(text)]) == []


def graph(*replies: str, **limits: Any) -> Parts:
    return make_graph(*replies, searches=[[ROUTE], [CREWS]], **limits)


@pytest.mark.parametrize("run", ["invoke", "ainvoke"])
def test_what_relevant_passages_do_not_answer_is_searched_by_the_names_in_them(run: str) -> None:
    parts = graph(REFUSAL, "Friday [2].")
    given = {"messages": [HumanMessage(ASKED)]}
    state = (
        parts.graph.invoke(given) if run == "invoke" else asyncio.run(parts.graph.ainvoke(given))
    )
    assert state["messages"][-1].text == "Friday. [1]"
    assert [cited["document"] for cited in state["citations"]] == ["crews.md"]
    assert parts.retriever.queries == [ASKED, QUERY]
    assert len(state["messages"]) == 2
    assert not state["abstained"]


def test_a_second_hop_is_one_of_the_searches_that_may_be_repeated() -> None:
    state = graph(REFUSAL, max_rewrites=0).ask(ASKED)
    assert state["abstained"]
    parts = graph(REFUSAL, REFUSAL)
    assert parts.ask(ASKED)["messages"][-1].text == REFUSAL
    assert parts.retriever.queries == [ASKED, QUERY]


def test_the_largest_budget_can_be_spent_on_second_hops() -> None:
    parts = graph(*[REFUSAL] * (MAX_REWRITES + 1), max_rewrites=MAX_REWRITES)
    assert parts.ask(ASKED)["abstained"]
    assert len(parts.chat_model.calls) == MAX_REWRITES + 1


def test_where_a_turn_led_to_is_forgotten_by_the_next() -> None:
    thread: RunnableConfig = {"configurable": {"thread_id": "hops"}}
    parts = graph(REFUSAL, REFUSAL, "Hello!", talk=["Hi!"], checkpointer=InMemorySaver())
    parts.ask(ASKED, config=thread)
    assert QUERY in parts.graph.get_state(thread).values["leads"]
    parts.ask("Hi!", config=thread)
    assert parts.graph.get_state(thread).values["leads"] == []


def test_given_documents_are_all_that_is_read() -> None:
    parts = make_graph(REFUSAL)
    given = [{"id": "routes.md", "text": ROUTE.page_content}]
    state = parts.graph.invoke({"messages": [HumanMessage(ASKED)], "documents": given})
    assert state["abstained"]
    assert parts.retriever.queries == []
