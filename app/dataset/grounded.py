"""Make grounded rows: questions asked about passages as the retriever really returns them.

One context serves several questions, so that they share their prompt's beginning: the questions
that its passages answer, and near misses whose own passage is not shown.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import NamedTuple

from langchain_core.documents import Document
from langchain_core.messages import BaseMessage

from app.dataset.mixture import Mixture
from app.dataset.pairs import Grounded, Pair
from app.models.chat import to_chat
from finetune.data.examples import Example, Kind
from finetune.evaluation.scores import cited_numbers
from graphs import prompts
from graphs.layout import CITED, without_markers
from graphs.passages import place
from graphs.question import subject

Search = Callable[[str, int], Sequence[Document]]
"""Ranks chunks for a question: the project's own retriever."""


def example(
    id_: str,
    kind: Kind,
    prompt: Sequence[BaseMessage],
    completion: str,
    pair: Pair,
    *,
    shown: Sequence[Document] = (),
    **extra: object,
) -> Example:
    """Write a row whose prompt was rendered for serving, of these passages."""
    made_of = {
        "source": pair.source,
        "further_sources": pair.documents[1:],
        "documents": sorted({str(chunk.metadata["document"]) for chunk in shown}),
    }
    messages = [*to_chat(list(prompt)), {"role": "assistant", "content": completion}]
    return Example.model_validate(
        {"id": id_, "kind": kind, "messages": messages, **made_of, **extra}
    )


class Context(NamedTuple):
    """The rows of one context, and the pairs that have one of them."""

    rows: list[Example]
    pairs: frozenset[str]


