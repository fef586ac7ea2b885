"""Make LangSmith's client hold nothing up, and show no text where that is not wanted."""

from __future__ import annotations

import atexit
import os
from functools import cache
from typing import Any

from langsmith import Client, configure
from langsmith.utils import tracing_is_enabled

CONNECT_MS, READ_MS = 1000, 2000
FLUSH_SECONDS = 2.5  # a stop waits no longer for a collector that is dead or hangs
HIDDEN = "hidden"


@cache
def trace_as_set(*, texts: bool) -> None:
    """Set up tracing where the environment turns it on.

    Without `texts`, questions, passages, answers and error texts stay here. OpenTelemetry comes
    with it: LANGSMITH_TRACING_MODE=otel sends the runs as spans to OTEL_EXPORTER_OTLP_ENDPOINT.
    """
    if not tracing_is_enabled():
        return
    os.environ.setdefault("LANGSMITH_USE_DAEMON", "true")  # else a thread outlives main
    client = Client(
        timeout_ms=(CONNECT_MS, READ_MS),
        hide_inputs=None if texts else True,
        hide_outputs=None if texts else True,
        anonymizer=None if texts else _without_error,
    )
    configure(client=client, enabled=True)
    atexit.register(client.close, FLUSH_SECONDS)


def _without_error(data: dict[str, Any]) -> dict[str, Any]:
    """Hide an error, which comes alone; inputs and outputs are hidden before."""
    return {"error": HIDDEN} if set(data) == {"error"} else data
