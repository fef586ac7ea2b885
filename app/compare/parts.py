"""The parts of a comparison: which questions are asked of which arms, and with which passages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import get_args

from app.batch import GivenDocument
from app.compare.arms import ROUTED, Arm, Knowledge
from app.compare.asking import Given
from app.compare.request import Request
from app.compare.steps import Step
from app.compare.variants import Search, Variant, counterfactual, formatted, noisy
from app.dataset.pairs import Grounded, Pair, spread
from graphs.state import Order

TRAINING_S, ALONE_S, REPLIES_S, KNOBS_S = 200, 25, 45, 300  # what took so long with the sample
SECONDS: Mapping[Knowledge, float] = {"weights": 1.2, "search": 2.6, "decided": 0.1, "given": 1.5}
"""That a question took with the built-in model."""


@dataclass(frozen=True)
class Part:
    """Questions that some arms are asked."""

    what: str
    arms: Sequence[Arm]
    pairs: Sequence[Pair]
    given: Mapping[str, Given] = field(default_factory=dict)
    """By arm, passages by question id; of questions that have some, none are searched."""
    timed: bool = False
    """Whether answers are also timed one by one, where several are asked at once."""

    def steps(self) -> list[Step]:
        """Return one step for each arm."""
        return [
            Step(
                f"{arm.name}: {len(self.pairs)} {self.what}",
                len(self.pairs) * SECONDS[arm.knowledge],
            )
            for arm in self.arms
        ]


@dataclass(frozen=True)
class Parts:
    """All that is asked."""

    main: Part
    robust: Mapping[str, Part]
    formats: Part
    changed: Part
    """About facts that changed, asked with the revised documents."""
    orders: Mapping[Order, Part]
    """Of one arm, asked once more with its passages in other orders."""

    @property
    def all(self) -> list[Part]:
        """In the order in which they are asked."""
        return [
            self.main,
            *self.robust.values(),
            self.formats,
            self.changed,
            *self.orders.values(),
        ]


def divide(
    request: Request,
    pairs: Sequence[Pair],
    grounded: Sequence[Grounded],
    asked: Sequence[Pair],
    search: Search,
    *,
    order: Order,
    seed: int,
) -> Parts:
    """Say what is asked of whom; `asked` are the pairs that nothing was made of.

    `order` is that of the passages in the prompt of every arm.
    """
    each, reading = request.extent.harder, [a for a in request.arms if a.knowledge == "search"]
    own = [arm for arm in reading if arm.model is None]
    changed = [pair for pair in pairs if pair.revised_answers and request.revised]
    asked_for = formatted(grounded, each=each, seed=seed)
    right = {found.pair.id: _passages(found) for found in grounded}
    return Parts(
        main=Part(
            "questions",
            [arm for arm in request.arms if arm != ROUTED],
            asked,
            {arm.name: right for arm in request.arms if arm.knowledge == "given"},
            timed=True,
        ),
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
        formats=Part(
            "questions to be answered in JSON", request.asked if asked_for else [], asked_for
        ),
        changed=Part(
            "questions whose answers changed",
            request.asked if changed else [],
            spread(changed, request.extent.changed),
        ),
        orders={
            other: Part(f"questions, passages {other}", own[-1:], searchable(asked))
            for other in get_args(Order)
            if other != order and request.extent.knobs
        },
    )


def searchable(pairs: Sequence[Pair]) -> list[Pair]:
    """Return those that a search can find; a follow-up's words are none without what was said."""
    return [pair for pair in pairs if pair.documents and pair.kind != "follow-up"]


def _harder(what: str, arms: Sequence[Arm], variants: Sequence[Variant]) -> Part:
    given = {variant.pair.id: variant.given for variant in variants}
    pairs = [variant.pair for variant in variants]
    return Part(what, arms if pairs else [], pairs, {arm.name: given for arm in arms})


def planned(request: Request, parts: Parts) -> list[Step]:
    """Return what will be done, in its order."""
    trains = any(arm.adapter == "closed-book" for arm in request.arms)
    alone = ALONE_S * len(request.runnable) + REPLIES_S
    return [
        Step("worked examples and a closed-book adapter", TRAINING_S if trains else 1),
        *(step for part in parts.all for step in part.steps()),
        Step("each arm alone with the network blocked: memory, disk, forgetting", alone),
        *([Step("knobs of retrieval, one at a time and all together", KNOBS_S)] * request.sweeps),
    ]


def _passages(found: Grounded) -> list[GivenDocument]:
    return [
        GivenDocument(id=str(chunk.metadata["document"]), text=chunk.page_content)
        for chunk in found.gold
    ]
