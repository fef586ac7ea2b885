"""What articles say about retrieval and fine-tuning, held against the rows that were measured."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from app.compare.judge.evidence import Row
from app.compare.plan.arms import Arm, Role

Found = Literal["holds here", "fails here", "not measured"]
NOTICEABLE = 0.05  # a share that differs by less decides nothing
FORGOTTEN = 0.05  # rise of perplexity on general text

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
    arms: tuple[str, ...] = ()
    """Arms that it holds for, where one of several in a role is enough."""

    @property
    def outcome(self) -> str:
        """What was found, with the arms that it holds for."""
        return f"{self.found} for {', '.join(self.arms)}" if self.arms else self.found


def claims(arms: Sequence[Arm], rows: Rows, shown: Shown) -> list[Claim]:
    """Judge each claim by the rows of arms in the roles that it is about.

    Where no arm of a role was asked, it is not measured. Other models are left aside.
    """
    own, searching, by_heart = _own(arms), _searching(arms), _by_heart(arms)
    trained = [arm for arm in own if arm.adapter != "none"]
    untrained = [arm for arm in own if arm.adapter == "none"]
    return [
        stays_fresh(arms, rows),
        _format(trained, untrained, rows),
        _for_some(
            "Answers from retrieval can be traced to their sources.",
            rows,
            ("cited", searching),
            lambda cited: cited > 0.5,
        ),
        _for_some(
            "Fine-tuning makes a model forget.",
            rows,
            ("forgetting", trained),
            lambda forgotten: forgotten > FORGOTTEN,
        ),
        _judge(
            "A fine-tuned model answers faster, for it searches nothing.",
            rows,
            (_named(rows, "wait", by_heart), _named(rows, "wait", searching)),
            lambda closed, searching: max(closed) < min(searching),
        ),
        _judge(
            "Only a fine-tuned model runs offline.",
            rows,
            (_named(rows, "offline", by_heart), _named(rows, "offline", searching)),
            lambda closed, searching: min(closed) > max(searching),
        ),
        _both_best([arm for arm in arms if arm.runnable], rows, shown),
    ]


def stays_fresh(arms: Sequence[Arm], rows: Rows) -> Claim:
    """Judge whether arms that search tell fewer old facts than those that learned them by heart."""
    return _judge(
        "Retrieval stays fresh when documents change, and fine-tuning does not.",
        rows,
        (_named(rows, "stale", _searching(arms)), _named(rows, "stale", _by_heart(arms))),
        lambda searching, closed: min(closed) >= max(searching) + NOTICEABLE,
    )


def _own(arms: Sequence[Arm]) -> list[Arm]:
    return [arm for arm in arms if arm.runnable and arm.model is None]


def _searching(arms: Sequence[Arm]) -> list[Arm]:
    own = _own(arms)
    return [arm for arm in own if arm.role is Role.SEARCHES and arm.adapter != "closed-book"]


def _by_heart(arms: Sequence[Arm]) -> list[Arm]:
    return [arm for arm in _own(arms) if arm.role is Role.BY_HEART and arm.adapter != "none"]


def _named(rows: Rows, name: str, arms: Sequence[Arm]) -> list[str]:
    return [id_ for arm in arms if (id_ := f"{name}.{arm.name}") in rows]


def _judge(
    says: str, rows: Rows, sides: tuple[list[str], ...], holds: Callable[..., bool]
) -> Claim:
    cited = tuple(id_ for side in sides for id_ in side)
    if not all(sides):
        return Claim(says, "not measured", cited)
    values = [[rows[id_].value for id_ in side] for side in sides]
    return Claim(says, "holds here" if holds(*values) else "fails here", cited)


def _for_some(
    says: str, rows: Rows, asked: tuple[str, Sequence[Arm]], holds: Callable[[float], bool]
) -> Claim:
    """Judge a claim that one arm of a role is enough for, by a kind of row."""
    kind, arms = asked
    cited = _named(rows, kind, arms)
    by = tuple(id_.removeprefix(f"{kind}.") for id_ in cited if holds(rows[id_].value))
    found: Found = "holds here" if by else "fails here"
    return Claim(says, found if cited else "not measured", tuple(cited), by)


def _format(trained: Sequence[Arm], untrained: Sequence[Arm], rows: Rows) -> Claim:
    """Hold trained arms against others; it fails only where one was trained on the format."""
    says = "Fine-tuning controls the format of answers."
    others = _named(rows, "format", untrained)
    if not others:
        return Claim(says, "not measured", tuple(_named(rows, "format", trained)))
    least = max(rows[id_].value for id_ in others) + NOTICEABLE
    claim = _for_some(says, rows, ("format", trained), lambda valid: valid >= least)
    taught = _named(rows, "format", [arm for arm in trained if arm.adapter == "format"])
    found = claim.found if claim.arms or taught else "not measured"
    return replace(claim, found=found, rows=(*claim.rows, *others))


def _both_best(arms: Sequence[Arm], rows: Rows, shown: Shown) -> Claim:
    """Hold an arm that is trained and searches against all that do not do both.

    A lead that may be chance is none.
    """
    says = "Retrieval and fine-tuning together are the most accurate."
    asked = [arm for arm in arms if f"right.{arm.name}" in rows]
    both = [arm.name for arm in asked if arm.adapter != "none" and arm.role.needs_documents]
    others = [arm.name for arm in asked if arm.name not in both]
    cited = tuple(_named(rows, "right", asked))
    if not both or not others:
        return Claim(says, "not measured", cited)
    best = tuple(one for one in both if all((one, other) in shown for other in others))
    return Claim(says, "holds here" if best else "fails here", cited, best)
