"""Say from a log of questions whether to re-index, re-train or leave it, with the figures behind.

Knows logs and embeddings; knows neither the index nor the model that answered.

    documents changed   retrieval weaker   failures more   verdict
    yes                 any                any             re-index
    no                  yes                any             re-index: add what the questions ask for
    no                  no                 yes             re-train
    no                  no                 no              leave it

Only changed documents say what to do where there are too few questions to test.

Questions that are new only in themselves ask for nothing. A difference counts when chance makes
it in fewer than 1 of 100 logs and it is large enough to matter.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from rich.table import Table

from app.drift.figures import Figure, abstained, changed_documents, retrieval, wrong
from app.drift.log import LoggedQuestion
from app.drift.questions import Cluster, Embed, Questions

FEWEST = 30  # questions in a log; below, no test finds less than a landslide


class Verdict(StrEnum):
    """What to do."""

    RE_INDEX = "RE-INDEX"
    RE_TRAIN = "RE-TRAIN"
    LEAVE_IT = "LEAVE IT"
    TOO_FEW = "TOO FEW QUESTIONS"


@dataclass(frozen=True)
class DriftReport:
    """The verdict and what it rests on."""

    verdict: Verdict
    reason: str
    questions: int
    reference: int
    left_out: int
    """Lines of both logs that ended in an error or were small talk."""
    figures: tuple[Figure, ...]
    cluster: Cluster | None

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)

    def table(self) -> Table:
        """Return the figures as a table for the terminal."""
        table = Table(title=f"{self.verdict}: {self.reason}", title_justify="left")
        for column in ("figure", "reference", "now", "p", "drifted"):
            table.add_column(column)
        for figure in self.figures:
            numbers = (_shown(figure.reference), _shown(figure.now), _shown(figure.p))
            table.add_row(figure.name, *numbers, "yes" if figure.drifted else "no")
        return table


def detect_drift(
    log: Sequence[LoggedQuestion],
    reference: Sequence[LoggedQuestion],
    embed: Embed,
    *,
    changed: Collection[str] = (),
    is_small_talk: Callable[[str], bool] = lambda question: True,
    seed: int = 13,
) -> DriftReport:
    """Compare a log with an earlier one, or with the questions that an adapter was trained on.

    `changed` names the documents that were added, changed or removed since the last ingestion.
    `is_small_talk` is asked about what was answered without a search: where every question is
    searched for, that is small talk.
    """
    now, before = (_counting(lines, is_small_talk) for lines in (log, reference))
    counts = (len(now), len(before), len(log) + len(reference) - len(now) - len(before))
    documents = changed_documents(now, changed)
    if min(len(now), len(before)) < FEWEST:
        said = _re_index(len(changed)) if changed else _too_few(len(now), len(before))
        return DriftReport(*said, *counts, documents, None)
    passages, unanswered, mistaken = (test(now, before) for test in (retrieval, abstained, wrong))
    questions = Questions.embedded(
        [entry.question for entry in now], [entry.question for entry in before], embed, seed=seed
    )
    novelty = questions.figure()
    verdict, reason = _verdict(
        changed=len(changed),
        weaker=passages.drifted,
        failing=unanswered.drifted or mistaken.drifted,
        new=novelty.drifted,
    )
    figures = (*documents, passages, unanswered, mistaken, novelty)
    cluster = questions.cluster() if novelty.drifted else None
    return DriftReport(verdict, reason, *counts, figures, cluster)


def _verdict(*, changed: int, weaker: bool, failing: bool, new: bool) -> tuple[Verdict, str]:
    if changed:
        return _re_index(changed)
    if weaker and new:
        return Verdict.RE_INDEX, "new questions find weaker passages: add documents about them"
    if weaker:
        return Verdict.RE_INDEX, "the same questions find weaker passages than before"
    if failing:
        return Verdict.RE_TRAIN, "passages are as good as before, but more answers fail"
    if new:
        return Verdict.LEAVE_IT, "the questions are new, but they are answered as well as before"
    return Verdict.LEAVE_IT, "nothing differs beyond chance"


def _re_index(changed: int) -> tuple[Verdict, str]:
    return Verdict.RE_INDEX, f"{changed} documents changed since the last ingestion"


def _too_few(now: int, before: int) -> tuple[Verdict, str]:
    lacks = {"log": FEWEST - now, "reference": FEWEST - before}
    needed = " and ".join(f"{n} more in the {name}" for name, n in lacks.items() if n > 0)
    return Verdict.TOO_FEW, f"{FEWEST} questions are needed in each log: {needed}"


def _counting(
    log: Sequence[LoggedQuestion], is_small_talk: Callable[[str], bool]
) -> list[LoggedQuestion]:
    asked = [entry for entry in log if not entry.error]
    return [entry for entry in asked if entry.searched or not is_small_talk(entry.question)]


def _shown(number: float | None) -> str:
    return "" if number is None else f"{number:.3g}"
