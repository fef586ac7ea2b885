"""Scores of answers that packages add; the verdict rests on none of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from numbers import Real

from app.answers import Answer
from app.dataset.pairs import Pair
from app.errors import UserError
from app.plugins import Port

Metric = Callable[[Answer, Pair], float | None]
"""Scores an answer from 0 to 1, or returns None for a question that the score is not about."""

COLUMNS = frozenset(
    "right refusal_recall format_valid cited_gold exact_match f1 over_refusal citation_recall "
    "citation_precision quote_verbatim faithfulness self_knowledge part arm id kind question "
    "accepted answer abstained origin route cited scores ms tokens prompt_tokens "
    "completion_tokens model adapter index borrowed passages exchanges".split()
)
"""What rows have already: our own scores, and what else stands beside them."""
METRICS: Port[Metric] = Port(
    "groundtune.metrics", "a function of (Answer, Pair) that returns a number", builtin=COLUMNS
)
"""Packages add a score here, under its name."""


def chosen_metrics(names: Sequence[str]) -> dict[str, Metric]:
    """Load metrics by their names; raises UserError for a name that no package adds."""
    known = METRICS.names()
    if unknown := [name for name in names if name not in known]:
        there = f"choose from {', '.join(known)}" if known else "no installed package adds any"
        raise UserError(f"there is no metric {unknown[0]!r}: {there}")
    return {name: METRICS.load(name) for name in names}


def added_scores(metrics: Mapping[str, Metric], answer: Answer, pair: Pair) -> dict[str, float]:
    """Return what each metric says of an answer, where it says anything.

    Raises UserError where one fails, or says something else than a number from 0 to 1.
    """
    values = {name: _value(name, metric, answer, pair) for name, metric in metrics.items()}
    return {name: value for name, value in values.items() if value is not None}


def _value(name: str, metric: Metric, answer: Answer, pair: Pair) -> float | None:
    try:
        value = metric(answer, pair)
    except Exception as error:  # a package's code raises what it likes
        raise METRICS.failed(name, f"it fails on question {pair.id!r}", error) from error
    if value is not None and not (isinstance(value, Real) and 0 <= value <= 1):
        reason = f"but it gives {value!r} for question {pair.id!r}"
        raise METRICS.broken(name, f"{reason}, and not a number from 0 to 1 or None")
    return None if value is None else float(value)
