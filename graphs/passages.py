"""Prepare passages: take in given documents, name their place, and fit them into the prompt."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from itertools import zip_longest
from typing import Any

from langchain_core.documents import BaseDocumentTransformer, Document
from pydantic import ValidationError

from graphs import prompts
from graphs.errors import InvalidQuestion
from graphs.limits import Order

MAX_GIVEN = 64  # passages; each is graded by the model, which takes minutes for a whole book
RRF_K = 60  # given documents are one ranking, scored as a search with one ranking would be


def given_documents(documents: Sequence[Any], splitter: BaseDocumentTransformer) -> list[Document]:
    """Turn what the caller gave into passages whose spans count in the given texts.

    Raises InvalidQuestion for what is no document, for empty ones, and for too many.
    """
    whole = [_document(item, at) for at, item in enumerate(documents)]
    passages = list(splitter.transform_documents(whole)) if whole else []
    if whole and not passages:
        raise InvalidQuestion("the given documents are empty: give their text, or none to search")
    if len(passages) > MAX_GIVEN:
        raise InvalidQuestion(
            f"the given documents make {len(passages):,} passages, more than {MAX_GIVEN}: ingest "
            "them, then ask without giving them"
        )
    for rank, passage in enumerate(passages, start=1):
        text = (
            f"{passage.metadata['document']}\0{passage.metadata['start']}\0{passage.page_content}"
        )
        # JSON may hold half a surrogate pair.
        passage.id = hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:16]
        passage.metadata |= {"score": round(1 / (RRF_K + rank), 6), "given": True}
    return passages


def interleaved(rankings: Sequence[Sequence[Document]]) -> list[Document]:
    """Take turns among rankings, as many passages in all as the longest has."""
    unique = {key(p): p for ranks in zip_longest(*rankings) for p in ranks if p is not None}
    return list(unique.values())[: max(map(len, rankings))]


def added(known: Sequence[Document], new: Sequence[Document]) -> list[Document]:
    """Add found passages that are not known yet."""
    before = {key(passage) for passage in known}
    return [*known, *(passage for passage in new if key(passage) not in before)]


def key(passage: Document) -> tuple[str | None, str]:
    """Tell passages apart; callers' may lack an id."""
    return passage.id, passage.page_content


def ungraded(passages: Sequence[Document]) -> list[str]:
    """Return the passages that have no grade yet, as the model reads them."""
    return [place(passage) for passage in passages if "grade" not in passage.metadata]


def ranked(passages: Sequence[Document], grades: Sequence[float]) -> list[Document]:
    """Order passages by grade, given the grades of those that had none."""
    old = [passage for passage in passages if "grade" in passage.metadata]
    new = [passage for passage in passages if "grade" not in passage.metadata]
    all_ = [*old, *(_graded(p, grade) for p, grade in zip(new, grades, strict=True))]
    return sorted(all_, key=lambda passage: -passage.metadata["grade"])


def _graded(passage: Document, grade: float) -> Document:
    """Copy a passage with its grade; whoever else holds the passage sees none."""
    metadata = {**passage.metadata, "grade": round(float(grade), 4)}
    return passage.model_copy(update={"metadata": metadata})


def place(passage: Document) -> str:
    """Write a passage as the model reads it: under its document's name, section and header."""
    parts = (str(passage.metadata.get("document", "")), str(passage.metadata.get("section") or ""))
    header = passage.metadata.get("header")
    text = f"{header}\n{passage.page_content}" if header else passage.page_content
    return prompts.passage(text, heading=" > ".join(p for p in parts if p))


def select_context(
    passages: Sequence[Document], *, budget: int, count: Callable[[str], int], order: Order = "ends"
) -> list[Document]:
    """Take passages, best first, while their tokens fit; the best one is always taken.

    Returned in `order`: "ends" puts the best first and the second best last, because models read
    the middle of a prompt worst (Liu et al., "Lost in the Middle", TACL 2024).
    """
    chosen: list[Document] = []
    for passage in passages:
        budget -= count(place(passage))
        if chosen and budget < 0:
            break
        chosen.append(passage)
    match order:
        case "ends":
            return chosen[::2] + chosen[1::2][::-1]
        case "best-first":
            return chosen
        case "best-last":
            return chosen[::-1]


def _document(item: Any, at: int) -> Document:
    if isinstance(item, Document):
        name = item.metadata.get("document") or item.id or f"document {at + 1}"
        metadata = {**item.metadata, "document": name, "start": 0}
        metadata.pop("grade", None)  # of another question
        return Document(item.page_content, metadata=metadata)
    if isinstance(item, dict) and isinstance(item.get("page_content"), str):
        return _document(_rebuilt(item, at), at)
    if not isinstance(item, dict) or not isinstance(item.get("text"), str):
        raise InvalidQuestion(
            f"document {at + 1} is {str(item)[:60]!r}: give each as {{'id': ..., 'text': ...}}"
        )
    name = str(item.get("id", f"document {at + 1}"))
    return Document(item["text"], metadata={"document": name, "start": 0})


def _rebuilt(item: dict[str, Any], at: int) -> Document:
    """Make a Document of what one looks like in JSON."""
    metadata = item.get("metadata") or {}
    try:
        return Document(item["page_content"], id=item.get("id"), metadata=metadata)
    except ValidationError as error:
        raise InvalidQuestion(
            f"document {at + 1} has 'id' or 'metadata' of the wrong type: give text as 'id' and "
            "an object as 'metadata'"
        ) from error
