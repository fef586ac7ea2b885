"""Find what other documents say otherwise than an answer does."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass

from langchain_core.documents import Document

from graphs.citations import Draft, checked, read_quote, says_otherwise
from graphs.protocols import Extract, Support
from graphs.replies import Update, edited
from graphs.state import Citation
from graphs.text import content


@dataclass(frozen=True)
class Rival:
    """Words of a passage that say otherwise, as one claim."""

    quote: Draft
    passage: Document


def rivals_of(
    question: str,
    update: Update,
    extracts: Sequence[Extract],
    passages: Sequence[Document],
    least: float,
) -> list[Rival]:
    """Return what passages of documents that an answer does not cite say in its place.

    Words of a lower probability than `least` do not count, nor passages that have less of the
    question than a cited one: they speak of something else.
    """
    cited = {citation["document"] for citation in update["citations"]}
    if not cited:
        return []
    said = update["messages"][0].text
    likely = [extract for extract in extracts if extract.probability >= least]
    rivals = [
        rival
        for rival in (Rival(read_quote(each.text), passages[each.passage]) for each in likely)
        if rival.quote.claims
        and rival.passage.metadata["document"] not in cited
        and says_otherwise(said, rival.quote.answer)
    ]
    if not rivals:  # as for most answers
        return []
    chunks = {citation["chunk"] for citation in update["citations"]}
    asked = set(content(question))
    most = max((_shared(asked, p) for p in passages if str(p.id) in chunks), default=0)
    return [rival for rival in rivals if _shared(asked, rival.passage) >= most]


def _shared(asked: Set[str], passage: Document) -> int:
    """Count the stems of a question that a passage has."""
    return len(asked & set(content(passage.page_content)))


def with_conflicts(
    update: Update, rivals: Sequence[Rival], supports: Sequence[Sequence[Support]], least: float
) -> Update:
    """Add to an answer where rivals stand; `supports` are theirs, each by its own passage."""
    conflicts: list[Citation] = []
    for rival, given in zip(rivals, supports, strict=True):
        found = checked(
            rival.quote, given, passages=[rival.passage], threshold=least, unsupported="refuse"
        )
        conflicts += found.citations
    if not conflicts:
        return update
    (reply,) = update["messages"]
    message = edited(reply, reply.text, conflicts=conflicts)
    return {**update, "messages": [message], "conflicts": conflicts}
