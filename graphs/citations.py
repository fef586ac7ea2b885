"""Check an answer against the passages it was given, and resolve what supports it to spans.

Deterministic, so that safety does not rest on a clever model: what no passage says is taken out,
and a citation exists only where a sentence of a passage supports the claim.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from langchain_core.documents import Document

from graphs.state import Citation
from graphs.support import Support, find_support
from graphs.text import sentences, words

MARKER = re.compile(r"\s*\[(\d+(?:\s*,\s*\d+)*)\]")
LIST_NUMBER = re.compile(r"\d+[.)]")


@dataclass(frozen=True)
class CheckedAnswer:
    """What is left of an answer after the check: nothing when no claim was supported."""

    text: str
    citations: list[Citation]


def check_answer(
    answer: str,
    *,
    question: str,
    passages: Sequence[Document],
    threshold: float,
    named_in: str | None = None,
) -> CheckedAnswer:
    """Keep the claims that a passage supports and cite each; drop the rest.

    A claim's own `[n]` is tried first, then every passage. `[n]` in the result counts in the
    result's citations, from 1. `named_in` is the part of the question whose names must hold.
    """
    kept: list[str] = []
    citations: list[Citation] = []
    for claim, cited in dict(claims(answer)).items():  # weak models repeat themselves
        support = find_support(
            claim, cited, question=question, passages=passages, named_in=named_in
        )
        if support is None or support.share < threshold:
            continue
        citation = cite(passages[support.passage], support)
        if citation not in citations:
            citations.append(citation)
        kept.append(f"{claim} [{citations.index(citation) + 1}]")
    return CheckedAnswer(" ".join(kept), citations)


def claims(answer: str) -> list[tuple[str, list[int]]]:
    """Split an answer into sentences without their markers, and the passages each one cites."""
    found: list[tuple[str, list[int]]] = []
    # A marker after the full stop belongs to the sentence before it.
    tidy = re.sub(rf"([.!?])((?:{MARKER.pattern})+)", r"\2\1", answer)
    for start, end in sentences(tidy):
        sentence = tidy[start:end]
        text = MARKER.sub("", sentence).strip()
        numbers = ",".join(match[1] for match in MARKER.finditer(sentence))
        cited = [int(number) - 1 for number in numbers.split(",") if number]
        if words(text) and not LIST_NUMBER.fullmatch(text):
            found.append((text, cited))
        elif found:
            found[-1][1].extend(cited)
    return found


def without_cut_end(answer: str) -> str:
    """Leave out the last sentence of an answer that reached its token limit, unless it is all."""
    spans = sentences(answer)
    if len(spans) < 2:
        return answer
    end = spans[-2][1]
    markers = re.compile(rf"(?:{MARKER.pattern})*").match(answer, end)
    return answer[: markers.end() if markers else end]


def without_markers(answer: str) -> str:
    """Remove every `[n]`, for replies that rest on no document."""
    return MARKER.sub("", answer).strip()


def cite(passage: Document, support: Support) -> Citation:
    """Resolve a support to its place in the document that the passage was taken from."""
    offset = int(passage.metadata.get("start", 0))
    return Citation(
        document=str(passage.metadata["document"]),
        chunk=str(passage.id),
        page=passage.metadata.get("page"),
        start=offset + support.start,
        end=offset + support.end,
        quote=passage.page_content[support.start : support.end],
    )
