"""Short follow-ups become whole questions, made of the user's own words."""

import pytest

from graphs.ellipsis import MOST, completions, said_anew
from graphs.text import words

PRINTER = "How long is the warranty on the X200 printer?"


@pytest.mark.parametrize(
    ("follow_up", "anew"),
    [
        ("And on the South route?", "on the South route"),
        ("What about children?", "children"),
        ("and for children", "for children"),
        ("What if I'm on foot?", "if I'm on foot"),
        ("Sorry, I meant the Aurelia.", "the Aurelia"),
        ("The same for cats?", "cats"),
        ("On Sundays?", "on sundays"),
        ("And the WHO?", "the WHO"),
        ("And IT?", "IT"),
    ],
)
def test_what_is_different_is_told_from_what_introduces_it(follow_up: str, anew: str) -> None:
    assert said_anew(follow_up).lower() == anew.lower()


@pytest.mark.parametrize(
    "follow_up",
    [
        "And how much is it for dogs?",  # asks by itself
        "And is smoking allowed?",
        "And its fax?",  # points at something
        "Which one?",
        "So, no game meat from now on!",
        "Thanks!",
        "And?",
        "And it?",
        "AND IT?",
        "When does the boat leave for Culvie?",
        "Dogs. And cats?",
        "And that is how all of this was in the years before the war?",
    ],
)
def test_a_question_by_itself_and_a_remark_say_nothing_anew(follow_up: str) -> None:
    assert not said_anew(follow_up)
    assert completions(PRINTER, follow_up) == []


def test_new_words_stand_for_any_others_but_the_first_or_at_the_end() -> None:
    ways = {one.text: one for one in completions(PRINTER, "And on the X300?")}
    assert "How long is the warranty on the X300 printer?" in ways
    assert ways["How long is the warranty on the X200 printer on the X300?"].replaced == 0
    assert all(way.startswith("How ") for way in ways)
    assert len(ways) == len({tuple(words(way)) for way in ways}) <= MOST


@pytest.mark.parametrize(
    ("former", "follow_up", "meant"),
    [
        ("What does a small locker cost?", "And a big one?", "What does a big locker cost?"),
        (
            "How much is the pass for one adult?",
            "What about one for the whole family?",
            "How much is the pass for the whole family?",
        ),
    ],
)
def test_one_leaves_what_it_stands_for_in_its_place(
    former: str, follow_up: str, meant: str
) -> None:
    assert meant in [one.text for one in completions(former, follow_up)]


def test_former_questions_of_several_sentences_and_long_ones_are_left_alone() -> None:
    assert completions("I have a dog. What does it cost?", "And for cats?") == []
    assert completions(f"What {'very ' * 30}old ship is that?", "And for cats?") == []
