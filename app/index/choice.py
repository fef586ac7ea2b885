"""Open the index where a setting says that it is."""

from __future__ import annotations

from pathlib import Path

from langchain_core.embeddings import Embeddings

from app.errors import UserError
from app.index.config import IndexConfig
from app.index.kinds import Kind, kind_of
from app.index.store import HybridVectorStore


def open_index(
    url: str, folder: Path, embeddings: Embeddings, config: IndexConfig
) -> HybridVectorStore:
    """Return the index that a URL names, or the one of the folder where the URL is empty.

    Raises UserError where the store's client is not installed.
    """
    if not url:
        return HybridVectorStore(folder, embeddings, config)
    kind = kind_of(url)
    try:
        return _opened(kind, url, folder, embeddings, config)
    except ImportError as error:
        raise UserError(
            f"GROUNDTUNE_STORE names {kind.name}, whose client is not installed: run pip install "
            f"'groundtune[{kind.extra}]'"
        ) from error


def _opened(
    kind: Kind, url: str, folder: Path, embeddings: Embeddings, config: IndexConfig
) -> HybridVectorStore:
    if kind.extra == "postgresql":
        from app.index.postgres.store import PostgresVectorStore

        return PostgresVectorStore(url, folder, embeddings, config)
    from app.index.records.store import RecordVectorStore

    if kind.extra == "qdrant":
        from app.index.records.qdrant import QdrantDatabase

        return RecordVectorStore(QdrantDatabase(url), folder, embeddings, config)
    from app.index.records.chroma import ChromaDatabase

    return RecordVectorStore(ChromaDatabase(url), folder, embeddings, config)
