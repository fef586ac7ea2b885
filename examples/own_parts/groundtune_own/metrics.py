"""Score an answer by ROUGE-L: the longest run of words, gaps allowed, that it shares."""

from __future__ import annotations

from collections.abc import Sequence

from app.answers import Answer
from app.dataset.pairs import Pair
from finetune.evaluation.scores import normalize, without_citations


def rouge_l(answer: Answer, pair: Pair) -> float | None:
    """Return the best F measure over the accepted answers; None where a text is not what counts."""
    if not pair.answers or pair.kind == "format":
        return None
    said = normalize(without_citations(answer["answer"])).split()
    return max(_f_measure(said, normalize(wanted).split()) for wanted in pair.answers)


def _f_measure(said: Sequence[str], wanted: Sequence[str]) -> float:
    shared = _longest(said, wanted)
    return 2 * shared / (len(said) + len(wanted)) if shared else 0.0


def _longest(left: Sequence[str], right: Sequence[str]) -> int:
    """Return the length of the longest common subsequence."""
    best = [0] * (len(right) + 1)
    for word in left:
        before = best.copy()
        for at, other in enumerate(right, start=1):
            best[at] = before[at - 1] + 1 if word == other else max(before[at], best[at - 1])
    return best[-1]
