"""Threads kept in a real PostgreSQL are shared by the workers and outlive them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import httpx
import patient
import psycopg
import pytest
from gate_parts import gated_server
from langchain_core.embeddings import DeterministicFakeEmbedding
from langgraph.store.postgres import PostgresStore
from postgres_parts import postgres
from server_parts import Server, answering_elsewhere, free_port, metric, running_server
from test_serving import asked

from app import cli
from app.assistant import Assistant
from app.serving.persistence import open_checkpointer, open_store
from app.serving.reviews import FEEDBACK
from app.serving.settings import ServerSettings

QUESTION = "Once the gangway is down at Skjørnvik, how long do the buses wait?"


@pytest.fixture(scope="module")
def database() -> Iterator[str]:
    with postgres() as url:
        yield url


@pytest.mark.model
def test_two_workers_share_threads_that_outlive_them(
    database: str, sample_assistant: Assistant, tmp_path: Path
) -> None:
    index, thread = sample_assistant.settings.index, str(uuid4())
    flags = ("--plain", "--workers", "2")
    running = gated_server(tmp_path, index, *flags, GROUNDTUNE_DATABASE=database)
    with running as (server, gate):
        first = asked(server, thread, QUESTION, None)[-1]
        seen = [patient.get(f"{server.url}/api/threads/{thread}").json() for _ in range(8)]
        counted = {metric(server, "groundtune_runs_total") for _ in range(8)}
        with gate.shut():
            stopped = [stop_at_grading(f"{server.url}/api/threads/{uuid4()}") for _ in range(3)]
        refused = asked_meanwhile(server)
    assert stopped == ["stopped"] * 3
    assert first["event"] == "answer"
    assert refused == {409}
    assert counted == {1}
    assert {told["messages"][1]["text"] for told in seen} == {first["answer"]}
    with running_server(tmp_path, index, "--plain", GROUNDTUNE_DATABASE=database) as server:
        said = patient.get(f"{server.url}/api/threads/{thread}").json()["messages"]
    assert [message["text"] for message in said] == [QUESTION, first["answer"]]
    assert not (tmp_path / ".groundtune" / "server" / "threads.sqlite").exists()


def asked_meanwhile(server: Server) -> set[int]:
    """Ask in a thread that another process of the same state folder is answering."""
    thread, body = str(uuid4()), {"question": QUESTION}
    with answering_elsewhere(server, thread), ThreadPoolExecutor(6) as pool:
        address = f"{server.url}/api/threads/{thread}/ask"
        sent = [pool.submit(httpx.post, address, json=body, timeout=60) for _ in range(6)]
        return {each.result().status_code for each in sent}


def stop_at_grading(thread: str) -> str:
    """Ask, stop by way of whichever worker takes the call, and return what became of it."""
    with httpx.stream("POST", f"{thread}/ask", json={"question": QUESTION}, timeout=60) as events:
        lines = events.iter_lines()
        next(line for line in lines if "grade_documents" in line)
        assert all(patient.get(thread).json()["running"] for _ in range(6))  # whoever tells it
        patient.post(f"{thread}/stop").raise_for_status()
        assert not any("event: answer" in line for line in lines)
    return str(patient.get(thread).json()["messages"][0]["given"]["outcome"])


async def test_workers_that_start_at_once_make_the_tables_once(database: str) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("CREATE DATABASE fresh")
    url = database.replace("/postgres?", "/fresh?")
    settings = ServerSettings.model_validate({"database": url})

    async def start() -> None:
        embeddings = DeterministicFakeEmbedding(size=8)
        async with open_checkpointer(settings), open_store(settings, embeddings) as store:
            await store.aput(("begun",), uuid4().hex, {}, index=False)

    await asyncio.gather(*(start() for _ in range(6)))
    with PostgresStore.from_conn_string(url) as store:
        assert len(store.search(("begun",))) == 6


def test_reviews_are_read_from_the_database(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GROUNDTUNE_DATABASE", database)
    thumb = {"question": "q", "answer": "a", "score": 1, "comment": "", "at": "2026"}
    with PostgresStore.from_conn_string(database) as store:
        store.setup()
        store.put(FEEDBACK, "1", thumb, index=False)
    assert cli.main(["reviews", str(tmp_path)]) == 0
    assert '"question": "q"' in (tmp_path / "log.jsonl").read_text()


def test_a_database_that_does_not_answer_is_told_in_one_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GROUNDTUNE_DATABASE", "postgresql://nobody@127.0.0.1:9/none")
    assert cli.main(["serve", "--plain", "--port", str(free_port())]) == 3
    told = capsys.readouterr().err
    assert told.startswith("groundtune: GROUNDTUNE_DATABASE cannot be used (")
    assert len(told.splitlines()) == 1
