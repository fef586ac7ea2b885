"""Search by vectors and by words, and merge two rankings that have no common scale."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Hashable, Sequence
from typing import TypeVar

from langchain_core.documents import Document

from app.index.port import Filter, Scored, Snapshot
from app.index.vectors import Vectors

Item = TypeVar("Item", bound=Hashable)

RRF_K = 60  # Cormack, Clarke and Büttcher (SIGIR 2009): damps the weight of the very first ranks
FUSION_DEPTH = 50  # candidates from each side; deeper ones cannot reach the top by rank any more
DEEPER, DEEPEST = 4, 800  # times so many where copies of a text take the places; and at most


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


def scored(snapshot: Snapshot, found: Sequence[tuple[int, float]]) -> Scored:
    """Return the chunks of rows that were found, with their scores."""
    chunks = snapshot.chunks([row for row, _ in found])
    return [(chunk, score) for chunk, (_, score) in zip(chunks, found, strict=True)]


def fused(snapshot: Snapshot, query: str, vector: Vectors, k: int, where: Filter | None) -> Scored:
    """Fuse the dense and the lexical ranking; a chunk's metadata gains similarity and index.

    Both are searched deeper where copies leave fewer than k texts.
    """
    depth = max(k, FUSION_DEPTH)
    while True:
        sides = snapshot.dense(vector, depth, where), snapshot.lexical(query, depth, where)
        best = reciprocal_rank_fusion([[row for row, _ in side] for side in sides])
        found = scored(snapshot, best)
        kept = folded(found)[:k]
        if len(kept) == k or depth >= DEEPEST or max(map(len, sides)) < depth:
            break
        depth *= DEEPER
    rows = {chunk.id: row for (chunk, _), (row, _) in zip(found, best, strict=True)}
    stored = snapshot.stored([rows[chunk.id] for chunk, _ in kept])
    for (chunk, _), own in zip(kept, stored, strict=True):
        similarity = round(float(own @ vector), 4)
        chunk.metadata |= {"similarity": similarity, "index": snapshot.version}
    return kept


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


def dated(snapshot: Snapshot, found: Scored) -> Scored:
    """Say in the metadata of chunks when their documents were last changed, where it is known."""
    changed = snapshot.changed(sorted({_document(chunk) for chunk, _ in found}))
    for chunk, _ in found:
        if at := changed.get(_document(chunk)):
            chunk.metadata["changed"] = at
    return found


def _document(chunk: Document) -> str:
    return str(chunk.metadata.get("document"))
