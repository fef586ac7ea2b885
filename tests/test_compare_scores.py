import math
import re
from typing import Any, cast

import pytest

from app.answers import Answer
from app.compare.judge.citation_scores import CitationScores, score_citations
from app.compare.judge.containment import holds
from app.compare.judge.scores import check_scorable, score_answer
from app.compare.judge.search_scores import score_rankings
from app.dataset.pairs import Pair
from app.errors import UserError
from app.models.line_reader import LineReader
from app.models.verifier import ReaderVerifier

PASSAGES = ("the mill is old", "the mill sells bread", "boats leave at nine")


def entails(text: str, claim: str) -> bool:
    """A judge that anyone can follow: every word of the claim stands in the text."""
    return set(claim.split()) <= set(text.split())


def test_citations_by_alces_rules() -> None:
    def scores(*claims: tuple[str, list[int]]) -> tuple[float, float]:
        found = score_citations(claims, PASSAGES, entails)
        return found.recall, found.precision

    assert scores(("the mill is old", [0])) == (1, 1)
    assert scores(("the mill is old", [0, 2])) == (1, 0.5)  # the boats are not needed
    assert scores(("the old mill sells bread", [0, 1])) == (1, 1)  # neither is enough alone
    assert scores(("the mill", [0, 1])) == (1, 1)  # each is enough alone
    assert scores(("the mill is old", [1])) == (0, 0)
    assert scores(("the mill is old", [])) == (0, 0)
    assert scores(("the mill is old", [0, 3])) == (0, 0)  # there is no such passage
    assert scores(("the mill is old", [0]), ("boats leave at ten", [2])) == (0.5, 0.5)
    assert score_citations([], PASSAGES, entails) == CitationScores(0, 0)


def test_rankings_by_hand() -> None:
    ranked = {
        "q1": ["a", "b", "a", "c"],  # b is second: `a` counts once
        "q2": ["x", "y", "z"],
        "q3": ["a", "d", "b"],
        "q4": [],
        "q5": ["a"],
    }
    needed = {"q1": {"b"}, "q2": {"w"}, "q3": {"a", "b"}, "q4": {"a"}, "q5": set()}
    found = score_rankings(ranked, needed, 3)
    assert set(found) == {"q1", "q2", "q3", "q4"}
    assert found["q1"] == pytest.approx(
        {"hit@3": 1, "recall@3": 1, "precision@3": 1 / 3, "mrr@3": 0.5, "ndcg@3": 1 / math.log2(3)}
    )
    ideal = 1 + 1 / math.log2(3)
    assert found["q3"] == pytest.approx(
        {"hit@3": 1, "recall@3": 1, "precision@3": 2 / 3, "mrr@3": 1, "ndcg@3": 1.5 / ideal}
    )
    assert set(found["q2"].values()) == set(found["q4"].values()) == {0.0}


MILL = "The old mill sells bread for 2 euros. Anna runs it."
BOATS = "The last boat leaves at six."


def asked(**fields: Any) -> Pair:
    return Pair.model_validate(
        {
            "id": "q",
            "question": "What does bread cost?",
            "answers": ["2 euros"],
            "documents": ["mill.md"],
            **fields,
        }
    )


@pytest.fixture(scope="module")
def verifier() -> ReaderVerifier:
    return ReaderVerifier(LineReader())


def said(text: str, *quotes: tuple[str, str], abstained: bool = False) -> Answer:
    """Answer from two passages, citing (document, quote) pairs."""
    documents = [
        {"document": name, "chunk": name, "score": 1.0, "grade": 1.0, "text": passage}
        for name, passage in (("mill.md", MILL), ("boats.md", BOATS))
    ]
    citations = [
        {"document": name, "chunk": name, "page": None, "start": 0, "end": 1, "quote": quote}
        for name, quote in quotes
    ]
    return cast(
        Answer,
        {
            "id": "q",
            "answer": text,
            "abstained": abstained,
            "documents": documents,
            "citations": citations,
        },
    )


def test_a_right_answer_with_its_quote_scores_in_full(verifier: ReaderVerifier) -> None:
    found = score_answer(
        said("Bread sells for 2 euros [1].", ("mill.md", "2 euros")), asked(), verifier
    )
    assert found == pytest.approx(
        {
            "right": 1,
            "exact_match": 0,
            "f1": 4 / 7,  # two of five words said, two of two wanted
            "over_refusal": 0,
            "citation_recall": 1,
            "citation_precision": 1,
            "cited_gold": 1,
            "quote_verbatim": 1,
            "faithfulness": 1,
            "self_knowledge": 0,
        }
    )


def test_a_wrong_citation_an_invented_quote_and_an_unsupported_claim_are_told_apart(
    verifier: ReaderVerifier,
) -> None:
    wrong = score_answer(said("It costs 2 euros [1].", ("boats.md", "at six")), asked(), verifier)
    assert (wrong["right"], wrong["cited_gold"], wrong["citation_recall"]) == (1, 0, 0)
    assert wrong["quote_verbatim"] == 1
    invented = score_answer(said("2 euros [1]", ("mill.md", "only 2 euros")), asked(), verifier)
    assert (invented["cited_gold"], invented["quote_verbatim"]) == (1, 0)
    boat = asked(question="Where was the boat built?", answers=["Lisbon"])
    known = score_answer(said("The boat was built in Lisbon."), boat, verifier)
    assert (known["right"], known["self_knowledge"], known["faithfulness"]) == (1, 1, 0)


