"""Score rankings of documents against those that are needed, by trec_eval's own code."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import ir_measures
from ir_measures import RR, P, R, Success, nDCG

Scores = dict[str, float]


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
    asked = [question for question in ranked if needed.get(question)]
    qrels = {question: dict.fromkeys(needed[question], 1) for question in asked}
    run = {question: _places(ranked[question]) for question in asked}
    scores: dict[str, Scores] = {question: dict.fromkeys(measures, 0.0) for question in asked}
    for found in ir_measures.iter_calc(list(names), qrels, run):
        scores[found.query_id][names[found.measure]] = found.value
    return scores


def _places(documents: Sequence[str]) -> dict[str, float]:
    """Give each document the reciprocal of its first place, for trec_eval sorts by score."""
    return {document: 1 / place for place, document in enumerate(dict.fromkeys(documents), start=1)}
