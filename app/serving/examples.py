"""Offer questions that the documents answer, for a page on which nobody has asked yet."""

from __future__ import annotations

import random

from langchain_core.documents import Document

from app.assistant import Assistant
from app.dataset.generate import generate_questions
from app.index.ids import content_id
from app.index.port import Index

CHUNKS = 60  # that are asked about; a second or so
LONGEST = 80  # characters
SHOWN = 3


class Examples:
    """Questions made by rule out of an index, each of another document; made once a version.

    Users who see the same documents are offered the same questions. For one thread at a time.
    """

    def __init__(self) -> None:
        self._version = ""
        self._made: dict[str, list[str]] = {}

    def questions(self, seen: Assistant) -> list[str]:
        """Return questions about what an assistant sees; none where nothing was ingested."""
        if not seen.store.exists():
            return []
        version, documents = seen.store.version, content_id(*sorted(seen.roots()))
        if version != self._version:
            self._version, self._made = version, {}
        if documents not in self._made:
            self._made[documents] = _make(seen)
        return self._made[documents]


def drawn(store: Index) -> list[Document]:
    """Draw the chunks that are asked about, the same of each version; no others are read."""
    with store.snapshot() as snapshot:
        rows = snapshot.rows()
        draw = random.Random(snapshot.version)
        return snapshot.chunks(draw.sample(rows, min(CHUNKS, len(rows))))


def _make(seen: Assistant) -> list[str]:
    chunks = drawn(seen.store)

    def ranked(question: str) -> list[str]:
        return [hit["chunk"] for hit in seen.search(question, 3)["results"]]

    made = generate_questions(chunks, None, ranked, per_chunk=1, seed=0, progress=False).questions
    of_each = {q.document: q.question for q in made if len(q.question) <= LONGEST}
    return list(of_each.values())[:SHOWN]
