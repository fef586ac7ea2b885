"""Engines by their names; Ray is an extra, and slow to import."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Literal

from langchain_core.embeddings import Embeddings

from app.errors import UserError
from app.ingest.engine import Engine

EngineName = Literal["local", "ray"]


def ray_engine(load: Callable[[], Embeddings]) -> AbstractContextManager[Engine]:
    """Give the workers of a Ray cluster, each of which loads the embedding model by itself.

    Raises UserError where Ray is not installed or its cluster cannot be reached.
    """
    try:
        from app.ingest.ray_engine import open_ray
    except ImportError as error:
        raise UserError(
            "--engine ray needs Ray, which is not installed: run pip install 'groundtune[ray]'"
        ) from error
    return open_ray(load)
