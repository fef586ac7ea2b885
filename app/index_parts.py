"""One index, put together on first use, and what is looked up in it; imports no torch."""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache
from typing import Self, cast

from langchain_core.documents import Document

from app.built_once import built_once, shared
from app.embedding_parts import EmbeddingParts
from app.errors import UserError
from app.index.choice import open_index
from app.index.config import IndexConfig
from app.index.port import Index
from app.index.seen import SeenStore
from app.index.store import HybridVectorStore
from app.models.base import embedding_identity
from app.rankings import SearchResult, to_search_result
from app.settings import Settings
from graphs.errors import InvalidQuestion

VIEWS_KEPT = 64  # of the users who asked last; each has parts of its own, but no model


class IndexParts(EmbeddingParts):
    """Finds chunks and documents of one index.

    A view, which has a `whole`, uses its models and sees some of its documents.
    """

    groups: frozenset[str] = frozenset()
    """The groups whose documents a view shows."""

    def __init__(
        self, settings: Settings | None = None, *, whole: EmbeddingParts | None = None
    ) -> None:
        super().__init__(settings, whole=whole)
        self._views = lru_cache(VIEWS_KEPT)(self._view)

    def seen_by(self, groups: Collection[str]) -> Self:
        """Return the view of members of these groups, for whom no other document exists."""
        return cast("Self", self._views(frozenset(groups)))  # the cache forgets the type

    def _view(self, groups: frozenset[str]) -> Self:
        view = self._beside()
        view.groups = groups
        return view

    def _beside(self) -> Self:
        """Return other parts around the same models."""
        return type(self)(self.settings, whole=self.whole or self)

    @built_once
    def store(self) -> Index:
        """The index, or what may be seen of it."""
        return SeenStore(self._index, self.groups) if self.whole else self._index

    @shared
    def _index(self) -> HybridVectorStore:
        settings = self.settings
        config = IndexConfig(
            embedding_model=embedding_identity(settings.embedding_model, cache_dir=settings.cache),
            dimension=len(self.embeddings.embed_query("dimension")),
            chunk_size=settings.chunk_size,
            chunk_overlap=settings.chunk_overlap,
        )
        return open_index(settings.store_url(), settings.index, self.embeddings, config)

    def search(self, question: str, k: int = 10, *, id_: str = "1") -> SearchResult:
        """Rank at most `k` chunks of the index for a question, the best first.

        A hit's score orders this list and says nothing across questions; `start` and `end` count
        characters of `text_of(hit["document"])`. Raises InvalidQuestion for an empty question, and
        UserError where there is no index.
        """
        if not question.strip():
            raise InvalidQuestion("the question is empty: search for something in words")
        scored = self.store.hybrid_search(question, k)
        return to_search_result(scored, id_=id_, question=question)

    def chunks_for(self, question: str, k: int) -> list[Document]:
        """Return at most `k` chunks of the index for a question, the best first."""
        return [chunk for chunk, _ in self.store.hybrid_search(question, k)]

    def roots(self) -> dict[str, str]:
        """Return the folder, file or URL that each document of the index was ingested from."""
        if not self.store.exists():
            return {}
        return {name: root for name, (root, _) in self.store.documents().items()}

    def text_of(self, document: str) -> str:
        """Return a document's extracted text, in which citations count.

        Raises UserError for a document that the index does not hold.
        """
        text = self.store.text_of(document)
        if text is None:
            raise UserError(f"the index holds no document {document!r}: name one as citations do")
        return text

    def sections_of(self, document: str) -> dict[str, int]:
        """Return the level of each of a document's sections by its title."""
        chunks = self.store.chunks_of(document)
        paths = [chunk.metadata["section"].split(" > ") for chunk in chunks]
        return {title: at for path in paths for at, title in enumerate(path, start=1) if title}
