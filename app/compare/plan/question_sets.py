"""The parts of a comparison: which questions are asked of which arms, and with which passages."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import get_args

from app.batch_rows import GivenDocument
from app.compare.plan.arms import ARMS, Arm, Given, Role
from app.compare.plan.harder_questions import Variant, counterfactual, formatted, noisy
from app.compare.plan.request import Request
from app.dataset.grounded import Search
from app.dataset.pairs import Grounded, Pair, spread
from app.errors import UserError
from graphs.limits import Order

NAMED = 5  # questions, where all of them would fill the screen


@dataclass(frozen=True)
class QuestionSet:
    """Questions that some arms are asked."""

    what: str
    arms: Sequence[Arm]
    pairs: Sequence[Pair]
    given: Mapping[str, Given] = field(default_factory=dict)
    """By arm, passages by question id; of questions that have some, none are searched."""
    timed: bool = False
    """Whether answers are also timed one by one, where several are asked at once."""


@dataclass(frozen=True)
class QuestionSets:
    """All that is asked."""

    main: Sequence[QuestionSet]
    """Asked one after the other; arms that are shown to be worse are left out of what follows."""
    robust: Mapping[str, QuestionSet]
    formats: QuestionSet
    changed: QuestionSet
    """About facts that changed, asked with the revised documents."""
    orders: Mapping[Order, QuestionSet]
    """Of one arm, asked once more with its passages in other orders."""

    @property
    def all(self) -> list[QuestionSet]:
        """In the order in which they are asked."""
        return [
            *self.main,
            *self.robust.values(),
            self.formats,
            self.changed,
            *self.orders.values(),
        ]


def check_revised(pairs: Sequence[Pair], request: Request) -> None:
    """Raise UserError for revised documents of which no question says what they answer now."""
    if request.revised and not _changed(pairs):
        raise UserError(
            f"no question of {request.questions} has revised_answers, so --revised "
            f"{request.revised} would measure nothing: give them to the questions whose answers "
            "have changed, or leave --revised out"
        )


def check_documents(pairs: Sequence[Pair], known: Collection[str]) -> None:
    """Raise UserError for documents that the index lacks, which no arm could find or cite."""
    lacking = {
        pair.id: name for pair in pairs for name in reversed(pair.documents) if name not in known
    }
    if lacking:
        id_, name = next(iter(lacking.items()))
        raise UserError(
            f"{len(lacking)} of {len(pairs)} questions name documents that the index does not "
            f"hold, the first {id_!r} with {name!r}: name documents as 'groundtune search' does"
        )


def without_passages(
    request: Request, asked: Sequence[Pair], reasons: Mapping[str, str]
) -> Iterator[str]:
    """Say for which questions an arm searches that should be given the right passages, and why.

    `reasons` are by question id. What has no answer in the documents has no such passages.
    """
    reading = [arm.name for arm in request.arms if not arm.runnable]
    answered = [pair for pair in asked if pair.kind not in ("unanswerable", "small-talk")]
    told = [f"{pair.id}: {reasons[pair.id]}" for pair in answered if pair.id in reasons]
    if not reading or not told:
        return
    yield (
        f"{', '.join(reading)}: of {len(answered)} questions with an answer {len(told)} are "
        "searched for, because the right passages are not known"
    )
    yield from told[:NAMED]
    if len(told) > NAMED:
        yield f"and {len(told) - NAMED} more"


def _changed(pairs: Sequence[Pair]) -> list[Pair]:
    return [pair for pair in pairs if pair.revised_answers]


def divide(
    request: Request,
    pairs: Sequence[Pair],
    grounded: Sequence[Grounded],
    asked: Sequence[Pair],
    search: Search,
    *,
    order: Order,
    seed: int,
) -> QuestionSets:
    """Say what is asked of whom; `asked` are the pairs that nothing was made of.

    `order` is that of the passages in the prompt of every arm.
    """
    each, reading = request.extent.harder, [a for a in request.arms if a.role is Role.SEARCHES]
    own = [arm for arm in reading if arm.name in ARMS]  # whose order of passages no package sets
    changed = _changed(pairs) if request.revised else []
    asked_for = formatted(grounded, each=each, seed=seed)
    return QuestionSets(
        main=_rounds(main_set(request, asked, grounded), request),
        robust={
            "the right passage among look-alikes": _harder(
                "questions among look-alikes",
                reading,
                noisy(grounded, search, each=each, seed=seed),
            ),
            "a passage whose fact was changed": _harder(
                "questions about changed passages",
                reading,
                counterfactual(grounded, each=each, seed=seed),
            ),
        },
        formats=QuestionSet(
            "questions to be answered in JSON", request.asked if asked_for else [], asked_for
        ),
        changed=QuestionSet(
            "questions whose answers changed",
            request.asked if changed else [],
            spread(changed, request.extent.changed),
        ),
        orders={
            other: QuestionSet(f"questions, passages {other}", own[-1:], searchable(asked))
            for other in get_args(Order)
            if other != order and request.extent.knobs
        },
    )


def main_set(request: Request, asked: Sequence[Pair], grounded: Sequence[Grounded]) -> QuestionSet:
    """Return the questions that rank the arms; `grounded` says what an arm that reads is given."""
    right = {question.pair.id: _passages(question) for question in grounded}
    return QuestionSet(
        "questions",
        [arm for arm in request.arms if not arm.parts],
        asked,
        {arm.name: right for arm in request.arms if not arm.runnable},
        timed=True,
    )


def searchable(pairs: Sequence[Pair]) -> list[Pair]:
    """Return those that a search can find; a follow-up's words are none without what was said."""
    return [pair for pair in pairs if pair.documents and pair.kind != "follow-up"]


def _rounds(questions: QuestionSet, request: Request) -> list[QuestionSet]:
    """Halve the questions where arms may be stopped; waits are measured in the first half."""
    if not request.stop_early:
        return [questions]
    first, rest = questions.pairs[::2], questions.pairs[1::2]
    return [replace(questions, pairs=first), replace(questions, pairs=rest, timed=False)]


def _harder(what: str, arms: Sequence[Arm], variants: Sequence[Variant]) -> QuestionSet:
    given = {variant.pair.id: variant.given for variant in variants}
    pairs = [variant.pair for variant in variants]
    return QuestionSet(what, arms if pairs else [], pairs, {arm.name: given for arm in arms})


def _passages(question: Grounded) -> list[GivenDocument]:
    return [
        GivenDocument(id=str(chunk.metadata["document"]), text=chunk.page_content)
        for chunk in question.gold
    ]
