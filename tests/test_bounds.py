"""What one user sends or asks for leaves a server to the others."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from app.assistant import Assistant
from app.serving.guards import MOST_JSON
from app.serving.resources import Resources
from app.serving.settings import ServerSettings
from app.serving.site import create_site

QUESTION = "When does the ferry leave?"
TOKENS = {"alice": "alice-token-of-her-own", "bob": "bob-token-of-his-own"}
AT_ONCE = 0.5  # seconds


@pytest.fixture(scope="module")
def resources(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Resources]:
    home = tmp_path_factory.mktemp("bounds")
    tokens = ",".join(f"{user}:{token}" for user, token in TOKENS.items())
    told = {"model": str(tiny_model), "retrieval": "never", "tokens": tokens}
    folders = {name: home / name for name in ("index", "state", "compared")}
    settings = ServerSettings.model_validate({**told, **folders})
    resources = Resources(settings, Assistant(settings))
    yield resources
    resources.served.close()


@pytest.fixture(scope="module")
def client(resources: Resources) -> Iterator[TestClient]:
    with TestClient(create_site(resources), base_url="http://localhost") as client:
        yield client


def of(user: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {TOKENS[user]}"}


def completed(client: TestClient, question: str, user: str = "alice") -> Any:
    body = {"messages": [{"role": "user", "content": question}]}
    return client.post("/v1/chat/completions", json=body, headers=of(user))


def test_a_message_as_long_as_may_be_holds_up_nobody_else(client: TestClient) -> None:
    assert completed(client, QUESTION).status_code == 200
    long = "so " * ((MOST_JSON - 100) // 3)
    with ThreadPoolExecutor(1) as pool:
        sent, waits = pool.submit(completed, client, long), []
        while not sent.done():
            begun = time.perf_counter()
            assert client.get("/healthz").status_code == 200
            waits.append(time.perf_counter() - begun)
    refused = sent.result()
    assert (refused.status_code, "shorten it" in refused.text) == (400, True)
    assert max(waits) < AT_ONCE
