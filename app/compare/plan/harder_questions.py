"""Make harder questions of the answerable ones: among look-alikes, and against what was known."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from langchain_core.documents import Document

from app.batch_rows import GivenDocument
from app.dataset.grounded import Search
from app.dataset.pairs import Grounded, Pair, contains, standing

SEARCHED = 20  # chunks ranked for a question, from which look-alikes are taken
LOOK_ALIKES = 4
FORMAT = 'Reply with a JSON object of one key, "answer", and nothing else.'
_DIGITS = re.compile(r"\d")


@dataclass(frozen=True)
class Variant:
    """A question with the passages that it is asked about."""

    pair: Pair
    given: tuple[GivenDocument, ...]


def noisy(questions: Sequence[Grounded], search: Search, *, each: int, seed: int) -> list[Variant]:
    """Show the right passage among those that the search takes for it: robustness to noise."""
    draw = random.Random(f"{seed} noise")
    return [_noisy(question, search, draw) for question in _some(questions, each, draw)]


def _noisy(question: Grounded, search: Search, draw: random.Random) -> Variant:
    hits = search(question.pair.question, SEARCHED)
    others = [
        hit
        for hit in hits
        if not any(contains(hit.page_content, answer) for answer in question.pair.answers)
    ]
    shown = [*question.gold, *others[:LOOK_ALIKES]]
    draw.shuffle(shown)
    pair = question.pair.model_copy(update={"id": f"{question.pair.id}-noise"})
    return Variant(pair, tuple(_given(chunk, chunk.page_content) for chunk in shown))


def counterfactual(questions: Sequence[Grounded], *, each: int, seed: int) -> list[Variant]:
    """Change the fact in the right passage: what is asked for is what the passage now says."""
    draw = random.Random(f"{seed} counterfactual")
    changeable = [question for question in questions if _is_changeable(question)]
    return [_changed(question, draw) for question in _some(changeable, each, draw)]


def _is_changeable(question: Grounded) -> bool:
    """Tell whether no accepted answer stands in the passages once another is told in its place."""
    if not _DIGITS.search(question.answer):
        return False
    texts = [_retold(chunk, question.answer, " ") for chunk in question.gold]
    return not any(contains(text, answer) for text in texts for answer in question.pair.answers)


def _changed(question: Grounded, draw: random.Random) -> Variant:
    new = question.answer
    while new == question.answer:
        new = _DIGITS.sub(lambda digit: _other_digit(digit.group(), draw), question.answer)
    pair = question.pair.model_copy(
        update={
            "id": f"{question.pair.id}-changed",
            "answers": (new,),
            "revised_answers": (),
        }
    )
    return Variant(pair, tuple(_given(c, _retold(c, question.answer, new)) for c in question.gold))


def _retold(chunk: Document, fact: str, new: str) -> str:
    """Return a passage's text with another fact, where this one stands in whatever case."""
    return re.sub(standing(fact), lambda _: new, chunk.page_content, flags=re.IGNORECASE)


def formatted(questions: Sequence[Grounded], *, each: int, seed: int) -> list[Pair]:
    """Ask for the same answers in a JSON object; the first is the one that a document holds."""
    draw = random.Random(f"{seed} format")
    return [
        question.pair.model_copy(
            update={
                "id": f"{question.pair.id}-format",
                "kind": "format",
                "question": f"{question.pair.question} {FORMAT}",
                "answers": tuple(_objects(question)),
                "revised_answers": (),
            }
        )
        for question in _some(questions, each, draw)
    ]


def _objects(question: Grounded) -> Iterator[str]:
    for answer in dict.fromkeys((question.answer, *question.pair.answers)):
        if answer.strip():  # every value would agree with nothing
            yield json.dumps({"answer": answer}, ensure_ascii=False)


def _other_digit(digit: str, draw: random.Random) -> str:
    return str(draw.choice([other for other in range(1, 10) if str(other) != digit]))


def _some(questions: Sequence[Grounded], each: int, draw: random.Random) -> Iterator[Grounded]:
    fitting = [question for question in questions if question.pair.kind == "answerable"]
    yield from draw.sample(fitting, min(each, len(fitting)))


def _given(chunk: Document, text: str) -> GivenDocument:
    return GivenDocument(id=str(chunk.metadata["document"]), text=text)
