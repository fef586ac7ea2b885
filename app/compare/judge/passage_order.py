"""Say what the order of passages in the prompt is worth: it moves answers, not what is shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from app.compare.judge.ablation import Ablated
from app.compare.judge.comparison import Comparison
from finetune.evaluation.bootstrap import Estimate, mean
from graphs.limits import Order


@dataclass(frozen=True)
class Ordering:
    """What an arm answers rightly when its passages stand in other orders."""

    arm: str
    used: Order
    found: Estimate
    """Share of answers that are right in the order that is set."""
    ablated: tuple[Ablated, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the figures by name."""
        return asdict(self)


def reordered(
    usual: Comparison, others: Mapping[Order, Comparison], used: Order
) -> Ordering | None:
    """Hold each other order's answers against the usual ones to the same questions."""
    answered = {
        order: comparison
        for order, comparison in others.items()
        if comparison.arms and comparison.pairs
    }
    if not answered:
        return None
    first = next(iter(answered.values()))
    (arm,), ids = first.arms, [pair.id for pair in first.pairs]
    base = [usual.right[arm.name][id_] for id_ in ids]
    ablated = []
    for order, comparison in answered.items():
        right = [comparison.right[arm.name][id_] for id_ in ids]
        gains = [now - then for now, then in zip(right, base, strict=True)]
        ablated.append(Ablated("order of passages", order, mean(right), mean(gains)))
    return Ordering(arm.name, used, mean(base), tuple(ablated))
