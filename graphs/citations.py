"""Check an answer against the passages it was given, and resolve what supports it to spans.

Deterministic, so that safety does not rest on a clever model: what no passage says is taken out,
and a citation exists only where a sentence of a passage supports the claim.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
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
    result's citations, from 1; a JSON object of texts is kept whole, without markers, if every
    field is supported. `named_in` is the part of the question whose names must hold.
    """

    def support_of(claim: str, cited: Sequence[int]) -> Citation | None:
        found = find_support(claim, cited, question=question, passages=passages, named_in=named_in)
        supported = found is not None and found.share >= threshold
        return cite(passages[found.passage], found) if found and supported else None

    if fields := record_fields(answer):
        return _checked_record(answer, fields, question, support_of)
    kept: list[str] = []
    citations: list[Citation] = []
    for claim, cited in dict(claims(answer)).items():  # weak models repeat themselves
        citation = support_of(claim, cited)
        if citation is None:
            continue
        if citation not in citations:
            citations.append(citation)
        kept.append(f"{claim} [{citations.index(citation) + 1}]")
    return CheckedAnswer(" ".join(kept), citations)


def record_fields(answer: str) -> dict[str, str]:
    """Read an answer, its markers aside, as one JSON object of texts; empty if it is none."""
    try:
        record = json.loads(without_markers(answer))
    except (ValueError, RecursionError):  # weak models repeat one bracket up to the limit
        return {}
    plain = isinstance(record, dict) and all(isinstance(value, str) for value in record.values())
    return record if plain else {}


def _checked_record(
    answer: str,
    fields: Mapping[str, str],
    question: str,
    support_of: Callable[[str, Sequence[int]], Citation | None],
) -> CheckedAnswer:
    """Keep a record whole, without markers that would spoil it, or not at all.

    A field that repeats words of the question needs no support, every other one does.
    """
    stated = [value for value in fields.values() if value.casefold() not in question.casefold()]
    found = [support_of(value, ()) for value in stated]
    citations = [citation for citation in found if citation is not None]
    if not citations or len(citations) < len(found):
        return CheckedAnswer("", [])
    return CheckedAnswer(without_markers(answer), list({str(c): c for c in citations}.values()))


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
