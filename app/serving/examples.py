"""Offer questions that the documents answer, for a page on which nobody has asked yet."""

from __future__ import annotations

import random
import threading

from app.assistant import Assistant
from app.dataset.generate import generate_questions
from app.index.ids import content_id

CHUNKS = 60  # that are asked about; a second or so
LONGEST = 80  # characters
SHOWN = 3


class Examples:
    """Questions made by rule out of an index, each of another document; made once a version.

    Users who see the same documents are offered the same questions.
    """

    def __init__(self) -> None:
        self._making = threading.Lock()
        self._version = ""
        self._made: dict[str, list[str]] = {}

    def questions(self, seen: Assistant) -> list[str]:
        """Return questions about what an assistant sees; none where nothing was ingested."""
        if not seen.store.exists():
            return []
        version, documents = seen.store.version, content_id(*sorted(seen.roots()))
        with self._making:
            if version != self._version:
                self._version, self._made = version, {}
            if documents not in self._made:
                self._made[documents] = _make(seen, version)
            return self._made[documents]


def _make(seen: Assistant, version: str) -> list[str]:
    chunks = seen.store.all_chunks()
    drawn = random.Random(version).sample(chunks, min(CHUNKS, len(chunks)))

    def ranked(question: str) -> list[str]:
        return [hit["chunk"] for hit in seen.search(question, 3)["results"]]

    made = generate_questions(drawn, None, ranked, per_chunk=1, seed=0, progress=False).questions
    of_each = {q.document: q.question for q in made if len(q.question) <= LONGEST}
    return list(of_each.values())[:SHOWN]
