"""What arms say about facts that have changed since anything was trained."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Literal

from app.answers import Answer
from app.compare.judge.containment import holds
from app.dataset.pairs import Pair

Told = Literal["new", "old", "neither"]
TOLD: tuple[Told, ...] = ("new", "old", "neither")


def count_told(answers: Sequence[Answer], pairs: Sequence[Pair]) -> dict[Told, int]:
    """Count how many answers tell the fact as it is now, as it was, and neither of them."""
    counts = Counter(tell(answer, pair) for answer, pair in zip(answers, pairs, strict=True))
    return {what: counts[what] for what in TOLD}


def tell(answer: Answer, pair: Pair) -> Told:
    """Say which fact an answer tells; one that tells both is not wrong about the new one."""
    text = "" if answer["abstained"] else answer["answer"]
    if any(holds(text, fact) for fact in pair.revised_answers):
        return "new"
    return "old" if any(holds(text, fact) for fact in pair.answers) else "neither"
