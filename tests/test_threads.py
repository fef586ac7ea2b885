"""What the page is told of a thread while its question is answered, and after."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from httpx import Response
from langchain_core.callbacks import AsyncCallbackHandler
from starlette.testclient import TestClient

from app.assistant import Assistant
from app.serving.resources import Resources
from app.serving.running_answers import Answering, Event
from app.serving.settings import ServerSettings
from app.serving.site import create_site

PATIENCE_S = 60
MILL, FERRY, BEES = "Where is the mill?", "When does the ferry leave?", "Who keeps the bees?"


class Halt(AsyncCallbackHandler):
    """Lets no run begin a step until it may go on."""

    def __init__(self, node: str) -> None:
        self._node = node
        self.reached, self.on = threading.Event(), threading.Event()

    async def on_chain_start(self, *_: Any, metadata: Any = None, **__: Any) -> None:
        if (metadata or {}).get("langgraph_node") == self._node:
            self.reached.set()
            while not self.on.is_set():
                await asyncio.sleep(0.01)


class Site:
    """The page's routes around a tiny model whose answers are halted before they are checked."""

    def __init__(self, client: TestClient, resources: Resources, halt: Halt) -> None:
        self.client, self.halt = client, halt
        self._resources = resources
        self._asking = ThreadPoolExecutor()

    def ask(self, thread: str, question: str, **about: str) -> Future[Response]:
        url = f"/api/threads/{thread}/ask"
        return self._asking.submit(self.client.post, url, json={"question": question, **about})

    def follow(self, thread: str, run: str) -> Future[Response]:
        url = f"/api/threads/{thread}/events"
        return self._asking.submit(self.client.get, url, params={"run": run})

    def told(self, thread: str) -> dict[str, Any]:
        told: dict[str, Any] = self.client.get(f"/api/threads/{thread}").json()
        return told

    def stop(self, thread: str) -> None:
        assert self.client.post(f"/api/threads/{thread}/stop").status_code == 204

    def kept(self, thread: str) -> list[str]:
        """Return the texts that the graph keeps, drafts too."""
        portal = self.client.portal
        assert portal
        config: Any = {"configurable": {"thread_id": thread}}
        state = portal.call(self._resources.graph.aget_state, config)
        return [message.text for message in state.values.get("messages", [])]


@pytest.fixture
def site(tiny_model: Path, tmp_path: Path, one_thread: None) -> Iterator[Site]:
    halt = Halt("verify_citations")
    settings = ServerSettings.model_validate(
        {"model": str(tiny_model), "retrieval": "never", "index": tmp_path / "index",
         "state": tmp_path / "state", "max_running": 1}
    )  # fmt: skip
    resources = Resources(settings, Assistant(settings, callbacks=[halt]))
    with TestClient(create_site(resources), base_url="http://localhost") as client:
        yield Site(client, resources, halt)
        halt.on.set()
    resources.served.close()


