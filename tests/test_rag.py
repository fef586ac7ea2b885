"""Each way through the graph ends where the drawing says, with every field of the answer filled."""

import asyncio
from graphlib import TopologicalSorter
from typing import Any

import pytest
from boat_parts import (
    ANSWER,
    ANSWERED,
    BOATS,
    CITATION,
    DOGS,
    QUESTION,
    SEARCHED,
    outcome,
    prompt_tokens,
)
from graph_parts import make_graph, passage
from langchain_core.documents import Document
from langchain_core.messages import AIMessage, HumanMessage

from app.models.extractor import ReaderExtractor
from app.models.line_reader import LineReader
from graphs.limits import MAX_REWRITES, Limits
from graphs.prompts import REFUSAL, recall
from graphs.rag import REPEATED, most_steps, timed
from graphs.state import State


def test_the_graph_has_exactly_the_edges_of_the_drawing() -> None:
    edges = {(edge.source, edge.target) for edge in make_graph().graph.get_graph().edges}
    assert edges == {
        ("__start__", "route_question"),
        ("__start__", "answer_halves"),
        ("answer_halves", "abstain"),
        ("answer_halves", "review"),
        ("answer_halves", "__end__"),
        ("route_question", "generate"),
        ("route_question", "retrieve"),
        ("route_question", "grade_documents"),
        ("retrieve", "grade_documents"),
        ("grade_documents", "generate"),
        ("grade_documents", "name_described"),
        ("grade_documents", "transform_query"),
        ("grade_documents", "abstain"),
        ("name_described", "transform_query"),
        ("name_described", "abstain"),
        ("transform_query", "retrieve"),
        ("generate", "verify_citations"),
        ("verify_citations", "abstain"),
        ("verify_citations", "name_described"),
        ("verify_citations", "transform_query"),
        ("verify_citations", "review"),
        ("verify_citations", "__end__"),
        ("review", "abstain"),
        ("review", "__end__"),
        ("abstain", "__end__"),
    }


def test_the_recursion_limit_grows_with_the_nodes_and_with_the_loop() -> None:
    graph = make_graph().graph
    limit = most_steps(graph)
    assert graph.config is not None
    assert graph.config["recursion_limit"] == limit
    builder = graph.builder
    builder.add_node("rerank", timed(lambda _: {}))
    builder.add_edge("transform_query", "rerank")
    builder.add_edge("rerank", "retrieve")
    assert most_steps(builder.compile()) == limit + 1 + MAX_REWRITES


def test_every_loop_leads_through_the_step_that_the_budget_counts() -> None:
    drawn = make_graph().graph.get_graph()
    before: dict[str, set[str]] = {name: set() for name in drawn.nodes if name != REPEATED}
    for edge in drawn.edges:
        if REPEATED not in (edge.source, edge.target):
            before[edge.target].add(edge.source)
    assert len(list(TopologicalSorter(before).static_order())) == len(drawn.nodes) - 1


def test_an_answered_question_comes_with_its_citation() -> None:
    parts = make_graph(ANSWER, found=[DOGS, BOATS], grades={"boat": 0.9, "Dogs": 0.2})
    result = parts.ask(QUESTION)
    text = "The last boat leaves at 18:30. [1]"
    assert outcome(result) == ("retrieve", "documents", False, text)
    assert result["citations"] == [CITATION]
    question, answer = result["messages"]
    assert isinstance(question, HumanMessage)
    assert isinstance(answer, AIMessage)
    assert answer.additional_kwargs["citations"] == [CITATION]
    assert answer.response_metadata["finish_reason"] == "stop"
    assert [(p.id, p.metadata["grade"]) for p in result["passages"]] == [
        ("boats.md@100", 0.9),
        ("dogs.md@0", 0.2),
    ]
    assert list(result["timings_ms"]) == ANSWERED
    assert all(ms >= 0 for ms in result["timings_ms"].values())
    assert result["tokens"] == {"prompt": prompt_tokens(parts.chat_model.calls), "completion": 7}
    assert parts.retriever.queries == [QUESTION]


