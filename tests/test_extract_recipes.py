"""Weights for quotes let as many wrong words through as the reader's own half, and more right."""

from __future__ import annotations

import random
from typing import Any

from extract_recipes import OWN, figures, fit

from app.models.log_odds import log_odds


def rows(count: int) -> list[dict[str, Any]]:
    """Make questions whose passage has their names mostly where the words are right."""
    draw, made = random.Random(5), []
    for _ in range(count):
        right = draw.random() < 0.5
        own = draw.betavariate(3, 2) if right else draw.betavariate(2, 3)
        named = 1.0 if draw.random() < (0.9 if right else 0.3) else 0.0
        values = [log_odds(own, 0.001), 0.5, named]
        made.append({"kind": "made", "found": [{"own": own, "values": values, "right": right}]})
    return made


def test_as_many_wrong_words_pass_as_by_the_readers_half_and_more_right_ones() -> None:
    asked = rows(600)
    weights = fit(asked)
    assert len(weights.weights) == len(weights.features)
    found = [row["found"][0] for row in asked]

    def passed(right: bool) -> tuple[int, int]:
        of = [each for each in found if each["right"] == right]
        weighed = [weights.probability(each["values"]) >= weights.sure for each in of]
        return sum(each["own"] >= OWN for each in of), sum(weighed)

    (wrong_by_own, wrong), (right_by_own, right) = passed(right=False), passed(right=True)
    assert abs(wrong - wrong_by_own) <= 0.1 * wrong_by_own
    assert right > right_by_own
    (line,) = figures(asked, weights)
    assert f"weighed: right {right / len(asked):.3f}, wrong {wrong / len(asked):.3f}" in line
