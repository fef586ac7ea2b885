"""A database that goes away while a question is answered takes no answer with it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from langchain_core.callbacks import BaseCallbackHandler
from postgres_parts import postgres
from starlette.testclient import TestClient

from app.assistant import Assistant
from app.serving.persistence import store_file, threads_file
from app.serving.resources import Resources
from app.serving.settings import ServerSettings
from app.serving.site import create_site

Begin = Callable[[], None]
BUSY = 60  # seconds that a file may be held while other tests run


class Outage(BaseCallbackHandler):
    """Begins when the model is to write, which waits until the database is gone."""

    raise_error = True

    def __init__(self, begin: Begin) -> None:
        self._begin = begin

    def on_chat_model_start(self, *_: Any, **__: Any) -> None:
        self._begin()


def emptied(state: Path) -> None:
    for file, tables in ((threads_file, ("checkpoints", "writes")), (store_file, ("store",))):
        with closing(sqlite3.connect(file(state), timeout=BUSY)) as database:
            # At once: a write that fails between two of them would keep the others from going.
            drops = "".join(f"DROP TABLE {table};" for table in tables)
            database.executescript(f"BEGIN IMMEDIATE; {drops} COMMIT;")


@pytest.fixture(params=["sqlite", "postgres"])
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[dict[str, Any], Begin]]:
    """Settings of a server, and what takes its database away."""
    if request.param == "sqlite":
        yield {}, lambda: emptied(tmp_path / "state")
        return
    with postgres() as url, psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE kept")
        settings = {"database": url.replace("/postgres?", "/kept?")}
        yield settings, lambda: connection.execute("DROP DATABASE kept WITH (FORCE)") and None


def test_the_answer_reaches_its_reader_who_is_told_that_it_was_not_kept(
    kept: tuple[dict[str, Any], Begin], tiny_model: Path, tmp_path: Path, one_thread: None
) -> None:
    database, begin = kept
    told = {"model": str(tiny_model), "retrieval": "never", "index": tmp_path / "index"}
    settings = ServerSettings.model_validate({**told, **database, "state": tmp_path / "state"})
    resources = Resources(settings, Assistant(settings, callbacks=[Outage(begin)]))
    thread = f"/api/threads/{uuid4()}"
    with TestClient(create_site(resources), base_url="http://localhost") as client:
        assert client.get("/readyz").json() == {"ready": True}
        stream = client.post(f"{thread}/ask", json={"question": "When does the ferry leave?"})
        data = [line[5:] for line in stream.text.splitlines() if line.startswith("data:")]
        last = json.loads(data[-1])
        assert (last["event"], last["kept"], last["origin"]) == ("answer", False, "model")
        assert last["answer"]
        unready = client.get("/readyz")
        assert unready.status_code == 503
        assert unready.json()["reason"] == "the database cannot be read"
        assert client.get(thread).status_code == 503
    resources.served.close()


async def test_files_that_were_deleted_under_the_server_make_it_unready(
    tiny_model: Path, tmp_path: Path
) -> None:
    settings = ServerSettings.model_validate({"model": str(tiny_model), "state": tmp_path})
    resources = Resources(settings, Assistant(settings))
    async with resources.opened():
        assert await resources.trouble() == ""
        store_file(tmp_path).unlink()
        assert await resources.trouble() == "store.sqlite was deleted while the server ran"
    resources.served.close()
