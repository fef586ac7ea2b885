import random

import pytest

from app.compare.judge.significance import differences, holm, mcnemar, questions_needed


def test_mcnemar_counts_the_coin_tosses_that_are_as_uneven() -> None:
    # of 12 questions that differ 2 or fewer, or 10 or more, went one way: 2 (1 + 12 + 66) / 2^12
    assert mcnemar(10, 2) == pytest.approx(158 / 4096)
    assert mcnemar(2, 10) == mcnemar(10, 2)
    assert mcnemar(3, 3) == mcnemar(0, 0) == 1


def test_holm_multiplies_the_smallest_most_and_keeps_the_order() -> None:
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.5, 0.9]) == [1.0, 1.0]
    assert holm([]) == []


def test_effect_sizes_are_those_of_cohens_table() -> None:
    def arm(right: int) -> dict[str, float]:
        return {f"q{at}": float(at < right) for at in range(10)}

    arms = {"all": arm(10), "most": arm(7), "half": arm(5), "none": arm(0)}
    pairs = [("most", "half"), ("half", "most"), ("all", "none")]
    small, turned, whole = (of.effect for of in differences(arms, pairs))
    assert small == pytest.approx(0.4115, abs=1e-4) == -turned
    assert whole == pytest.approx(3.1416, abs=1e-4)


def test_the_questions_needed_grow_with_the_square_of_what_is_sought() -> None:
    # d = 0.1, 0.3 of the questions differ: ((1.95996 √0.3 + 0.84162 √0.29) / 0.1)²
    assert questions_needed(20, 10, 100) == 234
    assert questions_needed(40, 20, 200) == 234
    assert questions_needed(5, 5, 100) is None


def scored(seed: int, gap: float, n: int = 200) -> dict[str, dict[str, float]]:
    """Let arms share their luck on most questions; the better one gets `gap` more of them right."""
    draw = random.Random(seed)
    arms: dict[str, dict[str, float]] = {"good": {}, "same": {}, "poor": {}}
    for at in range(n):
        luck, own = draw.random(), draw.random()
        arms["poor"][f"q{at}"] = arms["same"][f"q{at}"] = float(luck < 0.5)
        arms["good"][f"q{at}"] = float((luck if own < 0.8 else draw.random()) < 0.5 + gap)
    return arms


@pytest.mark.parametrize("seed", range(20))
def test_a_gap_of_twenty_points_is_shown_and_none_between_two_that_are_alike(seed: int) -> None:
    gap, none = differences(scored(seed, 0.2), [("good", "poor"), ("same", "poor")])
    assert gap.shown
    assert gap.estimate.low > 0
    assert gap.more == 0
    assert not none.shown
    assert (none.p, none.adjusted, none.more, none.effect) == (1, 1, None, 0)


def test_a_small_gap_is_not_shown_but_the_questions_that_would_show_it_are_told() -> None:
    left = {f"q{at}": float(at < 12) for at in range(20)}
    right = {f"q{at}": float(at < 10) for at in range(20)}
    (found,) = differences({"a": left, "b": right}, [("a", "b")])
    assert (found.only_left, found.only_right, found.estimate.value) == (2, 0, 0.1)
    assert not found.shown
    assert found.more is not None
    assert 20 + found.more == questions_needed(2, 0, 20)


def test_more_arms_need_more_questions_to_tell_them_apart() -> None:
    left = {f"q{at}": float(at < 12) for at in range(20)}
    right = {f"q{at}": float(at < 10) for at in range(20)}
    scored = {"a": left, "b": right}
    (alone,) = differences(scored, [("a", "b")])
    corrected = differences(scored, [("a", "b")] * 10)[0]
    assert alone.more is not None
    assert corrected.more is not None
    assert corrected.more > alone.more
    assert 20 + corrected.more == questions_needed(2, 0, 20, level=0.005)


def test_arms_that_were_asked_other_questions_are_not_compared() -> None:
    with pytest.raises(ValueError, match="same questions"):
        differences({"a": {"q1": 1}, "b": {"q2": 1}}, [("a", "b")])
    with pytest.raises(ValueError, match="same questions"):
        differences({"a": {}, "b": {}}, [("a", "b")])