def test_small_talk_is_answered_by_the_model_alone() -> None:
    parts = make_graph("Hello to you [1]!", talk=["Hello!"], found=[BOATS])
    result = parts.ask("Hello!")
    assert outcome(result) == ("direct", "model", False, "Hello to you!")
    assert result["citations"] == result["passages"] == []
    assert len(result["messages"]) == 2
    assert list(result["timings_ms"]) == ["route_question", "generate", "verify_citations"]
    assert result["tokens"]["completion"] == 4
    assert parts.retriever.queries == parts.grader.calls == []


def test_what_is_known_by_heart_is_answered_without_a_search_or_refused() -> None:
    parts = make_graph("At 18:30 [1].", REFUSAL, known=[QUESTION], found=[BOATS])
    assert outcome(parts.ask(QUESTION)) == ("direct", "model", False, "At 18:30.")
    assert outcome(parts.ask(QUESTION)) == ("direct", "none", True, REFUSAL)
    assert parts.chat_model.calls == [recall(QUESTION)] * 2
    assert parts.retriever.queries == []


@pytest.mark.parametrize(
    "reply",
    [
        "I don't know based on the provided documents",
        "**i don't know based on the provided documents.** [1, 2]",
        "I don’t know based on the provided documents.",
    ],
)
def test_the_weights_refuse_in_any_form(reply: str) -> None:
    for knows in ({"known": [QUESTION]}, {"talk": [QUESTION]}):
        parts = make_graph(reply, found=[BOATS], **knows)
        assert outcome(parts.ask(QUESTION)) == ("direct", "none", True, REFUSAL)


@pytest.mark.parametrize("reply", ["", " \n", "[1]", "【2†source】 [1]"])
def test_a_reply_that_says_nothing_is_no_answer_of_the_weights(reply: str) -> None:
    for knows in ({"known": [QUESTION]}, {"talk": [QUESTION]}):
        parts = make_graph(reply, found=[BOATS], **knows)
        assert outcome(parts.ask(QUESTION)) == ("direct", "none", True, REFUSAL)


async def test_what_the_gate_heard_from_the_weights_is_not_asked_again() -> None:
    heard = AIMessage(
        "At 18:30 [1].", usage_metadata={"input_tokens": 7, "output_tokens": 3, "total_tokens": 10}
    )
    parts = make_graph(ANSWER, known=[QUESTION], recalled={QUESTION: heard}, found=[BOATS])
    result = parts.ask(QUESTION)
    assert outcome(result) == ("direct", "model", False, "At 18:30.")
    assert result["tokens"] == {"prompt": 7, "completion": 3}
    later = await parts.graph.ainvoke({"messages": [HumanMessage(QUESTION)]})
    assert outcome(later) == outcome(result)
    assert parts.chat_model.calls == []
    # What was heard is no answer where documents are needed after all, or given.
    parts = make_graph(ANSWER, recalled={QUESTION: heard}, found=[BOATS])
    assert outcome(parts.ask(QUESTION))[:2] == ("retrieve", "documents")


def test_worked_examples_stand_before_a_grounded_question_alone() -> None:
    shots = [HumanMessage("Who?"), AIMessage("Anna [1]")]
    parts = make_graph(ANSWER, "Hi!", found=[BOATS], shots=shots, talk=["Hello!"])
    parts.ask(QUESTION)
    parts.ask("Hello!")
    grounded, talk = parts.chat_model.calls
    assert grounded[:2] == shots
    assert len(grounded) == 3
    assert all(shot not in talk for shot in shots)


@pytest.mark.parametrize("budget", [0, 1, 3, MAX_REWRITES])
def test_a_search_that_finds_nothing_relevant_ends_by_its_budget(budget: int) -> None:
    parts = make_graph(*["boat leave last"] * budget, found=[DOGS], grades={}, max_rewrites=budget)
    result = parts.ask(QUESTION)
    assert outcome(result) == ("retrieve", "none", True, REFUSAL)
    assert result["citations"] == []
    assert len(result["messages"]) == 2
    assert len(parts.retriever.queries) == budget + 1
    assert len(parts.chat_model.calls) == budget
    assert len(parts.grader.calls) == 1, "a passage found again was graded again"
    rewrites = ["transform_query"] if budget else []
    assert list(result["timings_ms"]) == [*SEARCHED, *rewrites, "abstain"]
    assert result["tokens"].get("completion", 0) == 3 * budget


