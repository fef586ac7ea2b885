"""What so many questions will show is foretold as simulations of the same tests find it."""

import random
import re
from pathlib import Path

import pytest

from app.compare.judge.significance import differences
from app.compare.plan.power import ALONE, foretold, power, smallest_gap

ROOT = Path(__file__).parents[1]


def simulated(questions: int, gap: float, arms: int, runs: int = 200) -> float:
    """Return how often the worse of two arms is found so, beside others that equal the better."""
    draw, seen = random.Random(questions), 0
    names = ["best", *[f"equal-{at}" for at in range(arms - 2)], "worse"]
    pairs = [(one, other) for at, one in enumerate(names) for other in names[at + 1 :]]
    for _ in range(runs):
        right: dict[str, dict[str, float]] = {name: {} for name in names}
        for at in range(questions):
            place = draw.random()
            worse, best = place < ALONE + 0.5, place >= ALONE
            best = best and (place < ALONE + 0.5 or place < 2 * ALONE + 0.5 + gap)
            for name in names:
                right[name][str(at)] = float(worse if name == "worse" else best)
        (found,) = [d for d in differences(right, pairs) if (d.left, d.right) == ("best", "worse")]
        seen += found.shown
    return seen / runs


@pytest.mark.parametrize(
    ("questions", "gap", "arms"), [(60, 0.15, 2), (90, 0.2, 3), (40, 0.3, 4), (120, 0.05, 2)]
)
def test_power_is_foretold_within_ten_points(questions: int, gap: float, arms: int) -> None:
    pairs = arms * (arms - 1) // 2
    assert power(questions, gap, pairs=pairs) == pytest.approx(
        simulated(questions, gap, arms), abs=0.1
    )


def test_the_smallest_gap_is_the_first_that_is_seen_often_enough() -> None:
    gap = smallest_gap(60)
    assert gap is not None
    assert power(60, gap) >= 0.8 > power(60, gap - 0.01)
    assert smallest_gap(5) is None
    gaps = [smallest_gap(n) or 1 for n in (30, 60, 120, 500)]
    assert gaps == sorted(gaps, reverse=True)
    assert (smallest_gap(60, pairs=21) or 1) > gap


def test_it_is_said_in_a_sentence() -> None:
    gap = smallest_gap(60, pairs=3) or 0
    assert f"With 60 questions and 3 arms a gap of {100 * gap:.0f} points" in foretold(60, 3)
    assert "no gap would be seen" in foretold(4, 8)
    assert "compared with nothing" in foretold(60, 1)


def test_a_gap_that_cannot_be_is_refused() -> None:
    with pytest.raises(ValueError, match="no share of questions"):
        power(60, 0.95)


def test_the_page_about_comparing_says_what_is_computed() -> None:
    page = " ".join((ROOT / "docs" / "comparing.md").read_text(encoding="utf-8").split())
    assert foretold(90, 7) in page
    assert f"{100 * (smallest_gap(90) or 0):.0f} points between two arms" in page
    rows = re.findall(r"\| (\d+) \| (\d) \| (\d+) points \| (\d+) % \|", page)
    assert len(rows) == 4
    for questions, arms, points, told in rows:
        pairs = int(arms) * (int(arms) - 1) // 2
        assert round(100 * power(int(questions), int(points) / 100, pairs=pairs)) == int(told)
