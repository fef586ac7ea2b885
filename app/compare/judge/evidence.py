"""The measured rows that a verdict rests on, each with an id to be cited by."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from app.compare.judge.comparison import Comparison
from app.compare.judge.scores import RIGHT
from app.compare.judge.staleness import Told
from app.compare.plan.arms import Adapter, Role

CITED = "cited_gold"
SHARES = {
    RIGHT: ("right", "of its answers to {n} questions are right"),
    CITED: ("cited", "of the {n} questions it answers cite a document that holds the answer"),
}
BASE: tuple[Role, Adapter] = (Role.BY_HEART, "none")
SEARCHING: tuple[Role, Adapter] = (Role.SEARCHES, "none")
STEPS: Mapping[str, tuple[tuple[Role, Adapter], tuple[Role, Adapter], str]] = {
    "weights": ((Role.BY_HEART, "closed-book"), BASE, "knowledge put into the weights"),
    "documents": (SEARCHING, BASE, "the documents, searched"),
    "behaviour": ((Role.SEARCHES, "grounded"), SEARCHING, "training on how to read passages"),
    "both": (
        (Role.SEARCHES, "closed-book"),
        SEARCHING,
        "knowledge in the weights, beside the same search",
    ),
}
"""Roles and adapters of two arms that differ in one thing alone."""

Stale = Mapping[str, Mapping[Told, int]]


@dataclass(frozen=True)
class Row:
    """One measured figure."""

    id: str
    value: float
    text: str


def evidence(comparison: Comparison, stale: Stale, others: Iterable[Row] = ()) -> dict[str, Row]:
    """Return every row by its id, those measured beside the answers last."""
    made = [*_by_arm(comparison), *_steps(comparison), *_stale(stale), *others]
    return {row.id: row for row in made}


def format_rows(formats: Comparison) -> Iterator[Row]:
    """Yield how often each arm that was asked for JSON wrote it."""
    for arm in formats.arms if formats.pairs else ():
        valid = formats.means(arm.name)["format_valid"].value
        yield Row(
            f"format.{arm.name}", valid, f"{arm.name}: {valid:.0%} of the JSON asked for is valid"
        )


def _by_arm(comparison: Comparison) -> Iterator[Row]:
    for arm in comparison.arms:
        means, cost = comparison.means(arm.name), comparison.cost(arm.name)
        for score, (name, text) in SHARES.items():
            if estimate := means.get(score):
                share = f"{estimate.value:.0%} {text.format(n=estimate.n)}"
                yield Row(f"{name}.{arm.name}", estimate.value, f"{arm.name}: {share}")
        seconds = cost.p50_ms / 1000
        yield Row(
            f"wait.{arm.name}", seconds, f"{arm.name}: half of its answers take {seconds:.2f} s"
        )


def _steps(comparison: Comparison) -> Iterator[Row]:
    arms = {(arm.role, arm.adapter): arm.name for arm in comparison.arms if arm.plain}
    for id_, (upper, lower, what) in STEPS.items():
        more, less = arms.get(upper), arms.get(lower)
        if more is None or less is None:
            continue
        gain = sum(comparison.right[more].values()) - sum(comparison.right[less].values())
        share = gain / len(comparison.pairs)
        yield Row(f"step.{id_}", share, f"{what}: {more} less {less}, {100 * share:+.0f} points")


def _stale(stale: Stale) -> Iterator[Row]:
    for arm, counts in stale.items():
        changed = sum(counts.values())
        text = (
            f"{arm}: of {changed} changed facts {counts['new']} told as they are, "
            f"{counts['old']} as they were"
        )
        yield Row(f"stale.{arm}", counts["old"] / changed, text)
