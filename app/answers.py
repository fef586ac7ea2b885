"""The JSON contracts of `ask` and `search`, filled from what the graph and the index return."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypedDict

from langchain_core.documents import Document

from graphs.state import Citation, Origin, Route


class Passage(TypedDict):
    """A chunk that was retrieved or given, and what was thought of it."""

    document: str
    chunk: str
    score: float
    grade: float
    text: str


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
    abstained: bool
    origin: Origin
    route: Route
    citations: list[Citation]
    documents: list[Passage]
    timings_ms: dict[str, float]
    tokens: dict[str, int]


class Hit(TypedDict):
    """One ranked chunk."""

    document: str
    chunk: str
    score: float
    text: str


class SearchResult(TypedDict):
    """One search."""

    id: str
    question: str
    results: list[Hit]


def to_answer(state: dict[str, Any], *, id_: str, question: str, identity: Identity) -> Answer:
    """Write the graph's output in the form of the contract."""
    return Answer(
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
        **identity,
    )


def to_passage(passage: Document) -> Passage:
    """Write a graded passage in the form of the contract."""
    hit = to_hit(passage, passage.metadata["score"])
    return Passage(
        document=hit["document"],
        chunk=hit["chunk"],
        score=hit["score"],
        grade=passage.metadata["grade"],
        text=hit["text"],
    )


def to_hit(chunk: Document, score: float) -> Hit:
    """Write a ranked chunk in the form of the contract."""
    return Hit(
        document=chunk.metadata["document"],
        chunk=str(chunk.id),
        score=round(score, 6),
        text=chunk.page_content,
    )


def to_search_result(
    found: Sequence[tuple[Document, float]], *, id_: str, question: str
) -> SearchResult:
    """Write a ranking in the form of the contract."""
    hits = [to_hit(chunk, score) for chunk, score in found]
    return SearchResult(id=id_, question=question, results=hits)
