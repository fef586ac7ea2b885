"""Keep the generated questions that pass, and count the others by reason.

Knows candidates and a search; knows nothing of who wrote the questions.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Literal

from langchain_core.documents import Document

from app.dataset.filters import Dropped, is_foreign, misshapen
from app.dataset.model_questions import blanked
from app.dataset.pairs import Pair
from app.dataset.spans import Span
from graphs.passages import place
from graphs.text import content, sentences

RankIds = Callable[[str], Sequence[str]]
"""Ranks chunk ids for a question: the project's own retriever."""
Author = Literal["rule", "model"]

FOUND_WITHIN = 3  # ranks


@dataclass(frozen=True)
class Generated:
    """A question, its answer as it stands in the document, and where that is."""

    question: str
    answer: str
    document: str
    chunk: str
    start: int
    """Offset of the answer in the chunk's text."""
    by: Author


@dataclass(frozen=True)
class GeneratedQuestions:
    """What was kept, and what became of every candidate that was not."""

    questions: tuple[Generated, ...]
    tried: int
    dropped: dict[Dropped, int]

    def pairs(self) -> list[Pair]:
        """Return what was kept as pairs, numbered in their order."""
        return [
            Pair(
                id=f"generated-{number:04}",
                question=question.question,
                answers=(question.answer,),
                documents=(question.document,),
            )
            for number, question in enumerate(self.questions, start=1)
        ]


@dataclass(frozen=True)
class Candidate:
    """An answer in its chunk, and the question for it, empty while there is none."""

    chunk: Document
    span: Span
    question: str = ""

    @property
    def answer(self) -> str:
        """The answer on one line, else as it is written."""
        return " ".join(self.chunk.page_content[self.span.start : self.span.end].split())

    @property
    def title(self) -> str:
        """What the document calls itself."""
        section = str(self.chunk.metadata.get("section") or "")
        return section.split(" > ")[0] or PurePath(str(self.chunk.metadata["document"])).stem

    @property
    def titled(self) -> str:
        """The question with its document's title before it."""
        return f"{self.title}: {self.question[0].lower()}{self.question[1:]}"

    def statement(self, *, named_blank: bool) -> str:
        """Return the clause around the answer with a blank in its place."""
        text = self.chunk.page_content
        start, end = next(s for s in sentences(text) if s[0] <= self.span.start < s[1])
        left, right = self.span.start - start, self.span.end - start
        return blanked(text[start:end], left, right, self.span.kind if named_blank else None)


@dataclass
class Selection:
    """Keeps the questions that pass, and counts the others by reason."""

    search: RankIds
    per_chunk: int
    kept: list[Generated] = field(default_factory=list)
    dropped: Counter[Dropped] = field(default_factory=Counter)
    tried: int = 0
    _answers: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """Those of each question, with its title and without, in all chunks."""
    _of_chunk: Counter[str] = field(default_factory=Counter)
    _asked: set[tuple[str, ...]] = field(default_factory=set)
    _made_of: dict[Generated, Candidate] = field(default_factory=dict)

    def lacks(self, chunk: Document) -> int:
        """Return how many questions a chunk may still get."""
        return self.per_chunk - self._of_chunk[str(chunk.id)]

    def announce(self, candidates: Iterable[Candidate]) -> None:
        """Note what questions are answered by, before any of these is offered.

        What was kept and turns out to be answered differently as well is offered again.
        """
        for candidate in candidates:
            for version in (candidate.question, candidate.titled):
                self._answers[version].add(candidate.answer)
        unclear = [made for made in self.kept if self._is_ambiguous(made.question)]
        for made in unclear:
            self._take_out(made)
        for made in unclear:
            self.offer(self._made_of.pop(made), by=made.by)

    def _take_out(self, made: Generated) -> None:
        self.kept.remove(made)
        self._asked.discard(_key(made.question))
        self._of_chunk[made.chunk] -= 1
        self.tried -= 1

    def _is_ambiguous(self, question: str) -> bool:
        return len(self._answers.get(question, ())) > 1

    def offer(self, candidate: Candidate, *, by: Author) -> None:
        """Keep a candidate's question, or count why not; that it leads to its answer is given."""
        self.tried += 1
        question = self._placed(candidate)
        if isinstance(question, Dropped):
            self.dropped[question] += 1
            return
        chunk = candidate.chunk
        self._of_chunk[str(chunk.id)] += 1
        self._asked.add(_key(question))
        document = str(chunk.metadata["document"])
        place_ = (document, str(chunk.id), candidate.span.start)
        made = Generated(question, candidate.answer, *place_, by=by)
        self.kept.append(made)
        self._made_of[made] = candidate

    def refuse(self, reason: Dropped) -> None:
        """Count a candidate that was dropped before it was offered."""
        self.tried += 1
        self.dropped[reason] += 1

    def _placed(self, candidate: Candidate) -> str | Dropped:
        """Return the question, with the document's title before it where needed to be found."""
        question = candidate.question
        if self.lacks(candidate.chunk) < 1:
            return Dropped.SURPLUS
        if wrong := wrong_with(candidate):
            return wrong
        clear = [v for v in (question, candidate.titled) if not self._is_ambiguous(v)]
        for version in clear:
            if _key(version) in self._asked:
                return Dropped.DUPLICATE
            if str(candidate.chunk.id) in list(self.search(version))[:FOUND_WITHIN]:
                return version
        return Dropped.NOT_FOUND if clear else Dropped.AMBIGUOUS


def wrong_with(candidate: Candidate) -> Dropped | None:
    """Return what a candidate's question fails in, whatever else was asked."""
    question = candidate.question
    if not question:
        return Dropped.NO_QUESTION
    if wrong := misshapen(question, candidate.answer, candidate.span.kind):
        return wrong
    return Dropped.FOREIGN if is_foreign(question, place(candidate.chunk)) else None


def _key(question: str) -> tuple[str, ...]:
    return tuple(sorted(set(content(question))))
