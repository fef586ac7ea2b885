"""Harder questions: passages whose facts were changed, and passages among look-alikes."""

import re

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


def test_noise_holds_the_right_passage_and_none_other_with_the_answer() -> None:
    right = grounded(1, "It has 12 bees.", "12")
    hits = [Document(text, metadata={"document": "b.md"}) for text in ("12 too", "x", "y", "z")]
    (made,) = noisy([right], lambda question, k: [*right.gold, *hits], each=12, seed=1)
    assert sorted(given.text for given in made.given) == ["It has 12 bees.", "x", "y", "z"]
    assert made.pair.answers == right.pair.answers
