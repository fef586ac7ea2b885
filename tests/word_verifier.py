"""Find the sentence of a passage that supports a claim, by comparing words.

The reference that needs no model: it misses what is said in other words, and lets near misses out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from langchain_core.documents import Document

from graphs.openings import FRAME
from graphs.protocols import Claim, Evidence, Support
from graphs.text import (
    YES_NO,
    content,
    is_number,
    names,
    sentences,
    stem,
    sure_names,
    words,
)

NEGATION = re.compile(
    r"\b(?:not|no|never|none|nor|neither|without|cannot)\b|n['’]t\b", re.IGNORECASE
)
RECORD = re.compile(r"\w: [^\n]*\n?[^\n]*\w: |\|")
"""What looks like a record or a table row: what it names holds for it alone."""
_LONG_QUOTATION = re.compile(r"[\"“][^\"“”]{60,}[\"”]")
CLAUSE_END = re.compile(r"[;,]\s|\b(?:and|but|while|whereas)\b", re.IGNORECASE)
MOST_CERTAIN = 0.99  # equal words may still mean another thing


@dataclass(frozen=True)
class Asked:
    """A question, and the names that a passage must hold to answer it."""

    question: str
    names: frozenset[str]


@dataclass(frozen=True)
class Found:
    """The sentence of a passage that supports a claim best."""

    passage: int
    """Index of the passage in the context."""
    start: int
    end: int
    """Span of the sentence in the passage's text."""
    share: float
    """Share of the claim's content that the sentence contains, 0 to 1."""


class WordVerifier:
    """Takes the share of a claim's words that a sentence holds for its probability."""

    threshold = 0.6
    trusted = True

    def verify(
        self, question: str, claims: Sequence[Claim], passages: Sequence[Document]
    ) -> list[Support]:
        """Find the sentence that holds most of each claim."""
        return [self._support(claim.asked or question, claim, passages) for claim in claims]

    async def averify(
        self, question: str, claims: Sequence[Claim], passages: Sequence[Document]
    ) -> list[Support]:
        """Do the same in async code."""
        return self.verify(question, claims, passages)

    def _support(self, question: str, claim: Claim, passages: Sequence[Document]) -> Support:
        named = _naming_part(question)
        best = find_support(
            claim.text, claim.cited, question=question, passages=passages, named_in=named
        )
        if best is None:
            return Support(0.0)
        probability = min(best.share, MOST_CERTAIN)
        return Support(probability, (Evidence(best.passage, best.start, best.end),))


def _naming_part(question: str) -> str:
    """Return the part of a question whose names a passage must hold: of two in a row the last.

    Nor need it hold what a long quotation names, as a sentence to be classified.
    """
    spans = sentences(question)
    last = question[slice(*spans[-1])] if spans else question
    return _LONG_QUOTATION.sub(" ", last if names(last) else question)


@dataclass(frozen=True)
class Window:
    """One sentence of a passage, or two in a row, that could be quoted."""

    start: int
    end: int
    sentences: int
    quote: str
    before: str
    """The sentence before, which often holds the subject that this one only points to."""
    scope: str
    """The text whose names hold here."""


def find_support(
    claim: str,
    cited: Sequence[int],
    *,
    question: str,
    passages: Sequence[Document],
    named_in: str | None = None,
) -> Found | None:
    """Find the sentence that supports a claim best, in the cited passages if they do at all.

    `named_in` is the part of the question whose names must hold, by default all of it.
    """
    texts = [passage.page_content for passage in passages]
    named = sure_names(question if named_in is None else named_in, texts)
    asked = Asked(question, frozenset(named))
    for candidates in (cited, range(len(passages))):
        matches = [
            scored
            for index in candidates
            if 0 <= index < len(passages)
            for scored in _scored(claim, asked, index, passages[index])
        ]
        best = max(matches, key=lambda pair: pair[0], default=None)
        if best is not None and best[1].share > 0:
            return best[1]
    return None


