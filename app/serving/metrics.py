"""Count what the graph does, for Prometheus."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any
from uuid import UUID

from langchain_core.callbacks import BaseCallbackHandler
from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge, Histogram

SECONDS = (0.01, 0.03, 0.1, 0.3, 1, 2, 4, 8, 16, 32, 64)
SHARES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)


class Meter(BaseCallbackHandler):
    """Measures each run of the graph that it is a callback of."""

    run_inline = True  # in order, and in the loop that runs the graph

    def __init__(
        self, unfinished: Callable[[], float], registry: CollectorRegistry = REGISTRY
    ) -> None:
        self._began: dict[UUID, float] = {}
        self._runs = Counter(
            "groundtune_runs", "Runs by what came of them.", ["outcome"], registry=registry
        )
        self._seconds = Histogram(
            "groundtune_run_seconds", "Time of a run.", buckets=SECONDS, registry=registry
        )
        self._nodes = Histogram(
            "groundtune_node_seconds", "Time in a node.", ["node"], buckets=SECONDS,
            registry=registry,
        )  # fmt: skip
        self._tokens = Counter(
            "groundtune_tokens", "Tokens read and written.", ["kind"], registry=registry
        )
        self._grade = Histogram(
            "groundtune_best_grade", "Grade of the best passage.", buckets=SHARES, registry=registry
        )
        self._similarity = Histogram(
            "groundtune_best_similarity", "Cosine of the nearest passage.", buckets=SHARES,
            registry=registry,
        )  # fmt: skip
        self._unfinished = unfinished
        self._queue = Gauge(
            "groundtune_queue", "Requests at the model or waiting for it.", registry=registry,
            multiprocess_mode="livesum",
        )  # fmt: skip
        self._queue.set_function(unfinished)

    def on_chain_start(
        self, serialized: Any, inputs: Any, *, run_id: UUID, parent_run_id: UUID | None = None,
        **kwargs: Any,
    ) -> None:  # fmt: skip
        """Note when a run begins."""
        self._queue.set(self._unfinished())  # for other workers, which cannot call the function
        if parent_run_id is None:
            self._began[run_id] = time.perf_counter()

    def on_chain_end(self, outputs: Any, *, run_id: UUID, **kwargs: Any) -> None:
        """Measure a run that came to an end."""
        self._queue.set(self._unfinished())
        began = self._began.pop(run_id, None)
        if began is None:
            return
        self._seconds.observe(time.perf_counter() - began)
        if isinstance(outputs, dict) and "route" in outputs:
            self._runs.labels(_outcome(outputs)).inc()
            self._measure(outputs)
        else:
            self._runs.labels("held").inc()

    def on_chain_error(self, error: BaseException, *, run_id: UUID, **kwargs: Any) -> None:
        """Count a run that failed or was cancelled."""
        if self._began.pop(run_id, None) is not None:
            cancelled = type(error).__name__ == "CancelledError"
            self._runs.labels("cancelled" if cancelled else "failed").inc()

    def _measure(self, answer: dict[str, Any]) -> None:
        for node, milliseconds in answer["timings_ms"].items():
            self._nodes.labels(node).observe(milliseconds / 1000)
        for kind, count in answer["tokens"].items():
            self._tokens.labels(kind).inc(count)
        passages = [passage.metadata for passage in answer["passages"]]
        if passages:
            self._grade.observe(max(each.get("grade", 0.0) for each in passages))
            self._similarity.observe(max(each.get("similarity", 0.0) for each in passages))


def _outcome(answer: dict[str, Any]) -> str:
    if answer["abstained"]:
        return "refused"
    return "answered" if answer["origin"] == "documents" else "talked"
