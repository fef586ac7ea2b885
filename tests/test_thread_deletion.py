"""A thread that is deleted through one door is gone behind all of them."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any
from uuid import uuid4

import httpx
import pytest
from gate_parts import Gate, gated_server
from langgraph_sdk import get_sync_client
from langgraph_sdk.client import SyncLangGraphClient
from langgraph_sdk.errors import NotFoundError
from server_parts import Server, answering_elsewhere

from app.assistant import Assistant
from app.serving.busy_threads import STOPPING_SECONDS
from app.serving.persistence import store_file, threads_file

pytestmark = pytest.mark.model

QUESTION = "Once the gangway is down at Skjørnvik, how long do the buses wait?"
ASKED = {"messages": [{"role": "user", "content": QUESTION}]}
PATIENCE_S = 20
TOKENS = {"alice": "alice-token-of-her-own", "bob": "bob-token-of-his-own"}


@pytest.fixture(scope="module")
def gated(
    sample_assistant: Assistant, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Server, Gate]]:
    """A server that lets no answer out unread."""
    home = tmp_path_factory.mktemp("deletion")
    named = {
        "GROUNDTUNE_TOKENS": ",".join(f"{name}:{token}" for name, token in TOKENS.items()),
        "GROUNDTUNE_REVIEWERS": "bob",
        "GROUNDTUNE_REVIEW_BELOW": "1.0",
    }
    with gated_server(home, sample_assistant.settings.index, **named) as started:
        yield started


@pytest.fixture
def server(gated: tuple[Server, Gate]) -> Server:
    return gated[0]


def headers(user: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {TOKENS[user]}"}


@pytest.fixture
def page(server: Server) -> Iterator[httpx.Client]:
    url = f"{server.url}/api"
    with httpx.Client(base_url=url, headers=headers("alice"), timeout=60) as client:
        yield client


@pytest.fixture
def langgraph(server: Server) -> Iterator[SyncLangGraphClient]:
    with get_sync_client(url=server.url, headers=headers("alice")) as client:
        yield client


def waiting(server: Server) -> list[str]:
    told = httpx.get(f"{server.url}/api/reviews", headers=headers("bob"), timeout=60)
    return [held["thread"] for held in told.raise_for_status().json()]


def kept(server: Server, thread: str) -> list[str]:
    """Return the tables in which something of a thread is kept."""
    state = server.log.parent / ".groundtune" / "server"
    found = []
    for file, tables in ((threads_file, ("checkpoints", "writes")), (store_file, ("store",))):
        with closing(sqlite3.connect(file(state), timeout=60)) as database:
            for table in tables:
                rows = database.execute(f"SELECT * FROM {table}")
                found += [table for row in rows if thread in repr(row)][:1]
    return found


def eventually(seen: Callable[[], Any]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not seen():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def asked_by_page(page: httpx.Client, langgraph: SyncLangGraphClient, thread: str) -> None:
    told = page.post(f"/threads/{thread}/ask", json={"question": QUESTION}).text
    assert "event: held" in told
    langgraph.threads.create(thread_id=thread, graph_id="groundtune", if_exists="do_nothing")


def asked_by_langgraph(page: httpx.Client, langgraph: SyncLangGraphClient, thread: str) -> None:
    langgraph.threads.create(thread_id=thread)
    langgraph.runs.wait(thread, "groundtune", input=ASKED)


@pytest.mark.parametrize("ask", [asked_by_page, asked_by_langgraph])
@pytest.mark.parametrize("door", ["page", "langgraph"])
def test_a_thread_is_gone_behind_all_doors(
    server: Server, page: httpx.Client, langgraph: SyncLangGraphClient, ask: Any, door: str
) -> None:
    thread = str(uuid4())
    ask(page, langgraph, thread)
    assert waiting(server) == [thread]
    assert QUESTION in json.dumps(langgraph.threads.get_state(thread), ensure_ascii=False)
    if door == "page":
        assert page.delete(f"/threads/{thread}").status_code == 204
    else:
        langgraph.threads.delete(thread)
        eventually(lambda: page.get(f"/threads/{thread}").status_code == 404)
    assert waiting(server) == []
    assert kept(server, thread) == []
    assert page.get(f"/threads/{thread}").status_code == 404
    with pytest.raises(NotFoundError):
        langgraph.threads.get(thread)


def test_threads_that_are_deleted_on_the_page_at_once_are_gone_and_no_others(
    page: httpx.Client, langgraph: SyncLangGraphClient
) -> None:
    threads = [str(uuid4()) for _ in range(8)]
    for thread in threads:
        langgraph.threads.create(thread_id=thread)
    gone = threads[::2]
    with ThreadPoolExecutor() as pool:
        deleted = pool.map(page.delete, [f"/threads/{thread}" for thread in gone])
        assert [told.status_code for told in deleted] == [204] * len(gone)
    listed = [thread["thread_id"] for thread in langgraph.threads.search(limit=100)]
    assert sorted(listed) == sorted(threads[1::2])
    for thread in threads[1::2]:
        assert page.delete(f"/threads/{thread}").status_code == 204


def test_an_answer_on_its_way_ends_with_its_thread_and_what_goes_beside_it(
    gated: tuple[Server, Gate], page: httpx.Client, langgraph: SyncLangGraphClient
) -> None:
    server, gate = gated
    thread, other = str(uuid4()), str(uuid4())
    langgraph.threads.create(thread_id=thread, graph_id="groundtune")
    beside = {"question": "Good morning!", "arm": "base-rag", "beside": thread}
    page.post(f"/threads/{other}/ask", json=beside).raise_for_status()
    question = {"question": QUESTION}
    asking = page.stream("POST", f"/threads/{thread}/ask", json=question)
    with gate.shut(), asking as events:
        lines = events.iter_lines()
        next(line for line in lines if "grade_documents" in line)
        langgraph.threads.delete(thread)
        assert not any("event: held" in line for line in lines)
    eventually(lambda: page.get(f"/threads/{thread}").status_code == 404)
    assert page.get(f"/threads/{other}").status_code == 404
    assert kept(server, thread) == kept(server, other) == []


def test_a_thread_is_forgotten_once_another_process_has_stopped_answering_in_it(
    server: Server, page: httpx.Client, langgraph: SyncLangGraphClient
) -> None:
    thread = str(uuid4())
    asked_by_page(page, langgraph, thread)
    with answering_elsewhere(server, thread):
        langgraph.threads.delete(thread)
        time.sleep(2 * STOPPING_SECONDS)
        assert page.get(f"/threads/{thread}").status_code == 200
    eventually(lambda: page.get(f"/threads/{thread}").status_code == 404)
    assert kept(server, thread) == []


def test_nobody_deletes_another_users_thread(
    server: Server, page: httpx.Client, langgraph: SyncLangGraphClient
) -> None:
    thread = str(uuid4())
    asked_by_page(page, langgraph, thread)
    with (
        get_sync_client(url=server.url, headers=headers("bob")) as client,
        pytest.raises(NotFoundError),
    ):
        client.threads.delete(thread)
    time.sleep(1)  # in which whatever began has ended
    assert waiting(server) == [thread]
    assert len(page.get(f"/threads/{thread}").raise_for_status().json()["messages"]) == 1
    page.delete(f"/threads/{thread}").raise_for_status()


def test_a_run_that_is_deleted_leaves_its_thread(
    page: httpx.Client, langgraph: SyncLangGraphClient
) -> None:
    thread = langgraph.threads.create()["thread_id"]
    run = langgraph.runs.create(thread, "groundtune", input=ASKED)
    langgraph.runs.join(thread, run["run_id"])
    langgraph.runs.delete(thread, run["run_id"])
    time.sleep(1)
    assert page.get(f"/threads/{thread}").status_code == 200
    assert langgraph.threads.get(thread)["thread_id"] == thread
    page.delete(f"/threads/{thread}").raise_for_status()
