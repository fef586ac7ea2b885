"""LangChain's defaults: its loader, splitter and embeddings into FAISS, the model loaded."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.peers.langchain_answers import embeddings_of, index
from bench.peers.turns import Work, serve


def load(work: Work) -> Callable[[], dict[str, Any]]:
    """Load the embedding model."""
    embeddings = embeddings_of(work["embeddings"])
    root = Path(work["documents"])

    def build() -> dict[str, Any]:
        begun = time.perf_counter()
        store = index(root, embeddings)
        indexing_s = time.perf_counter() - begun
        found = [store.similarity_search(asked, k=5) for asked in work["questions"]]
        return {
            "indexing_s": indexing_s,
            "chunks": store.index.ntotal,
            "documents": [
                [str(Path(hit.metadata["source"]).relative_to(root)) for hit in hits]
                for hits in found
            ],
        }

    return build


if __name__ == "__main__":
    serve(load)