@dataclass
class ContextBuilder:
    """Draws contexts and the rows that go with them; each question is used once a round."""

    questions: Sequence[Grounded]
    search: Search
    mixture: Mixture
    draw: random.Random
    round: int = 0
    _answered: set[str] = field(default_factory=set)
    _refused: set[str] = field(default_factory=set)
    _graded: set[tuple[str, str | None]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._of_chunk: dict[str, list[Grounded]] = {}
        for question in self.questions:
            self._of_chunk.setdefault(str(question.gold[0].id), []).append(question)

    def contexts(self) -> Iterator[Context]:
        """Yield one context after the other until every question was answered."""
        order = list(self.questions)
        self.draw.shuffle(order)
        for question in order:
            if question.pair.id not in self._answered:
                yield self._context(question)

    def _context(self, first: Grounded) -> Context:
        hits = list(self.search(subject(first.pair.searched), self.mixture.searched))
        shown = self._passages(first, hits)
        hosted = [first, *self._hosted(first, shown)]
        self._answered |= {question.pair.id for question in hosted}
        missed = self._near_misses(hits, shown, len(hosted))
        self._refused |= {question.pair.id for question in missed}
        rows = [self._answer(question, shown) for question in hosted]
        rows += [self._refusal(question, shown) for question in missed]
        if self.draw.random() < self.mixture.graded:
            rows += self._grades(hosted, missed, shown)
        return Context(rows, frozenset(question.pair.id for question in (*hosted, *missed)))

    def _passages(self, question: Grounded, hits: Sequence[Document]) -> list[Document]:
        gold = list(question.gold)
        known = {chunk.id for chunk in gold}
        others = [hit for hit in hits if hit.id not in known and not _holds_answer(hit, question)]
        size = max(self.draw.choice(self.mixture.passages), len(gold))
        shown = gold + others[: size - len(gold)]
        self.draw.shuffle(shown)
        return shown

    def _hosted(self, first: Grounded, shown: Sequence[Document]) -> list[Grounded]:
        """Draw the other questions that these passages answer, each by one of them alone."""
        hosted: list[Grounded] = []
        for chunk in shown:
            fitting = [
                question
                for question in self._of_chunk.get(str(chunk.id), [])
                if question.pair.id not in self._answered | {first.pair.id}
                and len(question.gold) == 1
                and not any(_holds_answer(p, question) for p in shown if p.id != chunk.id)
            ]
            room = self.mixture.per_passage - (chunk.id == first.gold[0].id)
            hosted += self.draw.sample(fitting, min(room, len(fitting)))
        return hosted

    def _near_misses(
        self, hits: Sequence[Document], shown: Sequence[Document], answered: int
    ) -> list[Grounded]:
        """Draw questions about chunks that the same search found but that are not shown."""
        ids = {chunk.id for chunk in shown}
        fitting = [
            question
            for hit in hits
            if hit.id not in ids
            for question in self._of_chunk.get(str(hit.id), [])
            if question.pair.id not in self._refused
            and not any(_holds_answer(chunk, question) for chunk in shown)
        ]
        share = self.mixture.withheld
        wanted = answered * share / (1 - share)
        count = int(wanted) + (self.draw.random() < wanted % 1)
        nearest = fitting[: 3 * count]  # the best-ranked are the hardest to tell
        return self.draw.sample(nearest, min(count, len(nearest)))

    def _answer(self, question: Grounded, shown: Sequence[Document]) -> Example:
        pair, prompt = question.pair, _prompt(question.pair, shown)
        if pair.kind == "format":  # a marker would spoil the record
            id_ = self._id("record", question)
            return example(id_, Kind.RECORD, prompt, question.answer, pair, shown=shown)
        reply = _reply(question, shown)
        return example(
            self._id("answer", question),
            Kind.ANSWER,
            prompt,
            reply,
            pair,
            shown=shown,
            answers=[without_markers(pair.reply)] if pair.reply else pair.answers,
            citation=next(iter(cited_numbers(reply)), None),
        )

    def _refusal(self, question: Grounded, shown: Sequence[Document]) -> Example:
        return example(
            self._id("withheld", question),  # not "refusal", as that of an unanswerable question
            Kind.REFUSAL,
            _prompt(question.pair, shown),
            prompts.REFUSAL,
            question.pair,
            shown=shown,
        )

    def _grades(
        self, hosted: Sequence[Grounded], missed: Sequence[Grounded], shown: Sequence[Document]
    ) -> list[Example]:
        """Grade one passage for as many questions that it answers as it does not."""
        chunk = self.draw.choice([question.gold[0] for question in hosted])
        right = [question for question in hosted if question.gold[0].id == chunk.id]
        wrong = [q for q in (*hosted, *missed) if not _holds_answer(chunk, q)]
        wrong = self.draw.sample(wrong, min(len(right) + 1, len(wrong)))
        graded = [(q, "yes") for q in right] + [(q, "no") for q in wrong]
        new = [(q, verdict) for q, verdict in graded if (q.pair.id, chunk.id) not in self._graded]
        self._graded |= {(question.pair.id, chunk.id) for question, _ in new}
        return [self._grade(question, chunk, verdict) for question, verdict in new]

    def _grade(self, question: Grounded, chunk: Document, verdict: str) -> Example:
        return example(
            f"{self._id('grade', question)}-{chunk.id}",
            Kind.GRADE,
            prompts.grade_document(subject(question.pair.asked), place(chunk)),
            verdict,
            question.pair,
            shown=[chunk],
        )

    def _id(self, kind: str, question: Grounded) -> str:
        return f"{kind}-{question.pair.id}-{self.round}"


def _prompt(pair: Pair, shown: Sequence[Document]) -> list[BaseMessage]:
    return prompts.generate(pair.question, [place(chunk) for chunk in shown], before=pair.before)


def _holds_answer(chunk: Document, question: Grounded) -> bool:
    pair = question.pair
    return any(pair.answered_by(chunk.page_content, answer) for answer in pair.answers)


def _number(chunk: Document, shown: Sequence[Document]) -> int:
    return 1 + next(at for at, passage in enumerate(shown) if passage.id == chunk.id)


def _reply(question: Grounded, shown: Sequence[Document]) -> str:
    """Write the answer with its marker, or the pair's own reply with its markers counted anew."""
    first = _number(question.gold[0], shown)
    if not question.pair.reply:
        return f"{question.answer} [{first}]"
    numbers = {str(gold.metadata["document"]): _number(gold, shown) for gold in question.gold}
    return CITED.sub(
        lambda cited: f"[{numbers.get(question.pair.documents[int(cited[1]) - 1], first)}]",
        question.pair.reply,
    )


def grounded_rows(
    questions: Sequence[Grounded], search: Search, mixture: Mixture, *, seed: int
) -> Iterator[list[Example]]:
    """Yield the rows of each context, `mixture.rounds` times over all questions."""
    for context in grounded_contexts(questions, search, mixture, seed=seed):
        yield context.rows


def grounded_contexts(
    questions: Sequence[Grounded], search: Search, mixture: Mixture, *, seed: int
) -> Iterator[Context]:
    """Yield the same, and which questions they are about."""
    for number in range(mixture.rounds):
        draw = random.Random(f"{seed} {number}")
        builder = ContextBuilder(questions, search, mixture, draw, round=number)
        yield from islice(builder.contexts(), mixture.contexts)


def unanswerable_row(pair: Pair, search: Search, mixture: Mixture, draw: random.Random) -> Example:
    """Show what the search finds for a question that the documents do not answer."""
    shown = list(search(subject(pair.searched), draw.choice(mixture.passages)))
    return example(
        f"refusal-{pair.id}",
        Kind.REFUSAL,
        _prompt(pair, shown),
        prompts.REFUSAL,
        pair,
        shown=shown,
    )
