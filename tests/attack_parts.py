"""A server that is attacked, who attacks it, and the table of what came of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx
import pytest
from langgraph_sdk import get_sync_client
from langgraph_sdk.client import SyncLangGraphClient
from server_parts import Server, running_server

from app.assistant import Assistant

QUESTION = "Once the gangway is down at Skjørnvik, how long do the buses wait?"
DRAFT = "12 minutes"
TOKENS = {"alice": "alice-token-of-her-own", "bob": "bob-token-of-his-own"}
KEY = "a secret of more than thirty-two letters"
SECONDS = 120.0  # for a run on a busy machine
ASKED = {"messages": [{"role": "user", "content": QUESTION}]}
TALK = {"messages": [{"role": "user", "content": "Good morning!"}]}


@pytest.fixture(scope="module")
def server(
    sample_assistant: Assistant, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """A server on which Alice reviews every answer, and runs share two places."""
    home = tmp_path_factory.mktemp("attacked")
    settings = {
        "GROUNDTUNE_TOKENS": ",".join(f"{name}:{token}" for name, token in TOKENS.items()),
        "GROUNDTUNE_JWT_KEY": KEY,
        "GROUNDTUNE_REVIEWERS": "alice",
        "GROUNDTUNE_REVIEW_BELOW": "1.0",
        "GROUNDTUNE_WEBHOOK_HOSTS": "10.1.2.3",
    }
    index = sample_assistant.settings.index
    with running_server(home, index, "--jobs", "2", **settings) as started:
        yield started


@pytest.fixture(scope="module")
def tell(request: pytest.FixtureRequest) -> Iterator[Callable[[str, object], None]]:
    """Notes what a case gives; the table is printed at the end."""
    rows: list[tuple[str, object]] = []
    yield lambda case, seen: rows.append((case, seen))
    reporter = request.config.pluginmanager.get_plugin("terminalreporter")
    width = max(len(case) for case, _ in rows)
    with request.config.pluginmanager.get_plugin("capturemanager").global_and_fixture_disabled():
        reporter.write_line("")
        for case, seen in rows:
            reporter.write_line(f"{case:<{width}}  {seen}")


@pytest.fixture(scope="module")
def statuses() -> Counter[int]:
    """How often each status was answered."""
    return Counter()


@contextmanager
def calling(server: Server, user: str, statuses: Counter[int]) -> Iterator[httpx.Client]:
    """Open a client whose answers are counted."""
    counted = {"response": [lambda answer: statuses.update([answer.status_code])]}
    with httpx.Client(
        base_url=server.url, headers=headers(user), timeout=SECONDS, event_hooks=counted
    ) as client:
        yield client


@pytest.fixture
def alice(server: Server, statuses: Counter[int]) -> Iterator[httpx.Client]:
    with calling(server, "alice", statuses) as client:
        yield client


@pytest.fixture
def bob(server: Server, statuses: Counter[int]) -> Iterator[httpx.Client]:
    with calling(server, "bob", statuses) as client:
        yield client


@pytest.fixture
def bobs(server: Server) -> Iterator[SyncLangGraphClient]:
    with get_sync_client(url=server.url, headers=headers("bob")) as client:
        yield client


def headers(user: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {TOKENS[user]}"}


Tell = Callable[[str, object], None]
