"""Read, cut and embed on the workers of a Ray cluster; nothing of the index leaves this process.

Plain tasks, not Ray Data: that takes no stream, and here what is sent next depends on which vectors
the journal of a killed run holds already.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, TypeVar

import ray
from langchain_core.documents import Document
from langchain_core.embeddings import Embeddings
from ray.cloudpickle import dumps, loads
from ray.exceptions import RayError, RayTaskError

from app.errors import UserError, one_line
from app.index.store import embed_chunks
from app.index.vectors import Vectors
from app.ingest.engine import Engine, Made, Taken

Item = TypeVar("Item")

TRIES = 5  # that a task's worker may die in, before the file or the machines are at fault
AHEAD = 2  # tasks for each processor, so that none waits for the next


@contextmanager
def open_ray(load: Callable[[], Embeddings]) -> Iterator[Engine]:
    """Join the cluster that `RAY_ADDRESS` or `ray start` names, or start one on this machine."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # or it reports to its makers
    joined = ray.is_initialized()
    try:
        ray.init(log_to_driver=False, logging_level="ERROR", ignore_reinit_error=True)
    except (ConnectionError, RuntimeError, ValueError) as error:
        raise UserError(
            f"the Ray cluster cannot be reached ({one_line(error)}): start one with "
            "'ray start --head', or name one in RAY_ADDRESS"
        ) from error
    try:
        yield RayTasks(load)
    finally:
        if not joined:
            ray.shutdown()


class RayTasks:
    """Each file and each part of chunks is a task, which is done anew where its worker dies."""

    def __init__(self, load: Callable[[], Embeddings]) -> None:
        self._load = dumps(load)

    def cut(self, cut: Callable[[Taken], Made], files: Iterable[Taken]) -> Iterator[Made]:
        """Cut a file on each processor."""
        done = ray.remote(_call).options(num_cpus=1, max_retries=TRIES)
        shared = ray.put(cut)
        return _in_order(lambda file: done.remote(shared, file), files, "CPU")

    def embed(self, parts: Iterable[Sequence[Document]]) -> Iterator[Vectors]:
        """Embed a part on each GPU, or on each processor where there is no GPU."""
        kind = "GPU" if ray.cluster_resources().get("GPU") else "CPU"
        needs = {"num_gpus": 1, "max_calls": 0} if kind == "GPU" else {"num_cpus": 1}
        done = ray.remote(**needs)(_embed).options(max_retries=TRIES)
        return _in_order(lambda part: done.remote(self._load, part), parts, kind)


def _call(cut: Callable[[Taken], Made], file: Taken) -> Made:
    return cut(file)


def _embed(load: bytes, chunks: Sequence[Document]) -> Vectors:
    return embed_chunks(_loaded(load), chunks)


@lru_cache(maxsize=1)
def _loaded(load: bytes) -> Embeddings:
    """Load the model once in each worker's process."""
    made: Embeddings = loads(load)()
    return made


def _in_order(send: Callable[[Item], Any], items: Iterable[Item], kind: str) -> Iterator[Any]:
    under_way: deque[Any] = deque()
    for item in items:
        under_way.append(send(item))
        if len(under_way) >= AHEAD * max(1, ray.cluster_resources().get(kind, 0)):
            yield _result(under_way.popleft())
    while under_way:
        yield _result(under_way.popleft())


def _result(task: Any) -> Any:
    try:
        return ray.get(task)
    except RayTaskError as error:
        raise error.cause from None  # as if it had been raised here
    except RayError as error:
        raise UserError(
            f"the Ray cluster failed ({one_line(error)}): the index is as it was, and "
            "the next run goes on where this one stopped"
        ) from error
