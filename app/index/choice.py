"""Open the index where a setting says that it is."""

from __future__ import annotations

from pathlib import Path

from langchain_core.embeddings import Embeddings

from app.errors import UserError
from app.index.config import IndexConfig
from app.index.port import Index
from app.index.store import HybridVectorStore


def open_index(url: str, folder: Path, embeddings: Embeddings, config: IndexConfig) -> Index:
    """Return the index of a PostgreSQL database, or of the folder where the URL is empty.

    Raises UserError where the database's client is not installed.
    """
    if not url:
        return HybridVectorStore(folder, embeddings, config)
    try:
        from app.index.postgres.store import PostgresVectorStore  # its client is an extra
    except ImportError as error:
        raise UserError(
            "GROUNDTUNE_STORE names PostgreSQL, whose client is not installed: run pip install "
            "'groundtune[postgresql]'"
        ) from error
    return PostgresVectorStore(url, folder, embeddings, config)