def eventually(seen: Callable[[], Any]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not seen():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def noted_followers(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Return what is set once somebody follows an answer that is on its way."""
    attached, followed = threading.Event(), Answering.followed

    def noted(answering: Answering) -> AsyncIterator[Event]:
        attached.set()
        return followed(answering)

    monkeypatch.setattr(Answering, "followed", noted)
    return attached


def roles(told: dict[str, Any]) -> list[str]:
    return [message["role"] for message in told["messages"]]


def test_a_draft_is_told_neither_while_it_is_checked_nor_after_a_stop(site: Site) -> None:
    thread = str(uuid4())
    asking = site.ask(thread, MILL)
    assert site.halt.reached.wait(PATIENCE_S)
    eventually(lambda: len(site.kept(thread)) == 2)
    told = site.told(thread)
    assert (told["running"], roles(told)) == (True, ["user"])
    site.stop(thread)
    asking.result(PATIENCE_S)
    told = site.told(thread)
    assert (told["running"], roles(told)) == (False, ["user"])
    assert told["messages"][0]["given"]["outcome"] == "stopped"
    site.halt.on.set()
    assert '"event":"answer"' in site.ask(thread, BEES).result(PATIENCE_S).text
    assert len(site.kept(thread)) == 4
    assert roles(site.told(thread)) == ["user", "user", "assistant"]


def test_a_question_that_waits_for_its_turn_is_told_and_can_be_stopped(site: Site) -> None:
    first, second = str(uuid4()), str(uuid4())
    answering = site.ask(first, MILL)
    assert site.halt.reached.wait(PATIENCE_S)
    waiting = site.ask(second, FERRY)
    eventually(lambda: site.client.get(f"/api/threads/{second}").status_code == 200)
    eventually(lambda: roles(site.told(second)) == ["user"])
    told = site.told(second)
    (question,) = told["messages"]
    assert site.kept(second) == []
    assert (told["running"], question["text"], question["given"]["outcome"]) == (
        True, FERRY, "asked",
    )  # fmt: skip
    site.stop(second)
    assert '"event":"queued"' in waiting.result(PATIENCE_S).text
    told = site.told(second)
    (stopped,) = told["messages"]
    assert not told["running"]
    assert (stopped["run"], stopped["given"]["outcome"]) == (question["run"], "stopped")
    asking = site.ask(second, BEES)
    site.halt.on.set()
    for each in (answering, asking):
        assert '"event":"answer"' in each.result(PATIENCE_S).text
    assert roles(site.told(first)) == ["user", "assistant"]
    told = site.told(second)
    assert [said["text"] for said in told["messages"][:2]] == [FERRY, BEES]
    assert roles(told) == ["user", "user", "assistant"]


def test_a_question_is_followed_and_found_by_the_run_that_its_asker_named(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    thread, run = str(uuid4()), str(uuid4())
    asking = site.ask(thread, MILL, run=run)
    assert site.halt.reached.wait(PATIENCE_S)
    assert site.follow(thread, str(uuid4())).result(PATIENCE_S).status_code == 204
    attached = noted_followers(monkeypatch)
    following = site.follow(thread, run)
    assert attached.wait(PATIENCE_S)
    site.halt.on.set()
    for each in (asking, following):
        assert f'"event":"run","run":"{run}"' in each.result(PATIENCE_S).text
        assert '"event":"answer"' in each.result(PATIENCE_S).text
    assert site.told(thread)["messages"][0]["run"] == run


@pytest.mark.parametrize(("run", "status"), [("again", 409), ("no run", 422)])
def test_a_run_that_was_named_before_or_names_nothing_is_refused(
    site: Site, run: str, status: int
) -> None:
    site.halt.on.set()
    thread, first = str(uuid4()), str(uuid4())
    site.ask(thread, MILL, run=first).result(PATIENCE_S)
    refused = site.ask(thread, BEES, run=first if run == "again" else run).result(PATIENCE_S)
    assert refused.status_code == status
    assert [(said["role"], said.get("run")) for said in site.told(thread)["messages"]] == [
        ("user", first), ("assistant", None),
    ]  # fmt: skip
    assert '"event":"answer"' in site.ask(thread, BEES).result(PATIENCE_S).text


def test_threads_are_listed_with_whether_they_are_being_answered(site: Site) -> None:
    first, second = str(uuid4()), str(uuid4())

    def listed() -> dict[str, bool]:
        return {one["id"]: one["running"] for one in site.client.get("/api/threads").json()}

    answering = site.ask(first, MILL)
    assert site.halt.reached.wait(PATIENCE_S)
    waiting = site.ask(second, FERRY)
    eventually(lambda: listed() == {first: True, second: True})
    site.stop(second)
    waiting.result(PATIENCE_S)
    assert listed() == {first: True, second: False}
    site.halt.on.set()
    answering.result(PATIENCE_S)
    eventually(lambda: listed() == {first: False, second: False})
