"""What articles say about retrieval and fine-tuning, held against the rows that were measured."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from app.compare.evidence import Row

Found = Literal["holds here", "fails here", "not measured"]
NOTICEABLE = 0.05  # a share that differs by less decides nothing
FORGOTTEN = 0.05  # rise of perplexity on general text
SEARCHING, CLOSED, TRAINED = ("base-rag", "hybrid"), ("tuned",), ("tuned", "hybrid")
UNTRAINED = ("base", "base-rag")

Rows = Mapping[str, Row]
Shown = Collection[tuple[str, str]]
"""Pairs of arms (better, worse) whose difference is more than chance."""


@dataclass(frozen=True)
class Claim:
    """Something that articles say."""

    says: str
    found: Found
    rows: tuple[str, ...]
    """Ids of the rows that support or contradict it."""


def claims(rows: Rows, shown: Shown) -> list[Claim]:
    """Judge each claim by its rows; where an arm was left out it is not measured."""
    return [
        _judge(
            "Retrieval stays fresh when documents change, and fine-tuning does not.",
            rows,
            (_named(rows, "stale", SEARCHING), _named(rows, "stale", CLOSED)),
            lambda searching, closed: min(closed) >= max(searching) + NOTICEABLE,
        ),
        _judge(
            "Fine-tuning controls the format of answers.",
            rows,
            (_named(rows, "format", TRAINED), _named(rows, "format", UNTRAINED)),
            lambda trained, untrained: max(trained) >= max(untrained) + NOTICEABLE,
        ),
        _judge(
            "Answers from retrieval can be traced to their sources.",
            rows,
            (_named(rows, "cited", SEARCHING),),
            lambda searching: max(searching) > 0.5,
        ),
        _judge(
            "Fine-tuning makes a model forget.",
            rows,
            (_named(rows, "forgetting", TRAINED),),
            lambda forgotten: max(forgotten) > FORGOTTEN,
        ),
        _judge(
            "A fine-tuned model answers faster, for it searches nothing.",
            rows,
            (_named(rows, "wait", CLOSED), _named(rows, "wait", SEARCHING)),
            lambda closed, searching: max(closed) < min(searching),
        ),
        _judge(
            "Only a fine-tuned model runs offline.",
            rows,
            (_named(rows, "offline", CLOSED), _named(rows, "offline", SEARCHING)),
            lambda closed, searching: min(closed) > max(searching),
        ),
        _both_best(rows, shown),
    ]


def _named(rows: Rows, name: str, arms: Sequence[str]) -> list[str]:
    return [id_ for arm in arms if (id_ := f"{name}.{arm}") in rows]


def _judge(
    says: str, rows: Rows, sides: tuple[list[str], ...], holds: Callable[..., bool]
) -> Claim:
    cited = tuple(id_ for side in sides for id_ in side)
    if not all(sides):
        return Claim(says, "not measured", cited)
    values = [[rows[id_].value for id_ in side] for side in sides]
    return Claim(says, "holds here" if holds(*values) else "fails here", cited)


def _both_best(rows: Rows, shown: Shown) -> Claim:
    """A lead that may be chance is none."""
    says = "Retrieval and fine-tuning together are the most accurate."
    cited = tuple(id_ for id_ in rows if id_.startswith("right.") and id_ != "right.oracle")
    others = [id_.removeprefix("right.") for id_ in cited if id_ != "right.hybrid"]
    if "right.hybrid" not in rows or not others:
        return Claim(says, "not measured", cited)
    best = all(("hybrid", other) in shown for other in others)
    return Claim(says, "holds here" if best else "fails here", cited)
