"""However the graph is run, it gives the same answer, and a turn leaves nothing to the next."""

import asyncio
from collections import Counter
from typing import Any

import numpy as np
import pytest
from fakes import ScriptedChatModel
from graph_parts import FixedGate, FixedGrader, ListRetriever, Parts, make_graph
from langchain_core.documents import Document
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage, HumanMessage
from langchain_core.outputs import ChatResult
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from pydantic import Field
from run_parts import ANSWER, BOATS, DOGS, QUESTION, REWRITE, THREAD, plain_outcome, run
from word_verifier import WordVerifier

from app.ingest.splitter import ChunkSplitter
from graphs.errors import InvalidQuestion
from graphs.limits import Context
from graphs.prompts import REFUSAL
from graphs.rag import build_graph
from graphs.state import Question


@pytest.mark.parametrize("way", ["ainvoke", "stream", "astream"])
@pytest.mark.parametrize("reply", [ANSWER, "Pigeons carry letters to Peru."])
@pytest.mark.parametrize(
    "given",
    [
        {"messages": [{"role": "user", "content": QUESTION}]},
        Question(messages=[HumanMessage(QUESTION)]),
        {"messages": QUESTION, "documents": [{"id": "a", "text": BOATS.page_content}]},
    ],
    ids=["dict", "dataclass", "documents"],
)
async def test_every_way_to_run_gives_the_same_result(way: str, reply: str, given: Any) -> None:
    searches = [[DOGS], [BOATS]]

    def parts() -> Parts:
        replies = [reply] if isinstance(given, dict) and "documents" in given else [REWRITE, reply]
        return make_graph(*replies, searches=searches, grades={"boat": 0.9})

    expected = plain_outcome(parts().graph.invoke(given))
    assert expected["abstained"] == (reply != ANSWER)
    result = plain_outcome(await run(parts(), way, given))
    assert {key: result[key] for key in expected} == expected
    assert len(expected) == 13


@pytest.mark.parametrize("context", [None, {}, Context(), {"grade_threshold": None}])
def test_a_run_without_changes_keeps_the_limits_of_the_deployment(context: Any) -> None:
    parts = make_graph(found=[BOATS], max_rewrites=0, grade_threshold=0.95)
    assert parts.ask(QUESTION, context=context)["abstained"]
    assert len(parts.retriever.queries) == 1


@pytest.mark.parametrize("form", [dict, Context])
def test_a_run_can_change_every_limit(form: Any) -> None:
    strict: dict[str, Any] = {"max_rewrites": 0, "grade_threshold": 0.95}
    parts = make_graph(ANSWER, ANSWER, found=[BOATS], **strict)
    assert not parts.ask(QUESTION, context=form(grade_threshold=0.0))["abstained"]
    unsure = form(grade_threshold=0.0, support_threshold=1.0, unsupported="refuse")
    assert parts.ask(QUESTION, context=unsure)["abstained"]
    assert parts.ask(QUESTION)["abstained"], "one run's context outlived it"

    parts = make_graph(REWRITE, REWRITE, found=[DOGS], grades={}, max_rewrites=0)
    parts.ask(QUESTION, context=form(max_rewrites=2))
    assert len(parts.retriever.queries) == 3
    with pytest.raises(InvalidQuestion, match="more than 3 tokens"):
        parts.ask(QUESTION, context=form(max_question_tokens=3))

    parts = make_graph(ANSWER, found=[BOATS, DOGS], context_tokens=1_000)
    parts.ask(QUESTION, context=form(context_tokens=1))
    assert "Dogs" not in parts.chat_model.calls[0][-1].text


@pytest.mark.parametrize(
    ("knob", "value"),
    [("grade_threshold", 2), ("grade_threshold", "x"), ("context_tokens", -1),
     ("context_tokens", 10**9), ("passage_order", "bogus"), ("unsupported", "sing"),
     ("max_rewrites", 99), ("support_threshold", float("nan")), ("temperature", 1)],
)  # fmt: skip
def test_a_run_cannot_set_a_knob_out_of_its_bounds(knob: str, value: Any) -> None:
    with pytest.raises(ValueError, match=knob):
        make_graph(ANSWER, found=[BOATS]).ask(QUESTION, context={knob: value})