@pytest.mark.parametrize("budget", [-1, 21])
def test_a_rewrite_budget_beyond_the_recursion_limit_is_refused(budget: int) -> None:
    with pytest.raises(ValueError, match="max_rewrites"):
        make_graph().ask(QUESTION, context={"max_rewrites": budget})
    with pytest.raises(ValueError, match="max_rewrites"):
        Limits(max_rewrites=budget)


def test_a_rewrite_that_finds_the_passage_leads_to_an_answer() -> None:
    searches = [[DOGS], [DOGS, BOATS]]
    grades = {"boat": 0.9}
    parts = make_graph("last boat leave departure", ANSWER, searches=searches, grades=grades)
    result = parts.ask(QUESTION)
    assert outcome(result)[:3] == ("retrieve", "documents", False)
    assert parts.retriever.queries == [QUESTION, "last boat leave departure"]
    assert [question for question, _ in parts.grader.calls] == [QUESTION, QUESTION]
    assert [len(passages) for _, passages in parts.grader.calls] == [1, 1]
    assert [p.id for p in result["passages"]] == ["boats.md@100", "dogs.md@0"]
    expected = [*SEARCHED, "transform_query", "generate", "verify_citations"]
    assert list(result["timings_ms"]) == expected
    assert result["tokens"]["prompt"] == prompt_tokens(parts.chat_model.calls)
    assert result["tokens"]["completion"] == 4 + 7


@pytest.mark.parametrize("reply", ["Pigeons carry letters to Peru [1].", REFUSAL, ""])
def test_an_unsupported_answer_is_withdrawn(reply: str) -> None:
    parts = make_graph(reply, found=[BOATS])
    updates = list(parts.graph.stream({"messages": QUESTION}, stream_mode="updates"))
    written = {node: update for event in updates for node, update in event.items()}
    withdrawn, refusal = (written[node]["messages"][-1] for node in ("generate", "abstain"))
    assert withdrawn.text == reply
    nearest = " The nearest passage is in boats.md." if "Pigeons" in reply else ""
    assert refusal.text == REFUSAL + nearest
    assert refusal.id == withdrawn.id is not None

    result = make_graph(reply, found=[BOATS]).ask(QUESTION)
    assert outcome(result) == ("retrieve", "none", True, REFUSAL + nearest)
    assert result["citations"] == []
    assert [type(message) for message in result["messages"]] == [HumanMessage, AIMessage]
    assert "citations" not in result["messages"][-1].additional_kwargs
    assert list(result["timings_ms"]) == [*ANSWERED, "abstain"]


@pytest.fixture(scope="module")
def extractor() -> ReaderExtractor:
    return ReaderExtractor(LineReader())


@pytest.mark.parametrize("how", ["sync", "async"])
@pytest.mark.parametrize("reply", ["Pigeons carry letters [1].", "At 19:45 [1]."])
async def test_where_nothing_is_left_a_passage_is_quoted(
    extractor: ReaderExtractor, how: str, reply: str
) -> None:
    parts = make_graph(reply, found=[BOATS], extractor=extractor)
    asked = {"messages": QUESTION}
    sync = how == "sync"
    result = (
        await asyncio.to_thread(parts.ask, QUESTION) if sync else await parts.graph.ainvoke(asked)
    )
    assert outcome(result) == ("retrieve", "documents", False, "18:30 [1]")
    assert (result["citations"], result["removed"]) == ([CITATION], 1)


