"""Open the index where a setting says that it is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from langchain_core.embeddings import Embeddings

from app.errors import UserError
from app.index.config import IndexConfig
from app.index.kinds import STORES, Kind, kind_of
from app.index.records.tables import Database
from app.index.store import HybridVectorStore

if TYPE_CHECKING:
    from app.index.records.patient import Server


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

    database = _client(kind.extra, url) if kind.extra else _added(kind.name, url)
    return RecordVectorStore(database, folder, embeddings, config)


def _client(extra: str, url: str) -> Database:
    from app.index.records.patient import patient

    database = _database(extra)(url)
    return database if database.folder else patient(database)


def _database(extra: str) -> Callable[[str], Server]:
    if extra == "qdrant":
        from app.index.records.qdrant import QdrantDatabase

        return QdrantDatabase
    if extra == "milvus":
        from app.index.records.milvus import MilvusDatabase

        return MilvusDatabase
    if extra == "pinecone":
        from app.index.records.pinecone import PineconeDatabase

        return PineconeDatabase
    if extra == "weaviate":
        from app.index.records.weaviate import WeaviateDatabase

        return WeaviateDatabase
    from app.index.records.chroma import ChromaDatabase

    return ChromaDatabase


def _added(scheme: str, url: str) -> Database:
    """Open a store that a package adds."""
    make = STORES.load(scheme)
    try:
        database = make(url)
    except UserError:
        raise
    except ValueError as error:
        raise UserError(f"GROUNDTUNE_STORE is no URL of {scheme} ({error})") from error
    except Exception as error:  # a package's code raises what it likes
        raise STORES.failed(scheme, "it cannot open its store", error) from error
    if not isinstance(database, Database):
        kind = type(database).__name__
        raise STORES.broken(scheme, f"but what it returns is of type {kind}, not a Database")
    return database
