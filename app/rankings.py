"""The JSON contract of `search`, filled from what the index returns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NotRequired, TypedDict

from langchain_core.documents import Document


class Hit(TypedDict):
    """One ranked chunk."""

    document: str
    chunk: str
    page: int | None
    start: int
    end: int
    score: float
    text: str
    also: NotRequired[list[str]]
    """Other documents that hold the same text; absent where none does."""
    changed: NotRequired[str]
    """When the document's file was last changed, as of its ingestion; absent if unknown."""


class SearchResult(TypedDict):
    """One search."""

    id: str
    question: str
    results: list[Hit]


def to_hit(chunk: Document, score: float) -> Hit:
    """Write a ranked chunk in the form of the contract."""
    start = chunk.metadata.get("start", 0)
    hit = Hit(
        document=chunk.metadata["document"],
        chunk=str(chunk.id),
        page=chunk.metadata.get("page"),
        start=start,
        end=chunk.metadata.get("end", start + len(chunk.page_content)),
        score=round(score, 6),
        text=chunk.page_content,
    )
    if also := chunk.metadata.get("also"):
        hit["also"] = also
    if changed := chunk.metadata.get("changed"):
        hit["changed"] = changed
    return hit


def to_search_result(
    scored: Sequence[tuple[Document, float]], *, id_: str, question: str
) -> SearchResult:
    """Write a ranking in the form of the contract."""
    hits = [to_hit(chunk, score) for chunk, score in scored]
    return SearchResult(id=id_, question=question, results=hits)