@pytest.mark.parametrize(
    ("reply", "answer", "removed"),
    [
        ("The last boat of the week leaves daily [1].", "18:30 [1]", 1),
        ("The last boat of the week leaves at 18:30 [1].", None, 0),
        ("Yes, the last boat of the week leaves daily [1].", None, 0),
        ("The last boat leaves daily [1]. Boats of the week run daily [1].", None, 0),
    ],
)
def test_a_quote_with_more_support_replaces_one_claim_that_says_something_else(
    extractor: ReaderExtractor, reply: str, answer: str | None, removed: int
) -> None:
    limits = {"support_threshold": 0.2}
    result = make_graph(reply, found=[BOATS], extractor=extractor, **limits).ask(QUESTION)
    kept = make_graph(reply, found=[BOATS], **limits).ask(QUESTION)
    assert not kept["abstained"]
    assert result["messages"][-1].text == (answer or kept["messages"][-1].text)
    assert result["removed"] == kept["removed"] + removed


@pytest.mark.parametrize(
    ("question", "fallen", "supported"),
    [
        ("When does the last boat leave the old stone harbour?", "18:30", "daily"),
        ("When does the last boat to Ulva leave?", "I don't know", "I don't know"),
    ],
)
def test_words_that_fit_a_question_less_replace_nothing_that_is_supported(
    extractor: ReaderExtractor, question: str, fallen: str, supported: str
) -> None:
    for reply, said in (
        ("Pigeons carry letters [1].", fallen),
        ("The last boat leaves daily [1].", supported),
    ):
        parts = make_graph(reply, found=[BOATS], extractor=extractor, support_threshold=0.2)
        assert said in parts.ask(question)["messages"][-1].text


@pytest.mark.parametrize("how", ["sync", "async"])
async def test_what_another_document_says_in_an_answers_place_is_shown(
    extractor: ReaderExtractor, how: str
) -> None:
    later = passage("poster.md", BOATS.page_content.replace("18:30", "20:15"))
    parts = make_graph(*[ANSWER] * 3, found=[BOATS, later, DOGS], extractor=extractor)
    asked = {"messages": QUESTION}
    sync = how == "sync"
    result = (
        await asyncio.to_thread(parts.ask, QUESTION) if sync else await parts.graph.ainvoke(asked)
    )
    assert [citation["document"] for citation in result["citations"]] == ["boats.md"]
    (conflict,) = result["conflicts"]
    assert conflict["document"] == "poster.md"
    assert "20:15" in conflict["quote"]
    assert result["messages"][-1].additional_kwargs["conflicts"] == [conflict]
    agreeing = passage("poster.md", BOATS.page_content)
    assert (
        make_graph(ANSWER, found=[BOATS, agreeing], extractor=extractor).ask(QUESTION)["conflicts"]
        == []
    )


@pytest.mark.parametrize(
    ("reply", "limits"),
    [('{"leaves": "never"}', {}), ("Never.", {"unsupported": "refuse"}), (REFUSAL, {})],
)
def test_no_quote_stands_for_a_record_or_a_refusal_or_where_all_is_to_be_refused(
    extractor: ReaderExtractor, reply: str, limits: dict[str, Any]
) -> None:
    result = make_graph(reply, found=[BOATS], extractor=extractor, **limits).ask(QUESTION)
    assert (result["abstained"], result["removed"]) == (True, int(reply != REFUSAL))


def test_milliseconds_of_repeated_visits_add_up_and_a_new_turn_starts_at_zero() -> None:
    def retrieve(state: State) -> dict[str, Any]:
        return {}

    def route_question(state: State) -> dict[str, Any]:
        return {}

    before = State(timings_ms={"retrieve": 1_000.0, "abstain": 5.0})
    again = timed(retrieve).invoke(before)["timings_ms"]
    assert list(again) == ["retrieve", "abstain"]
    assert 1_000 <= again["retrieve"] < 2_000
    anew = timed(route_question).invoke(before)["timings_ms"]
    assert list(anew) == ["route_question"]
    assert 0 <= anew["route_question"] < 1_000


def test_passages_without_an_id_are_told_apart_by_their_text() -> None:
    searches = [[Document("A cat.")], [Document("A cat."), Document("The last boat.")]]
    parts = make_graph("last boat", searches=searches, grades={})
    result = parts.ask(QUESTION)
    assert [p.page_content for p in result["passages"]] == ["A cat.", "The last boat."]
