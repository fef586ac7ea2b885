"""The doctor tells where traces go, as those who send them find it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from langsmith.utils import get_env_var

from app.doctor import tracing
from app.readiness import Check, look_at

KEY = {"LANGSMITH_API_KEY": "placeholder-key"}
COLLECTOR = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318"}
TRACES = {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://127.0.0.1:4319/v1/traces"}
KEYLESS = "tracing is on without LANGSMITH_API_KEY: set the key, or turn it off"


@pytest.fixture(autouse=True)
def _no_collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in (*COLLECTOR, *TRACES):
        monkeypatch.delenv(name, raising=False)
    yield
    get_env_var.cache_clear()


@pytest.mark.parametrize(
    ("variables", "ok", "found"),
    [
        ({"LANGSMITH_TRACING": "false", **KEY}, True, "off"),
        ({}, False, KEYLESS),
        (KEY, True, "on, to the LangSmith service"),
        ({"LANGSMITH_ENDPOINT": "http://here", **KEY}, True, "on, to http://here"),
        (COLLECTOR, False, KEYLESS),  # which reads it in another mode alone
        (
            {"LANGSMITH_TRACING_MODE": "otel", **COLLECTOR},
            True,
            "on, as OpenTelemetry spans to http://127.0.0.1:4318",
        ),
        (
            {"LANGSMITH_TRACING_MODE": "OTEL", **COLLECTOR, **TRACES, **KEY},
            True,
            "on, as OpenTelemetry spans to http://127.0.0.1:4319/v1/traces",
        ),
        ({"LANGSMITH_TRACING_MODE": "otel"}, False, KEYLESS),  # without a collector it is LangSmith
        ({"LANGSMITH_TRACING_MODE": "otel", **KEY}, True, "on, to the LangSmith service"),
    ],
)
def test_it_is_told_where_traces_go_and_what_lacks(
    variables: dict[str, str], ok: bool, found: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"LANGSMITH_TRACING": "true", **variables}.items():
        monkeypatch.setenv(name, value)
    get_env_var.cache_clear()
    assert look_at("tracing", tracing) == Check("tracing", ok, found)