def _scored(
    claim: str, asked: Asked, index: int, passage: Document
) -> list[tuple[tuple[float, int, int], Found]]:
    """Score a passage's windows by the claim's share in them; one sentence beats two."""
    novel = _novel(claim, asked.question)
    wanted = set(content(asked.question))
    place = f"{passage.metadata.get('document', '')} {passage.metadata.get('section') or ''}"
    scored = []
    for window in _windows(passage.page_content):
        present = set(content(f"{place} {window.quote}"))
        fits = (
            _about(asked, window, place)
            and _same_sense(claim, novel, window.quote)
            and _same_clause(claim, asked.question, window.quote)
        )
        share = _share(novel, present, numbers=set(content(window.quote))) if fits else 0.0
        relevance = len(wanted & present)
        support = Found(index, window.start, window.end, share)
        scored.append(((share, -window.sentences, relevance), support))
    return scored


def _about(asked: Asked, window: Window, place: str) -> bool:
    """Tell whether a window speaks of every name in the question, and of its subject at all.

    This is what refuses the near miss: a fare of another route, the room of another person.
    """
    scope = {stem(word) for word in words(f"{place} {window.scope}")}
    subject = set(content(asked.question)) - names(asked.question)
    near = set(content(f"{place} {window.before} {window.quote}"))
    return asked.names <= scope and (not subject or bool(subject & near))


def _same_sense(claim: str, novel: Sequence[str], quote: str) -> bool:
    """Tell whether claim and quote agree in denying; a number outweighs a stray "no"."""
    denied, quote_denies = bool(NEGATION.search(claim)), bool(NEGATION.search(quote))
    if denied:
        return quote_denies
    return not quote_denies or any(is_number(word) for word in novel)


def _same_clause(claim: str, question: str, quote: str) -> bool:
    """Tell whether a claim's only number stands with its subject where a quote has two clauses.

    Decides only where the clauses repeat a word: "Adults pay £2 and children pay £1".
    """
    numbers = {word for word in content(claim) if is_number(word)}
    clauses = [set(content(clause)) for clause in CLAUSE_END.split(quote)]
    clauses = [clause for clause in clauses if any(is_number(word) for word in clause)]
    if len(numbers) != 1 or not any(numbers <= clause for clause in clauses):
        return True
    own = set().union(*(clause for clause in clauses if numbers <= clause))
    others = set().union(*(clause for clause in clauses if not numbers <= clause))
    if not any(not is_number(word) for word in own & others):
        return True
    subject = set(content(f"{claim} {question}")) - numbers
    return bool(subject & (own - others)) or not subject & (others - own)


def _novel(claim: str, question: str) -> list[str]:
    """Return what a claim states beyond the question, which is what needs support.

    A mere echo of the question states nothing, except as the reply to a yes-or-no question.
    """
    asked = set(content(question))
    stated = [word for word in dict.fromkeys(content(claim)) if word not in FRAME]
    novel = [word for word in stated if word not in asked]
    return novel or (stated if YES_NO.match(question) else [])


def _windows(text: str) -> Iterator[Window]:
    spans = sentences(text)
    for at, (start, end) in enumerate(spans):
        before = text[slice(*spans[at - 1])] if at else ""
        ends = [end]
        # Two list items or table rows in a row are about two things.
        if at + 1 < len(spans) and "\n" not in text[end : spans[at + 1][0]]:
            ends.append(spans[at + 1][1])
        for count, stop in enumerate(ends, start=1):
            yield Window(start, stop, count, text[start:stop], before, _scope(text, start, stop))


def _scope(text: str, start: int, end: int) -> str:
    """Return the record that a span stands in, or in prose all that was said up to its end."""
    paragraph = text.rfind("\n\n", 0, start) + 1
    stop = text.find("\n\n", end)
    record = text[paragraph : stop if stop >= 0 else len(text)]
    if not RECORD.search(record):
        return text[:end]
    row = record[: record.find("\n")] if "|" in record and "\n" in record else ""
    return f"{row} {text[start:end]}" if "|" in record else record


def _share(wanted: Sequence[str], present: set[str], *, numbers: set[str]) -> float:
    """Return the share of words present; 0 when a number stands anywhere but in the quote."""
    if not wanted or any(is_number(word) and word not in numbers for word in wanted):
        return 0.0
    return sum(word in present for word in wanted) / len(wanted)
