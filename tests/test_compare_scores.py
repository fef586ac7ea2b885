import math

import pytest

from app.compare.citations import CitationScores, score_citations
from app.compare.retrieval import score_rankings

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
