"""Weights for small talk let hardly a question pass, and none of those that sound like it."""

from __future__ import annotations

import random
from typing import Any

from talk_recipes import crossed, figures, fit, passes


def rows(count: int) -> list[dict[str, Any]]:
    """Make lines; talk is nearer to talk, and has fewer subjects."""
    draw, made = random.Random(7), []
    for at in range(count):
        talk = draw.random() < 0.3
        near, far = draw.betavariate(6, 3), draw.betavariate(3, 6)
        values = [near, far, draw.randrange(2)] if talk else [far, near, draw.randrange(1, 5)]
        source = "examples" if at % 10 == 0 else "made"
        made.append({"source": source, "talk": talk, "group": str(at % 40), "values": values})
    return made


def test_no_example_of_a_question_passes_and_of_others_one_in_a_thousand() -> None:
    lines = rows(3000)
    weights = fit(lines)
    let = [row for row in lines if passes(weights, row)]
    asked = [row for row in let if not row["talk"]]
    assert not [row for row in asked if row["source"] == "examples"]
    assert len(asked) <= 0.001 * sum(not row["talk"] for row in lines)
    assert len(let) > 0.3 * sum(row["talk"] for row in lines)


def test_each_line_is_judged_once_by_what_was_fitted_on_others() -> None:
    lines = rows(400)
    judged = list(crossed(lines))
    assert len(judged) == sum(row["source"] != "examples" for row in lines)
    (told,) = figures(judged)
    talk = sum(row["talk"] for row, _ in judged)
    assert f"of {talk}; questions taken for it: " in told
    assert told.endswith(f" of {len(judged) - talk}")
