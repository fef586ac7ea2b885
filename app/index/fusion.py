"""Merge rankings that have no common scale."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Hashable, Sequence
from typing import TypeVar

from langchain_core.documents import Document

from app.index.port import Scored

Item = TypeVar("Item", bound=Hashable)

RRF_K = 60  # Cormack, Clarke and Büttcher (SIGIR 2009): damps the weight of the very first ranks


def reciprocal_rank_fusion(rankings: Sequence[Sequence[Item]]) -> list[tuple[Item, float]]:
    """Score each item by the sum of 1 / (60 + rank) over the rankings that hold it, best first.

    Ranks start at 1. Equal scores keep the order of first appearance, so results are stable.
    """
    parts: defaultdict[Item, list[float]] = defaultdict(list)
    for ranking in rankings:
        for rank, item in enumerate(ranking, start=1):
            parts[item].append(1 / (RRF_K + rank))
    # fsum: equal ranks in another order must not differ in the last digit
    scores = [(item, math.fsum(shares)) for item, shares in parts.items()]
    return sorted(scores, key=lambda scored: -scored[1])


def folded(found: Scored) -> Scored:
    """Keep the best of chunks with one text, and name the documents of the others."""
    kept: dict[str, tuple[Document, float]] = {}
    for document, score in found:
        name = document.metadata.get("document")
        key = document.page_content if name else str(document.id)  # a text alone is of no document
        first, _ = kept.setdefault(key, (document, score))
        if first is not document and name != first.metadata.get("document"):
            first.metadata["also"] = [*first.metadata.get("also", []), name]
    return list(kept.values())