def test_clients_are_shown_each_knob_with_its_value_bounds_and_meaning() -> None:
    graph = make_graph(grade_threshold=0.25).graph
    schema = graph.get_context_jsonschema()
    assert schema is not None
    knobs = schema["properties"]
    bounds = {"type": "number", "minimum": 0, "maximum": 1}
    assert knobs["grade_threshold"].items() >= (bounds | {"default": 0.25}).items()
    assert all(knob["description"] for knob in knobs.values())
    assert "citations" in graph.get_output_jsonschema()["properties"]


@pytest.mark.parametrize("node", [None, "grade_documents", "verify_citations", "review"])
def test_a_state_can_be_written_from_outside_any_run(node: str | None) -> None:
    graph = make_graph(ANSWER, found=[BOATS], checkpointer=InMemorySaver()).graph
    graph.invoke({"messages": [("user", QUESTION)]}, THREAD)
    graph.update_state(THREAD, {"queries": ["boats"]}, as_node=node)
    assert graph.get_state(THREAD).values["queries"] == ["boats"]


def test_an_abstention_over_given_documents_leaves_nothing_to_the_next_turn() -> None:
    parts = make_graph(ANSWER, found=[BOATS], grades={"boat": 0.9}, checkpointer=InMemorySaver())
    bees = [{"id": "bees", "text": "Bees hum."}]
    assert parts.graph.invoke({"messages": QUESTION, "documents": bees}, THREAD)["abstained"]
    result = parts.ask("When does the last boat to Culvie leave?", config=THREAD)
    assert (result["origin"], result["abstained"]) == ("documents", False)
    assert [p.metadata["document"] for p in result["passages"]] == ["boats.md"]
    assert "abstain" not in result["timings_ms"]
    assert [message.text for message in result["messages"][:2]] == [QUESTION, REFUSAL]
    assert len(result["messages"]) == 4


def test_small_talk_after_an_answer_starts_from_nothing() -> None:
    talk = "Good morning, dear friendly ferry!"
    replies = [REWRITE, ANSWER, "Hello!"]
    parts = make_graph(
        *replies,
        searches=[[DOGS], [BOATS]],
        grades={"boat": 0.9},
        talk=[talk],
        checkpointer=InMemorySaver(),
    )
    first = parts.ask(QUESTION, config=THREAD)
    assert (len(first["citations"]), len(first["passages"])) == (1, 2)
    second = parts.ask(talk, config=THREAD)
    assert [message.text for message in second["messages"]] == [
        QUESTION,
        "The last boat leaves at 18:30. [1]",
        talk,
        "Hello!",
    ]
    assert second["citations"] == second["passages"] == []
    assert (second["route"], second["origin"]) == ("direct", "model")
    assert list(second["timings_ms"]) == ["route_question", "generate", "verify_citations"]
    assert second["tokens"]["completion"] == 1
    state = parts.graph.get_state(THREAD).values
    assert (state["rewrites"], state["context"], state["queries"]) == (0, [], [talk])
    assert not state.get("documents")


@pytest.mark.parametrize(
    ("grade", "replies"), [(0.9, ["Pigeons fly."]), (0.0, [])], ids=["unsupported", "irrelevant"]
)
def test_an_answered_turn_does_not_vouch_for_the_next(grade: float, replies: list[str]) -> None:
    grades = [0.9, grade]
    parts = make_graph(
        ANSWER,
        *replies,
        found=[BOATS],
        grades=lambda *_: grades.pop(0),
        max_rewrites=0,
        checkpointer=InMemorySaver(),
    )
    assert parts.ask(QUESTION, config=THREAD)["origin"] == "documents"
    result = parts.ask("Who keeps the hives on the southern shore?", config=THREAD)
    assert (result["origin"], result["abstained"], result["citations"]) == ("none", True, [])
    assert [message.text for message in result["messages"]][2:] == [
        "Who keeps the hives on the southern shore?",
        f"{REFUSAL} The nearest passage is in boats.md." if replies else REFUSAL,
    ]
    assert len(parts.graph.get_state(THREAD).values["context"]) == len(replies)


