"""Say before anything is asked how large a difference so many questions would show."""

from __future__ import annotations

import numpy as np
from scipy.stats import binom

LEVEL = 0.05  # of significance
POWER = 0.80  # with which the questions asked for would show a difference as large as the one seen
ALONE = 0.05
"""Share of the questions that the worse of two arms alone answers rightly.

Between the arms of the sample it is 0 to 6 %; the larger it is, the harder a gap is to see.
"""


def power(questions: int, gap: float, *, pairs: int = 1, alone: float = ALONE) -> float:
    """Return how probably McNemar's exact test shows a gap between two shares, as 0.15.

    `pairs` of arms are looked at, by whose number the test is corrected. Raises ValueError for a
    gap that cannot be.
    """
    better, differing = gap + alone, gap + 2 * alone
    if not 0 < differing <= 1:
        raise ValueError(f"a gap of {gap} beside {alone} the other way is no share of questions")
    counts = np.arange(questions + 1)
    # Shown is what has more wins than this among so many that differ.
    most = binom.isf(LEVEL / pairs / 2, counts, 0.5)
    seen = binom.pmf(counts, questions, differing) * binom.sf(most, counts, better / differing)
    return float(seen.sum())


def smallest_gap(questions: int, *, pairs: int = 1, alone: float = ALONE) -> float | None:
    """Return the smallest gap, in whole points, that is shown in 8 of 10 runs; None for none."""
    most = int(100 * (1 - 2 * alone))
    gaps = [points / 100 for points in range(1, most + 1)]
    return next((g for g in gaps if power(questions, g, pairs=pairs, alone=alone) >= POWER), None)


def foretold(questions: int, arms: int) -> str:
    """Say in a sentence what so many questions would show between so many arms."""
    if arms < 2:
        return "One arm alone is compared with nothing."
    pairs = arms * (arms - 1) // 2
    gap = smallest_gap(questions, pairs=pairs)
    asked = f"With {questions} questions and {arms} arms"
    if gap is None:
        return f"{asked} no gap would be seen in 8 of 10 runs, however large: ask more questions."
    return (
        f"{asked} a gap of {100 * gap:.0f} points between two arms would be seen in 8 of 10 runs, "
        f"assuming that {ALONE:.0%} of the questions are won by the weaker arm and lost by the "
        "stronger one."
    )
