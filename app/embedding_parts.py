"""What embeds texts, put together from settings on first use; imports no torch."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

from langchain_core.embeddings import Embeddings
from pydantic import SecretStr

from app.built_once import shared
from app.models.named_embeddings import NamedEmbeddings
from app.models.remote.load import Access
from app.settings import Settings, as_variable


class EmbeddingParts:
    """The embedding model. Each part is built on first use, and kept for all threads.

    Objects that have a `whole` use its parts.
    """

    def __init__(
        self, settings: Settings | None = None, *, whole: EmbeddingParts | None = None
    ) -> None:
        self.settings = settings or Settings()
        self.whole = whole
        self.building = threading.RLock()

    @shared
    def embeddings(self) -> Embeddings:
        """The embedding model."""
        return self.named_embeddings()

    @property
    def named_embeddings(self) -> NamedEmbeddings:
        """What loads the embedding model, here or on another machine."""
        name = as_variable("embedding_model", self.settings.embedding_model)
        key = self.settings.embedding_model_key
        access = self._access(key, {}, "GROUNDTUNE_EMBEDDING_MODEL")
        return NamedEmbeddings(name, access, self.settings.dtype)

    def _access(self, key: SecretStr | None, options: Mapping[str, Any], setting: str) -> Access:
        seconds = self.settings.model_timeout
        return Access(setting=setting, key=key, options=options, seconds=seconds)
