"""Offer questions that the documents answer, for a page on which nobody has asked yet."""

from __future__ import annotations

import random
import threading

from app.assistant import Assistant
from app.dataset.generate import generate_questions

CHUNKS = 60  # that are asked about; a second or so
LONGEST = 80  # characters
SHOWN = 3


class Examples:
    """Questions made by rule out of an index, each of another document; made once a version."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant
        self._making = threading.Lock()
        self._made: dict[str, list[str]] = {}

    def questions(self) -> list[str]:
        """Return them; none where nothing was ingested."""
        if not self._assistant.store.exists():
            return []
        version = self._assistant.store.version
        with self._making:
            if version not in self._made:
                self._made = {version: self._make(version)}
            return self._made[version]

    def _make(self, version: str) -> list[str]:
        chunks = self._assistant.store.all_chunks()
        drawn = random.Random(version).sample(chunks, min(CHUNKS, len(chunks)))
        made = generate_questions(
            drawn, None, self._ranked, per_chunk=1, seed=0, progress=False
        ).questions
        of_each = {q.document: q.question for q in made if len(q.question) <= LONGEST}
        return list(of_each.values())[:SHOWN]

    def _ranked(self, question: str) -> list[str]:
        return [hit["chunk"] for hit in self._assistant.search(question, 3)["results"]]
