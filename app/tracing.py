"""Make LangSmith's client hold nothing up, and show no text where that is not wanted."""

from __future__ import annotations

import atexit
import os
import threading
from collections.abc import Callable
from functools import cache
from typing import Any

from langsmith import Client, configure
from langsmith.utils import get_env_var, tracing_is_enabled
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider

CONNECT_MS, READ_MS = 1000, 2000
FLUSH_SECONDS = 2.0  # a stop waits no longer for a collector that is dead or hangs
HIDDEN = "hidden"


@cache
def trace_as_set(*, texts: bool) -> Client | None:
    """Set up tracing where the environment turns it on, and return what sends.

    Without `texts`, questions, passages, answers and error texts stay here. OpenTelemetry comes
    with it: LANGSMITH_TRACING_MODE=otel sends the runs as spans to OTEL_EXPORTER_OTLP_ENDPOINT.
    """
    if not tracing_is_enabled():
        return None
    os.environ.setdefault("LANGSMITH_USE_DAEMON", "true")  # else a thread outlives main
    client = Client(
        timeout_ms=(CONNECT_MS, READ_MS),
        hide_inputs=None if texts else True,
        hide_outputs=None if texts else True,
        anonymizer=None if texts else _without_error,
    )
    configure(client=client, enabled=True)
    _close_at_exit(lambda: client.close(FLUSH_SECONDS / 2))
    return client


def send_traces(*, texts: bool) -> None:
    """Send what waits, in FLUSH_SECONDS at most, before a process that may not come to its exit."""
    client = trace_as_set(texts=texts)
    if client is not None:
        sending = threading.Thread(target=_send, args=[client], daemon=True)
        sending.start()
        sending.join(FLUSH_SECONDS)


def sends_spans_alone() -> bool:
    """Tell whether runs leave as OpenTelemetry spans alone, and none through LangSmith's API."""
    return get_env_var("TRACING_MODE", default="").lower() == "otel"


def span_collector() -> str:
    """Return where spans are sent; nothing where that is LangSmith itself."""
    own = os.environ.get("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
    return own or os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT", "")


def _send(client: Client) -> None:
    client.flush(FLUSH_SECONDS)
    provider = trace.get_tracer_provider()
    if isinstance(provider, TracerProvider):
        provider.force_flush()


def _close_at_exit(close: Callable[[], None]) -> None:
    """Close for FLUSH_SECONDS at most, in a thread made now: an ending interpreter makes none."""
    ending, closed = threading.Event(), threading.Event()

    def wait() -> None:
        ending.wait()
        close()
        provider = trace.get_tracer_provider()  # OpenTelemetry's, which alone would take 30 s
        if isinstance(provider, TracerProvider):
            provider.shutdown()
        closed.set()

    def stop() -> None:
        ending.set()
        closed.wait(FLUSH_SECONDS)

    threading.Thread(target=wait, daemon=True).start()
    atexit.register(stop)


def _without_error(data: dict[str, Any]) -> dict[str, Any]:
    """Hide an error, which comes alone; inputs and outputs are hidden before."""
    return {"error": HIDDEN} if set(data) == {"error"} else data
