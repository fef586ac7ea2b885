"""The model tells which question a short follow-up means."""

import pytest

from app.models.completion import LikelyCompletion
from app.models.local import LocalScorer

BUS = "Which bus goes to the hospital?"


@pytest.fixture
def completion(chat) -> LikelyCompletion:
    """What completes follow-ups by the built-in model."""
    return LikelyCompletion(LocalScorer(chat.worker))


@pytest.mark.parametrize(
    ("former", "follow_up", "meant"),
    [
        (BUS, "And to the airport?", "Which bus goes to the airport?"),
        (
            "When did Armenia adopt Christianity?",
            "What about Georgia?",
            "When did Georgia adopt Christianity?",
        ),
        (
            "How much memory does the small plan include?",
            "And the large one?",
            "How much memory does the large plan include?",
        ),
        ("What was the revenue in 2021?", "And in 2022?", "What was the revenue in 2022?"),
    ],
)
async def test_the_likeliest_way_is_meant(
    completion: LikelyCompletion, former: str, follow_up: str, meant: str
) -> None:
    assert completion.complete([former, follow_up]) == meant
    assert await completion.acomplete([former, follow_up]) == meant


def test_follow_ups_of_follow_ups_build_on_what_was_meant(completion: LikelyCompletion) -> None:
    asked = [
        "How do I cancel a monthly subscription?",
        "And a yearly one?",
        "What about a weekly one?",
    ]
    assert completion.complete(asked) == "How do I cancel a weekly subscription?"


@pytest.mark.parametrize("follow_up", ["Which one?", "And how much is it?", "Thank you!"])
def test_what_is_no_short_follow_up_is_left_to_the_rewrite(
    completion: LikelyCompletion, follow_up: str
) -> None:
    assert completion.complete([BUS, follow_up]) is None
    assert completion.complete([BUS, follow_up, "And to the airport?"]) is None


def test_what_could_mean_several_things_is_left_to_the_rewrite(
    completion: LikelyCompletion,
) -> None:
    fares = "What is the fare for adults and for children?"
    assert completion.complete([fares, "And for dogs?"]) is None