def test_documents_of_a_refused_question_are_not_used_for_the_next() -> None:
    parts = make_graph(ANSWER, found=[BOATS], checkpointer=InMemorySaver())
    with pytest.raises(InvalidQuestion):
        parts.graph.invoke({"messages": " ", "documents": [{"text": "Secret."}]}, THREAD)
    result = parts.ask(QUESTION, config=THREAD)
    assert [p.metadata["document"] for p in result["passages"]] == ["boats.md"]


PLAIN = {str, int, float, bool, type(None)}


def odd_types(value: Any) -> Counter[type]:
    """Count the types below a value that are no plain value, message or document."""
    if type(value) in PLAIN:
        return Counter()
    if type(value) in (list, tuple):
        return sum((odd_types(item) for item in value), Counter())
    if type(value) is dict:
        return sum((odd_types(item) for pair in value.items() for item in pair), Counter())
    if type(value) in (Document, HumanMessage, AIMessage):
        return odd_types(value.model_dump())
    return Counter([type(value)])


@pytest.mark.parametrize("reply", [ANSWER, "Pigeons carry letters to Peru."])
def test_the_state_is_plain_and_survives_strict_serialisation(reply: str) -> None:
    serializer = JsonPlusSerializer(pickle_fallback=False, allowed_msgpack_modules=None)
    parts = make_graph(
        REWRITE,
        reply,
        searches=[[DOGS], [BOATS]],
        grades=lambda _, text: np.float32("boat" in text),  # as graders compute
        checkpointer=InMemorySaver(serde=serializer),
    )
    parts.ask(QUESTION, config=THREAD)
    history = list(parts.graph.get_state_history(THREAD))
    assert len(history) == 10 + (reply != ANSWER)
    for snapshot in history:
        assert odd_types(snapshot.values) == Counter()
        kind, stored = serializer.dumps_typed(snapshot.values)
        assert kind == "msgpack"
        assert serializer.loads_typed((kind, stored)) == snapshot.values
    assert parts.graph.get_state(THREAD).values["messages"][-1].id


@pytest.mark.parametrize("reply", [ANSWER, "Pigeons carry letters to Peru."])
async def test_only_the_answer_is_streamed_to_chat_clients(reply: str) -> None:
    def parts() -> Parts:
        searches = [[DOGS], [BOATS]]
        return make_graph(REWRITE, reply, searches=searches, grades={"boat": 0.9})

    given = {"messages": QUESTION}
    events = [e async for e in parts().graph.astream(given, stream_mode="messages")]
    for seen in (events, list(parts().graph.stream(given, stream_mode="messages"))):
        chunks = [message for message, _ in seen if isinstance(message, AIMessageChunk)]
        assert {metadata["langgraph_node"] for _, metadata in seen} == {"generate"}
        assert len(chunks) >= len(reply.split())
        assert "".join(chunk.text for chunk in chunks) == reply
        assert len({chunk.id for chunk in chunks}) == 1


def test_a_refusal_without_an_answer_is_sent_once_and_whole() -> None:
    parts = make_graph(found=[DOGS], grades={}, max_rewrites=0)
    [(message, metadata)] = parts.graph.stream({"messages": QUESTION}, stream_mode="messages")
    assert (message.text, metadata["langgraph_node"]) == (REFUSAL, "abstain")


class EndlessChatModel(ScriptedChatModel):
    """Never replies; notes that it was cancelled."""

    events: list[str] = Field(default_factory=list)

    async def _agenerate(self, messages: list[BaseMessage], *_: Any, **__: Any) -> ChatResult:
        self.events.append("started")
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            self.events.append("cancelled")
            raise
        raise AssertionError("was never cancelled")


async def test_cancelling_a_run_cancels_the_model() -> None:
    model = EndlessChatModel(replies=[])
    graph = build_graph(
        retriever=ListRetriever(searches=[[BOATS]]),
        chat_model=model,
        grader=FixedGrader({"": 1.0}),
        gate=FixedGate(),
        verifier=WordVerifier(),
        splitter=ChunkSplitter(200, 0),
    )
    task = asyncio.create_task(graph.ainvoke({"messages": QUESTION}))
    while not model.events and not task.done():
        await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert model.events == ["started", "cancelled"]
