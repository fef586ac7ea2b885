"""Groundtune's ingestion into an empty index, models loaded."""

from __future__ import annotations

import tempfile
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
        report = assistant.ingest([work["documents"]], rebuild=True)
        assert report.embedded == report.chunks, "a rebuilt index embeds all that it holds"
        hits = [assistant.search(asked, k=5)["results"] for asked in work["questions"]]
        return {
            "chunks": report.chunks,
            "documents": [[hit["document"] for hit in found] for found in hits],
        }

    return build


if __name__ == "__main__":
    serve(load)
