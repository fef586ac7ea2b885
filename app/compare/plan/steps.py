"""What a comparison will do, step by step, and how long each step should take."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from app.compare.plan.arms import Role
from app.compare.plan.question_sets import QuestionSet, QuestionSets
from app.compare.plan.request import Request

LESSON_S, ALONE_S, REPLIES_S, KNOBS_S = 2.0, 25, 45, 300  # what took so long with the sample
FORMAT_S = 360  # for as many lessons as there ever are
SECONDS: Mapping[Role, float] = {
    Role.BY_HEART: 1.6,
    Role.SEARCHES: 5.0,
    Role.DECIDES: 0.1,
    Role.READS: 2.0,
}
"""The seconds that a question took with the built-in model."""


@dataclass(frozen=True)
class Step:
    """One thing to do, and the seconds that it takes on two cores."""

    name: str
    seconds: float
    arm: str = ""
    """That is asked, where one is."""


def planned(request: Request, sets: QuestionSets, repeats: Sequence[QuestionSet]) -> list[Step]:
    """Return what will be done, in its order; `repeats` are the questions of other seeds."""
    making = Step("worked examples and adapters", max(1.0, sum(_trainings(request))))
    alone = ALONE_S * len(request.runnable) + REPLIES_S
    knobs = Step("knobs of retrieval, one at a time and all together", KNOBS_S)
    return [
        making,
        *(step for asked in sets.all for step in _asking(asked)),
        Step("each arm alone with the network blocked: memory, disk, forgetting", alone),
        *([knobs] if request.sweeps else []),
        *(step for again in repeats for step in (making, *_asking(again))),
    ]


def _trainings(request: Request) -> Iterator[float]:
    """Yield the seconds of each adapter that is trained, for as many lessons as there may be."""
    trained = {arm.adapter for arm in request.arms}
    if "closed-book" in trained:
        yield LESSON_S * request.extent.lessons
    if "format" in trained:
        yield FORMAT_S


def _asking(asked: QuestionSet) -> Iterator[Step]:
    """Yield one step for each arm."""
    for arm in asked.arms:
        count = len(asked.pairs)
        yield Step(f"{arm.name}: {count} {asked.what}", count * SECONDS[arm.role], arm.name)
