"""Load an embedding model by its name, on this machine or on another that has the same one."""

from __future__ import annotations

from dataclasses import dataclass

from langchain_core.embeddings import Embeddings

from app.models.base import resolve_embedding_model
from app.models.embeddings import load_embeddings
from app.models.names import BUILTIN_EMBEDDINGS, read_remote
from app.models.remote.load import Access
from app.models.remote.load import load_embeddings as load_remote_embeddings
from app.models.weights import DtypeName


@dataclass(frozen=True)
class NamedEmbeddings:
    """An embedding model that is loaded where it is called."""

    name: str
    """A builtin name, a folder, a hub id, PROVIDER:NAME, or http://HOST/v1#NAME."""
    access: Access
    dtype: DtypeName = "auto"
    """What passages are embedded in by a model on this machine."""

    def __call__(self) -> Embeddings:
        """Load it; raises UserError where it cannot be."""
        if remote := read_remote(self.name, setting=self.access.setting):
            return load_remote_embeddings(remote, self.access)
        builtin = self.name == BUILTIN_EMBEDDINGS
        return load_embeddings(resolve_embedding_model(self.name), self.dtype, builtin=builtin)
