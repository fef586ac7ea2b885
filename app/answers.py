"""The JSON contract of `ask`, filled from what the graph returns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NotRequired, TypedDict, cast

from langchain_core.documents import Document
from langchain_core.messages import AIMessageChunk, AnyMessage, HumanMessage
from langchain_core.messages.utils import convert_to_messages

from app.errors import UserError
from app.rankings import to_hit
from graphs.state import Citation, Origin, Question, Route

Turn = Mapping[str, str]
"""{"role": "user" or "assistant", "content"}."""


class Passage(TypedDict):
    """A chunk that was retrieved or given, and what was thought of it."""

    document: str
    chunk: str
    score: float
    """Orders the passages of one search; says nothing across questions."""
    grade: float
    """Probability that it helps to answer, 0 to 1."""
    text: str
    changed: NotRequired[str]
    """When the document's file was last changed, as of its ingestion; absent if unknown."""


class Identity(TypedDict):
    """What answers depend on besides the question."""

    model: str
    adapter: str | None
    index: str | None
    """Version of the index that was searched; None where none was."""


class Answer(Identity):
    """One answered question."""

    id: str
    question: str
    answer: str
    """`[n]` in it is the n-th citation, counted from 1."""
    abstained: bool
    """Whether it says only that it does not know."""
    origin: Origin
    """What the answer rests on: the documents, the model's own knowledge, or nothing."""
    route: Route
    citations: list[Citation]
    documents: list[Passage]
    """What was retrieved or given, the best grade first, whether cited or not."""
    timings_ms: dict[str, float]
    """Milliseconds by step of the workflow; those of repeated steps added up."""
    tokens: dict[str, int]
    """`prompt` and `completion` of all replies that were written; grades are not counted."""
    removed: int
    """Claims that were left out, or marked, for want of support."""
    confidence: float | None
    """Least probability among the claims that were kept."""
    conflicts: NotRequired[list[Citation]]
    """What other documents say in the answer's place; absent where none does."""
    parts: NotRequired[list[str]]
    """The questions that were answered; absent where that is the one asked."""
    borrowed: NotRequired[list[str]]
    """What judged with weights that were fitted for another model; absent where nothing did."""
    answered_by: NotRequired[str]
    """The fallback model that answered in the model's place; absent where it did not."""


def to_answer(
    state: dict[str, Any],
    *,
    id_: str,
    question: str,
    identity: Identity,
    borrowed: Sequence[str] = (),
    answered_by: str = "",
) -> Answer:
    """Write the graph's output in the form of the contract."""
    answer = Answer(
        id=id_,
        question=question,
        answer=state["messages"][-1].text,
        abstained=state["abstained"],
        origin=state["origin"],
        route=state["route"],
        citations=state["citations"],
        documents=[to_passage(passage) for passage in state["passages"]],
        timings_ms=state["timings_ms"],
        tokens={"prompt": 0, "completion": 0, **state["tokens"]},
        removed=state["removed"],
        confidence=state["confidence"],
        conflicts=state["conflicts"],
        parts=state["parts"],
        borrowed=list(borrowed),
        answered_by=answered_by,
        **identity,
    )
    if not state["conflicts"]:
        del answer["conflicts"]
    if not state["parts"]:
        del answer["parts"]
    if not borrowed:
        del answer["borrowed"]
    if not answered_by:
        del answer["answered_by"]
    return answer


def to_passage(passage: Document) -> Passage:
    """Write a graded passage in the form of the contract."""
    hit = to_hit(passage, passage.metadata["score"])
    told = Passage(
        document=hit["document"],
        chunk=hit["chunk"],
        score=hit["score"],
        grade=passage.metadata["grade"],
        text=hit["text"],
    )
    if "changed" in hit:
        told["changed"] = hit["changed"]
    return told


def graph_input(
    question: str, history: Sequence[Turn], documents: Sequence[Mapping[str, str]]
) -> Question:
    """Write a question as the graph's input; raises UserError for a malformed history."""
    try:
        turns = convert_to_messages([dict(turn) for turn in history])
    except (ValueError, TypeError, NotImplementedError) as error:
        raise UserError(
            "the history must be a list of {'role': 'user' or 'assistant', 'content': text}"
        ) from error
    messages = cast(list[AnyMessage], [*turns, HumanMessage(question)])
    return Question(messages=messages, documents=[dict(document) for document in documents])


def streamed_text(event: Any) -> str:
    """Return the part of the answer that a `messages` event carries, if any."""
    message, metadata = event
    written = isinstance(message, AIMessageChunk) and metadata["langgraph_node"] == "generate"
    return message.text if written else ""
