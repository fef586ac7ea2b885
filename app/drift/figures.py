"""Compare how two logs of questions were answered; knows nothing of what was asked."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import fisher_exact, mannwhitneyu

from app.drift.log import LoggedQuestion

ALPHA = 0.01  # three tests then raise a false alarm in fewer than 3 of 100 logs
NOTABLE = 0.6  # probability that one of the two logs is told from the other; 0.5 is chance
NOTABLE_RISE = 0.05  # of a share


@dataclass(frozen=True)
class Figure:
    """One comparison of the logs; None stands for what a log does not tell."""

    name: str
    reference: float | None
    now: float | None
    p: float | None
    drifted: bool


def changed_documents(
    now: Sequence[LoggedQuestion], changed: Collection[str]
) -> tuple[Figure, ...]:
    """Count the changed documents, and the questions whose best passage is in one."""
    best = [entry.best.document for entry in now if entry.best]
    resting = sum(document in changed for document in best)
    share = resting / len(best) if best else None
    return (
        Figure("documents changed", None, len(changed), None, bool(changed)),
        Figure("questions that rest on them", None, share, None, bool(resting)),
    )


def retrieval(now: Sequence[LoggedQuestion], before: Sequence[LoggedQuestion]) -> Figure:
    """Compare the best passages of what was searched by rank (Mann-Whitney U, one-sided)."""
    answered = [[e for e in log if e.searched and e.abstained is not None] for log in (now, before)]
    graded = all(p.grade is not None for log in answered for e in log for p in e.documents)
    name = "best passage, median " + ("grade" if graded else "score")
    new, old = ([_strength(entry, graded=graded) for entry in log] for log in answered)
    if not new or not old:
        return Figure(name, None, None, None, False)
    test = mannwhitneyu(new, old, alternative="less")
    stronger_before = 1 - test.statistic / (len(new) * len(old))  # ties count half
    drifted = test.pvalue < ALPHA and stronger_before >= NOTABLE
    medians = float(np.median(old)), float(np.median(new))
    return Figure(name, *medians, float(test.pvalue), bool(drifted))


def _strength(entry: LoggedQuestion, *, graded: bool) -> float:
    if entry.best is None:
        return 0.0
    return (entry.best.grade or 0.0) if graded else max(p.score for p in entry.documents)


def abstained(now: Sequence[LoggedQuestion], before: Sequence[LoggedQuestion]) -> Figure:
    """Compare the shares of questions that were not answered."""
    new, old = ([e.abstained for e in log if e.abstained is not None] for log in (now, before))
    return _share("questions not answered", new, old)


def wrong(now: Sequence[LoggedQuestion], before: Sequence[LoggedQuestion]) -> Figure:
    """Compare the shares of wrong answers, where both logs know of right ones."""
    new, old = ([not e.right for e in log if e.right is not None] for log in (now, before))
    return _share("answers known to be wrong", new, old)


def _share(name: str, now: Sequence[bool], before: Sequence[bool]) -> Figure:
    """Compare two shares (Fisher's exact test, one-sided)."""
    shares = [sum(flags) / len(flags) if flags else None for flags in (before, now)]
    old, new = shares
    if old is None or new is None:
        return Figure(name, old, new, None, False)
    table = [[sum(now), len(now) - sum(now)], [sum(before), len(before) - sum(before)]]
    p = float(fisher_exact(table, alternative="greater").pvalue)
    return Figure(name, old, new, p, p < ALPHA and new - old >= NOTABLE_RISE)
