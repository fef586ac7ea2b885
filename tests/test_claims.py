"""Labelled claims come in pairs of one form, so that no shortcut tells right from wrong."""

import random

from claim_facts import documents
from claim_forms import Claim
from claim_recipes import balanced
from sklearn.metrics import roc_auc_score

from graphs.text import content


def made(seed: int) -> list[Claim]:
    found = (Claim(s, k, q, c, p, r) for s, k, q, c, p, r in documents(random.Random(seed), 300))
    return balanced(list(found), random.Random(seed))


def overlap(claim: Claim) -> float:
    said = set(content(claim.claim))
    return len(said & set(content(claim.passage))) / max(1, len(said))


def test_neither_length_nor_closeness_tells_the_label() -> None:
    claims = made(1)
    right = [claim.right for claim in claims]
    assert len(claims) > 2_000
    assert 0.45 <= roc_auc_score(right, [len(claim.claim) for claim in claims]) <= 0.55
    assert 0.45 <= roc_auc_score(right, [overlap(claim) for claim in claims]) <= 0.55
    assert 0.45 <= sum(right) / len(right) <= 0.55


def test_the_same_seed_makes_the_same_claims() -> None:
    assert made(2) == made(2)
    assert made(2) != made(3)


def test_a_claim_and_its_twin_differ_in_nothing_but_what_they_say() -> None:
    claims = made(4)
    pairs = {(c.source, c.kind, c.question, c.passage) for c in claims if c.kind == "row"}
    for key in list(pairs)[:50]:
        twins = [c for c in claims if (c.source, c.kind, c.question, c.passage) == key]
        assert len({c.claim for c in twins}) == len(twins)
