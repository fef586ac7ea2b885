"""Harder questions: passages whose facts were changed, and passages among look-alikes."""

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from langchain_core.documents import Document

from app.compare.plan.harder_questions import counterfactual, noisy
from app.dataset.pairs import Grounded, Pair


def grounded(at: int, text: str, answer: str) -> Grounded:
    pair = Pair(id=f"q{at}", question="How many?", answers=(answer,), documents=("a.md",))
    chunk = Document(text, id=f"a{at}", metadata={"document": "a.md", "start": 0})
    return Grounded(pair, answer, (chunk,))


def test_a_changed_fact_is_what_its_passage_says_and_another_one() -> None:
    facts = [grounded(at, f"It has {at}1 bees, yes, {at}1 bees.", f"{at}1") for at in range(1, 9)]
    words = grounded(9, "It is blue.", "blue")  # which no rule can change
    made = counterfactual([*facts, words], each=12, seed=1)
    assert len(made) == 8
    for variant in made:
        (passage,), (answer,) = variant.given, variant.pair.answers
        former = next(fact for fact in facts if variant.pair.id == f"{fact.pair.id}-changed")
        assert answer != former.answer
        assert re.fullmatch(r"[1-9]{2}", answer)
        assert passage.text == former.gold[0].page_content.replace(former.answer, answer)
    assert made == counterfactual([*facts, words], each=12, seed=1)


@pytest.mark.parametrize(
    ("answer", "text", "around"),
    [
        ("14 Euros", "It costs 14 euros.", ("It costs ", ".")),
        ("5 May 2024", "It opens on 5 May\n2024.", ("It opens on ", ".")),
        (
            "8",
            "At 18:30 all 8 boats leave, 8.5 miles off.",
            ("At 18:30 all ", " boats leave, 8.5 miles off."),
        ),
        ("18:30", "Last boat 18:30, not 18:300.", ("Last boat ", ", not 18:300.")),
        ("8時", "毎朝、8時に開きます。", ("毎朝、", "に開きます。")),
        (r"\1 8", r"It is \1 8 here.", ("It is ", " here.")),
    ],
)
def test_a_fact_is_changed_as_it_was_found_and_nothing_else(
    answer: str, text: str, around: tuple[str, str]
) -> None:
    (made,) = counterfactual([grounded(1, text, answer)], each=1, seed=1)
    (passage,), (new,) = made.given, made.pair.answers
    assert passage.text == new.join(around)
    assert re.sub(r"\d", "0", new) == re.sub(r"\d", "0", answer)
    assert new != answer


@pytest.mark.parametrize(
    ("answers", "text"),
    [
        (("Strasse 8",), "Die Post ist Straße 8."),  # found, as capitals of both are the same
        (("18:30", "half past six"), "It leaves at 18:30, that is half past six."),
    ],
)
def test_a_fact_that_would_still_stand_there_is_not_asked_about(
    answers: tuple[str, ...], text: str
) -> None:
    question = grounded(1, text, answers[0])
    several = replace(question, pair=question.pair.model_copy(update={"answers": answers}))
    assert counterfactual([several], each=1, seed=1) == []


class Unread(tuple[Document, ...]):
    """Passages that nobody may read."""

    def __iter__(self) -> Iterator[Document]:
        raise AssertionError("passages are read for an answer without digits")


def test_no_passage_is_read_for_an_answer_that_no_rule_can_change() -> None:
    words = replace(grounded(1, "It is blue.", "blue"), gold=Unread())
    assert counterfactual([words], each=1, seed=1) == []


def test_noise_holds_the_right_passage_and_none_other_with_the_answer() -> None:
    right = grounded(1, "It has 12 bees.", "12")
    hits = [Document(text, metadata={"document": "b.md"}) for text in ("12 too", "x", "y", "z")]
    (made,) = noisy([right], lambda question, k: [*right.gold, *hits], each=12, seed=1)
    assert sorted(given.text for given in made.given) == ["It has 12 bees.", "x", "y", "z"]
    assert made.pair.answers == right.pair.answers