def test_refusals_are_right_where_nothing_is_to_be_known(verifier: ReaderVerifier) -> None:
    refusal = said("I don't know.", abstained=True)
    assert score_answer(refusal, asked(kind="unanswerable", answers=[]), verifier) == {
        "right": 1,
        "refusal_recall": 1,
    }
    missed = score_answer(refusal, asked(), verifier)
    assert (missed["right"], missed["over_refusal"]) == (0, 1)
    assert "cited_gold" not in missed  # what was not said is not cited wrongly
    assert score_answer(refusal, asked(kind="small-talk"), verifier)["right"] == 0
    assert score_answer(said("Hello!"), asked(kind="small-talk"), verifier) == {"right": 1}


def test_an_answer_is_held_as_whole_words() -> None:
    assert holds("It costs the 12 Euros.", "12 euros")
    assert not holds("It costs 112 euros", "12 euros")
    assert not holds("anything", "")
    assert not holds("There are eight kennels [1].", "1")
    assert not holds("There are eight [1][2].", "12")
    assert holds("Read it with `items[1]`. [2]", "items[1]")


@pytest.mark.parametrize(
    ("said", "answer", "right"),
    [
        ("Ring the ship’s bell.", "ship's bell", True),
        ("Ring the ship's bell.", "ship’s bell", True),
        ("It is called “Grey Phalarope”.", "Grey Phalarope", True),
        ("It is called Grey Phalarope…", "«Grey Phalarope»", True),
        ("It costs 10–12 euros.", "10-12 euros", True),
        ("Open Monday–Friday.", "Monday-Friday", True),
        ("The price is fixed—14 euros.", "14 euros", True),
        ("最終便は18:30です。", "18:30", True),
        ("東京都に住む。", "東京", True),
        ("北京，上海", "上海", True),
        ("부산에서 떠난다.", "부산", True),
        ("เรือออกจากภูเก็ต", "ภูเก็ต", True),
        ("１８：３０に出ます", "18:30", True),
        ("בית הספר נסגר", "בית", True),
        ("ביתנים נסגרו", "בית", False),
        ("It is 15 metres long.", "1.5 metres", False),
        ("It is 1.5 metres long.", "15 metres", False),
        ("It takes 23 days.", "2-3 days", False),
        ("It takes 2–3 days.", "2-3 days", True),
        ("It takes 18-20 days.", "18", False),
        ("It leaves at 18:30.", "30", False),
        ("It leaves at 18.30.", "18:30", True),
        ("It costs £1140.", "£1,140", True),
        ("It costs 1’140 francs.", "1140 francs", True),
        ("It weighs 2,5 kg.", "2.5 kg", True),
        ("It weighs 25 kg.", "2,5 kg", False),
        ("Take gate A.", "gate A", True),
        ("Take gate B.", "gate A", False),
        ("It is at the gate.", "a gate", True),
        ("It is a boat.", "A", False),
        ("It sells U.S. dollars.", "US dollars", True),
        ("Ask at the Purser's office.", "pursers office", True),
        ("It costs $5.", "5", True),
        ("The mill is old.", "…", False),
    ],
)
def test_an_answer_is_held_in_any_script_and_number_by_number(
    said: str, answer: str, right: bool
) -> None:
    assert holds(said, answer) is right


def test_a_question_that_names_no_document_says_nothing_of_citations(
    verifier: ReaderVerifier,
) -> None:
    found = score_answer(said("2 euros [1]", ("mill.md", "2 euros")), asked(documents=[]), verifier)
    assert "cited_gold" not in found
    assert (found["right"], found["citation_recall"]) == (1, 1)


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"answers": []}, "question 'q' has no accepted answer"),
        ({"answers": [], "kind": "format"}, "question 'q' has no accepted answer"),
        ({"kind": "format"}, "'2 euros' is no JSON object of texts"),
        ({"kind": "format", "answers": ['{"price": 2}']}, "is no JSON object of texts"),
        ({"answers": ["A"]}, "question 'q' has the answer 'A', of which nothing is left"),
        ({"answers": ["—", "the"]}, "question 'q' has the answer '—', of which nothing is left"),
        ({"kind": "format", "answers": ['{"gate": "A"}']}, "of which nothing is left"),
    ],
)
def test_a_question_to_which_nothing_could_be_right_is_refused(
    fields: dict[str, Any], why: str
) -> None:
    right = [asked(), asked(kind="unanswerable", answers=[]), asked(kind="small-talk", answers=[])]
    check_scorable([*right, asked(kind="format", answers=['{"price": "2 euros"}'])])
    with pytest.raises(UserError, match=re.escape(why)):
        check_scorable([*right, asked(**fields)])


def test_an_answer_to_another_question_is_not_scored(verifier: ReaderVerifier) -> None:
    with pytest.raises(ValueError, match="no answer to 'other'"):
        score_answer(said("2 euros"), asked(id="other"), verifier)
