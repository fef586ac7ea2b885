"""Score rankings of documents against those that are needed, by trec_eval's own code."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from statistics import mean

import ir_measures
from ir_measures import RR, P, R, Success, nDCG

Scores = dict[str, float]
DEPTH = 20  # passages that the curve of hits reaches to


@dataclass(frozen=True)
class SearchScores:
    """What the search finds, whatever is made of it."""

    k: int
    """Passages that are used."""
    scores: Mapping[str, Scores]
    """At `k`, by question id."""
    curve: Mapping[int, float]
    """How often a needed document is among the first so many passages."""


def score_search(
    ranked: Mapping[str, Sequence[str]], needed: Mapping[str, Collection[str]], k: int
) -> SearchScores:
    """Score the documents of ranked passages, `DEPTH` or more of each question, used to `k`."""
    used = {question: documents[:k] for question, documents in ranked.items()}
    return SearchScores(k, score_rankings(used, needed, k), hit_curve(ranked, needed, DEPTH))


def score_rankings(
    ranked: Mapping[str, Sequence[str]], needed: Mapping[str, Collection[str]], k: int
) -> dict[str, Scores]:
    """Return hit, recall, precision, MRR and nDCG at `k` of each question, by question id.

    `ranked` holds documents, best first; of one that occurs twice the first place counts. A
    question that needs nothing is left out; one for which nothing was found scores 0.
    """
    measures = {
        f"hit@{k}": Success @ k,
        f"recall@{k}": R @ k,
        f"precision@{k}": P @ k,
        f"mrr@{k}": RR @ k,
        f"ndcg@{k}": nDCG @ k,
    }
    names = {measure: name for name, measure in measures.items()}
    scorable = [question for question in ranked if needed.get(question)]
    qrels = {question: dict.fromkeys(needed[question], 1) for question in scorable}
    run = {question: _places(ranked[question]) for question in scorable}
    scores: dict[str, Scores] = {question: dict.fromkeys(measures, 0.0) for question in scorable}
    for measured in ir_measures.iter_calc(list(names), qrels, run):
        scores[measured.query_id][names[measured.measure]] = measured.value
    return scores


def hit_curve(
    ranked: Mapping[str, Sequence[str]], needed: Mapping[str, Collection[str]], depth: int
) -> dict[int, float]:
    """Return for each k up to `depth` how often a needed document is among the first k passages."""
    scorable = [question for question in ranked if needed.get(question)]
    if not scorable:
        return {}
    return {k: mean(_hit(ranked[q][:k], needed[q]) for q in scorable) for k in range(1, depth + 1)}


def _hit(documents: Sequence[str], needed: Collection[str]) -> bool:
    return any(document in needed for document in documents)


def _places(documents: Sequence[str]) -> dict[str, float]:
    """Give each document the reciprocal of its first place, for trec_eval sorts by score."""
    return {document: 1 / place for place, document in enumerate(dict.fromkeys(documents), start=1)}
