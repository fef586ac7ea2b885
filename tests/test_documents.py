"""Deletions of documents wait for their turn, for whoever left the page cannot ask again."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from library_parts import halted
from starlette.testclient import TestClient

from app.assistant import Assistant
from app.serving.documents import LOOK_SECONDS
from app.serving.resources import Resources
from app.serving.settings import ServerSettings
from app.serving.site import create_site

PATIENCE_S = 60


@pytest.fixture
def resources(tiny_model: Path, tmp_path: Path, one_thread: None) -> Iterator[Resources]:
    settings = ServerSettings.model_validate(
        {"model": str(tiny_model), "index": tmp_path / "index", "state": tmp_path / "state"}
    )
    resources = Resources(settings, Assistant(settings))
    yield resources
    resources.served.close()


@pytest.fixture
def client(resources: Resources) -> Iterator[TestClient]:
    with TestClient(create_site(resources), base_url="http://localhost") as client:
        yield client


def upload(client: TestClient, **texts: bytes) -> int:
    files = [("files", (f"{name}.md", text)) for name, text in texts.items()]
    return int(client.post("/api/documents", files=files).status_code)


def done(client: TestClient) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while client.get("/api/ingestion").json()["running"]:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_deletions_wait_for_the_change_that_is_being_made_and_uploads_do_not(
    client: TestClient, resources: Resources
) -> None:
    assert upload(client, skua=b"A skua.", tern=b"A tern.", wren=b"A wren.") == 202
    done(client)
    paths = [f"/api/documents/{name}.md" for name in ("skua", "tern", "missing")]
    with ThreadPoolExecutor() as pool:
        with halted(resources.library):
            assert upload(client, tea=b"Tea costs two pounds.") == 202
            assert client.get("/api/ingestion").json()["running"]
            assert upload(client, coffee=b"Coffee.") == 422
            gone = [pool.submit(client.delete, path) for path in paths]
            assert gone[-1].result().status_code == 422
            time.sleep(3 * LOOK_SECONDS)  # in which the others look whether it is their turn
            assert [told.done() for told in gone] == [False, False, True]
        assert [told.result().status_code for told in gone] == [202, 202, 422]
    done(client)
    assert [one["name"] for one in client.get("/api/documents").json()] == ["tea.md", "wren.md"]
