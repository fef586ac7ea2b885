"""Check an answer against the passages it was given, and resolve what supports it to spans.

Deterministic, so that safety does not rest on a clever model: what no passage says is taken out,
and a citation exists only where a sentence of a passage supports the claim.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from langchain_core.documents import Document

from graphs.state import Citation
from graphs.text import content, is_number, names, sentences, stem, words

MARKER = re.compile(r"\s*\[(\d+)\]")
LIST_NUMBER = re.compile(r"\d+[.)]")
YES_NO = re.compile(
    r"(?:is|are|was|were|do|does|did|can|could|may|must|shall|should|will|would|has|have|am)\b",
    re.IGNORECASE,
)
FRAME = frozenset(("answe", "accor", "passa", "quest", "docum", "text", "state", "follo"))
"""Stems that speak about answering ("The answer is ..."), not about the subject."""


@dataclass(frozen=True)
class Support:
    """The sentence of a passage that supports a claim best."""

    passage: int
    """Index of the passage in the context."""
    start: int
    end: int
    """Span of the sentence in the passage's text."""
    share: float
    """Share of the claim's content that the sentence contains, 0 to 1."""


@dataclass(frozen=True)
class CheckedAnswer:
    """What is left of an answer after the check: nothing when no claim was supported."""

    text: str
    citations: list[Citation]


def check_answer(
    answer: str, *, question: str, passages: Sequence[Document], threshold: float
) -> CheckedAnswer:
    """Keep the claims that a passage supports and cite each; drop the rest.

    A claim's own `[n]` is tried first, then every passage. `[n]` in the result counts in the
    result's citations, from 1.
    """
    kept: list[str] = []
    citations: list[Citation] = []
    for claim, cited in dict(claims(answer)).items():  # weak models repeat themselves
        support = find_support(claim, cited, question=question, passages=passages)
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
    tidy = re.sub(r"([.!?])((?:\s*\[\d+\])+)", r"\2\1", answer)
    for start, end in sentences(tidy):
        sentence = tidy[start:end]
        text = MARKER.sub("", sentence).strip()
        cited = [int(number) - 1 for number in MARKER.findall(sentence)]
        if words(text) and not LIST_NUMBER.fullmatch(text):
            found.append((text, cited))
        elif found:
            found[-1][1].extend(cited)
    return found


def without_markers(answer: str) -> str:
    """Remove every `[n]`, for replies that rest on no document."""
    return MARKER.sub("", answer).strip()


def find_support(
    claim: str, cited: Sequence[int], *, question: str, passages: Sequence[Document]
) -> Support | None:
    """Find the sentence that supports a claim best, in the cited passages if they do at all."""
    for candidates in (cited, range(len(passages))):
        found = [
            support
            for index in candidates
            if 0 <= index < len(passages) and answers_about(question, passages[index])
            for support in _supports(claim, question, index, passages[index])
        ]
        best = max(found, key=lambda pair: pair[0], default=None)
        if best is not None and best[1].share > 0:
            return best[1]
    return None


def answers_about(question: str, passage: Document) -> bool:
    """Tell whether a passage mentions every name and number that the question asks about.

    This is what refuses the near miss: a fare of another route, a rule for another animal.
    """
    present = set(content(_placed_text(passage))) | {
        stem(word) for word in words(_placed_text(passage))
    }
    return names(question) <= present


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


def _supports(
    claim: str, question: str, index: int, passage: Document
) -> list[tuple[tuple[float, int, float], Support]]:
    """Score the sentences of a passage by the claim's share in them; one beats two of equal share."""
    asked = set(content(question))
    subject = asked - names(question)
    place = set(content(_place(passage)))
    novel = _novel(claim, question)
    scored = []
    for start, end, before, sentence_count in _windows(passage.page_content):
        present = set(content(passage.page_content[start:end]))
        # The sentence before often holds the subject that this one only points to.
        on_subject = not subject or subject & (set(content(before)) | present | place)
        share = _share(novel, present | place, exact=present) if on_subject else 0.0
        relevance = _share(list(asked), present | place, exact=set())
        scored.append(((share, -sentence_count, relevance), Support(index, start, end, share)))
    return scored


def _novel(claim: str, question: str) -> list[str]:
    """Return what a claim states beyond the question, which is what needs support.

    A mere echo of the question states nothing, except as the reply to a yes-or-no question.
    """
    asked = set(content(question))
    stated = [word for word in dict.fromkeys(content(claim)) if word not in FRAME]
    novel = [word for word in stated if word not in asked]
    return novel or (stated if YES_NO.match(question) else [])


def _windows(text: str) -> Iterator[tuple[int, int, str, int]]:
    """Yield each sentence and each two in a row: span, the sentence before, how many these are."""
    spans = sentences(text)
    for at, (start, end) in enumerate(spans):
        before = text[slice(*spans[at - 1])] if at else ""
        yield start, end, before, 1
        # Two list items or table rows in a row are about two things.
        if at + 1 < len(spans) and "\n" not in text[end : spans[at + 1][0]]:
            yield start, spans[at + 1][1], before, 2


def _share(wanted: Sequence[str], present: set[str], *, exact: set[str]) -> float:
    """Return the share of words present; 0 when a number is missing from `exact`, if given."""
    if not wanted or (exact and any(is_number(word) and word not in exact for word in wanted)):
        return 0.0
    return sum(word in present for word in wanted) / len(wanted)


def _place(passage: Document) -> str:
    metadata = passage.metadata
    return f"{metadata.get('document', '')} {metadata.get('section') or ''}"


def _placed_text(passage: Document) -> str:
    return f"{_place(passage)} {passage.page_content}"
