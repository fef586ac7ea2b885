"""Groundtune's ingestion into an empty index, models loaded."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from app.assistant import Assistant
from app.settings import Settings
from bench.peers.turns import Work, serve


def load(work: Work) -> Callable[[], dict[str, Any]]:
    """Load the embedding model."""
    assistant = Assistant(Settings(index=Path(tempfile.mkdtemp()) / "index"))
    assistant.embeddings.embed_query("warm")

    def build() -> dict[str, Any]:
        begun = time.perf_counter()
        report = assistant.ingest([work["documents"]], rebuild=True)
        indexing_s = time.perf_counter() - begun
        assert report.embedded == report.chunks, "a rebuilt index embeds all that it holds"
        hits = [assistant.search(asked, k=5)["results"] for asked in work["questions"]]
        return {
            "indexing_s": indexing_s,
            "chunks": report.chunks,
            "documents": [[hit["document"] for hit in found] for found in hits],
        }

    return build


if __name__ == "__main__":
    serve(load)
