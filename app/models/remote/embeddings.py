"""Embeddings that a provider or a server computes, normalised as the index wants them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from langchain_core.embeddings import Embeddings

from app.errors import BadReply, ContextLengthError
from app.models.remote.calls import Calls

TOGETHER = 64  # texts of one request at most; a fault costs no more


class RemoteEmbeddings(Embeddings):
    """Calls a client, again after a fault that passes. Raises ModelUnavailable or BadReply."""

    def __init__(self, client: Embeddings, calls: Calls) -> None:
        self._client = client
        self._calls = calls
        self._together = TOGETHER

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Embed texts, TOGETHER at a time, or as many as the server takes."""
        vectors: list[list[float]] = []
        while len(vectors) < len(texts):
            group = texts[len(vectors) : len(vectors) + self._together]
            try:
                vectors += self._embedded(group)
            except BadReply as error:
                if error.passing or len(group) == 1:
                    raise
                self._together = len(group) // 2
        return vectors

    def embed_query(self, text: str) -> list[float]:
        """Embed a question, as the client does questions."""
        (vector,) = self._calls.call(lambda: self._checked([self._client.embed_query(text)], 1))
        return vector

    def _embedded(self, texts: list[str]) -> list[list[float]]:
        embed = self._client.embed_documents
        try:
            return self._calls.call(lambda: self._checked(embed(texts), len(texts)))
        except ContextLengthError as error:  # of a chunk: no question of the asker's is too long
            raise BadReply(
                f"{error}: lower GROUNDTUNE_CHUNK_SIZE, or serve it with a longer context"
            ) from None

    def _checked(self, vectors: Sequence[Sequence[float]], count: int) -> list[list[float]]:
        array = np.array(vectors, dtype=np.float64)
        if array.ndim != 2 or len(array) != count or not np.isfinite(array).all():
            raise BadReply(f"{self._calls.remote.where} sent no vector for each text", passing=True)
        lengths = np.linalg.norm(array, axis=1, keepdims=True)
        normal: list[list[float]] = (array / np.where(lengths > 0, lengths, 1)).tolist()
        return normal
