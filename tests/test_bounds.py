"""What one user sends or asks for leaves a server to the others."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

import httpx
import pytest
from server_parts import running_server
from starlette.testclient import TestClient
from test_serving import impatient

from app.assistant import Assistant
from app.serving.checks import LONGEST_ANSWER, LONGEST_ID, MOST_CLAIMS
from app.serving.exchanges import Said
from app.serving.guards import MOST_JSON
from app.serving.resources import MOST_LOADED, Resources
from app.serving.settings import ServerSettings
from app.serving.site import create_site

Told = TypeVar("Told")

QUESTION = "When does the ferry leave?"
TOKENS = {"alice": "alice-token-of-her-own", "bob": "bob-token-of-his-own"}
PATIENCE_S = 30
THREADS = 8  # more than Python's own pool has on two cores
ARMS = ("first", "second", "third")
RUNNING, WAITING, EACH = 1, 4, 3


@pytest.fixture(scope="module")
def resources(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Resources]:
    home = tmp_path_factory.mktemp("bounds")
    tokens = ",".join(f"{user}:{token}" for user, token in TOKENS.items())
    told = {"model": str(tiny_model), "retrieval": "never", "tokens": tokens}
    bounds = {"max_running": RUNNING, "max_waiting": WAITING}
    (home / "compared").mkdir()
    arms = {arm: {"adapter": "none", "retrieval": "never"} for arm in ARMS}
    (home / "compared" / "arms.json").write_text(json.dumps(arms))
    folders = {name: home / name for name in ("index", "state", "compared")}
    settings = ServerSettings.model_validate({**told, **bounds, **folders})
    resources = Resources(settings, Assistant(settings))
    yield resources
    resources.served.close()


@pytest.fixture(scope="module")
def client(resources: Resources) -> Iterator[TestClient]:
    with TestClient(create_site(resources), base_url="http://localhost") as client:
        yield client


def of(user: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {TOKENS[user]}"}


def completed(client: TestClient, question: str, user: str = "alice", **more: Any) -> Any:
    body = {"messages": [{"role": "user", "content": question}], **more}
    return client.post("/v1/chat/completions", json=body, headers=of(user))


def asked(client: TestClient, user: str, **more: Any) -> Any:
    """Ask in a thread of its own, as the page does."""
    body, path = {"question": QUESTION, **more}, f"/api/threads/{uuid4()}/ask"
    return client.post(path, json=body, headers=of(user))


def last_event(reply: Any) -> dict[str, Any]:
    assert reply.status_code == 200, reply.text
    told: dict[str, Any] = json.loads(reply.text.rpartition("data:")[2])
    return told


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@contextmanager
def answering(client: TestClient, resources: Resources) -> Iterator[None]:
    """Let another user's answer take as long as the block does."""
    assert client.portal is not None
    place = client.portal.call(resources.queue.enter, "carol")
    client.portal.call(place.__aenter__)
    try:
        yield
    finally:
        client.portal.call(place.leave)


def timed(work: Callable[[], Told]) -> tuple[Told, float]:
    """Return what some work returns, and how many seconds it took."""
    begun = time.perf_counter()
    return work(), time.perf_counter() - begun


def test_a_message_as_long_as_may_be_holds_up_nobody_else(client: TestClient) -> None:
    assert completed(client, QUESTION).status_code == 200
    long = "so " * ((MOST_JSON - 100) // 3)
    _, looking = timed(lambda: Said.of(long))  # through it for what it quotes
    with ThreadPoolExecutor(1) as pool:
        sent, waits = pool.submit(completed, client, long), []
        while not sent.done():
            told, waited = timed(lambda: client.get("/healthz"))
            assert told.status_code == 200
            waits.append(waited)
    refused = sent.result()
    assert (refused.status_code, "shorten it" in refused.text) == (400, True)
    assert max(waits) < looking / 2


def test_a_user_who_holds_half_of_the_places_leaves_the_others_to_others(
    client: TestClient, resources: Resources
) -> None:
    waiting: list[int] = []
    resources.queue.told = waiting.append
    with ThreadPoolExecutor(RUNNING + WAITING) as pool, answering(client, resources):
        let_in = [pool.submit(asked, client, "alice") for _ in range(EACH)]
        until(lambda: waiting[-1] == EACH)
        one_more, by_openai = asked(client, "alice"), completed(client, QUESTION)
        let_in.append(pool.submit(asked, client, "bob"))
        until(lambda: waiting[-1] == EACH + 1)
        full = asked(client, "bob")
    message = "3 of your questions are being answered or wait already: ask again in"
    assert (one_more.status_code, one_more.json()["error"]) == (429, "TooMany")
    assert one_more.json()["message"].startswith(message)
    assert int(one_more.headers["Retry-After"]) > 0
    assert (by_openai.status_code, by_openai.json()["error"]["code"]) == (
        429,
        "rate_limit_exceeded",
    )
    assert (full.status_code, full.json()["error"]) == (503, "Full")
    assert [last_event(reply.result())["event"] for reply in let_in] == ["answer"] * len(let_in)


def test_an_arm_is_loaded_when_the_turn_has_come_and_two_at_most_stay(
    client: TestClient, resources: Resources
) -> None:
    waiting: list[int] = []
    resources.queue.told = waiting.append
    with ThreadPoolExecutor(RUNNING + WAITING) as pool, answering(client, resources):
        by_page = [pool.submit(asked, client, "alice", arm=arm) for arm in ARMS]
        until(lambda: waiting[-1] == len(ARMS))
        by_openai = pool.submit(completed, client, QUESTION, "bob", model=ARMS[0])
        until(lambda: waiting[-1] == len(ARMS) + 1)
        assert not resources._others
    assert [last_event(reply.result())["event"] for reply in by_page] == ["answer"] * len(ARMS)
    assert by_openai.result().json()["model"] == ARMS[0]
    assert len(resources._others) == MOST_LOADED


GIVEN = [{"id": "boats.md", "text": "The boat costs 1 pound. It leaves at nine."}]
CHECKED: dict[str, Any] = {
    "question": "What does the boat cost?",
    "answer": "1 pound.",
    "documents": GIVEN,
}


def claims(count: int) -> str:
    return " ".join(f"The boat costs {number} pounds." for number in range(count))


def checked(client: TestClient, user: str = "alice", **changes: Any) -> Any:
    return client.post("/api/check", json={**CHECKED, **changes}, headers=of(user))


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        (
            {"answer": "a" * (LONGEST_ANSWER + 1)},
            "Invalid",
            "the answer has 20,001 characters, more than 20,000: send less at once",
        ),
        (
            {"answer": claims(30_000)},
            "Invalid",
            "the answer has 858,889 characters, more than 20,000: send less at once",
        ),
        (
            {"documents": [*GIVEN, {"id": "a" * (LONGEST_ID + 1), "text": "It leaves."}]},
            "Invalid",
            "a document's id has 1,001 characters, more than 1,000: send less at once",
        ),
        (
            {"answer": claims(MOST_CLAIMS + 1)},
            "InvalidQuestion",
            "the answer makes 101 claims, more than 100: check it in parts",
        ),
        (
            {"question": "a " * 30_000},
            "InvalidQuestion",
            "the question has 59,999 characters, more than 512 tokens: shorten it, or put the long "
            "text into a document",
        ),
        (
            {"question": " "},
            "InvalidQuestion",
            "the question is empty: say what the answer replies to",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_too_much_to_check_is_refused_in_one_line(
    client: TestClient, changes: dict[str, Any], error: str, message: str
) -> None:
    refused = checked(client, **changes)
    assert refused.status_code == 422
    assert refused.json() == {"error": error, "message": message}


def test_an_answer_is_checked_when_the_turn_has_come(
    client: TestClient, resources: Resources
) -> None:
    waiting: list[int] = []
    resources.queue.told = waiting.append
    with ThreadPoolExecutor(EACH) as pool, answering(client, resources):
        let_in = [pool.submit(checked, client, "alice") for _ in range(EACH)]
        until(lambda: waiting[-1] == EACH)
        assert checked(client, "alice").status_code == 429
    expected = resources.served.checker.check(**CHECKED)
    assert [reply.result().json() for reply in let_in] == [expected] * EACH
    assert expected["supported"] == "all"


def test_whoever_hangs_up_leaves_the_server_to_others(tiny_model: Path, tmp_path: Path) -> None:
    (tmp_path / "built").mkdir()
    settings = {"GROUNDTUNE_MODEL": str(tiny_model), "GROUNDTUNE_MAX_RUNNING": "2"}
    long = {**CHECKED, "answer": claims(MOST_CLAIMS)}
    with running_server(tmp_path, tmp_path / "built", "--plain", **settings) as server:
        url = f"{server.url}/api/check"
        whole, took = timed(lambda: httpx.post(url, json=long, timeout=10 * PATIENCE_S))
        assert whole.status_code == 200
        for _ in range(THREADS):
            impatient(server, 0.2, "/api/check", long)
        begun = time.perf_counter()
        assert httpx.get(f"{server.url}/api/status", timeout=PATIENCE_S).status_code == 200
        assert time.perf_counter() - begun < took / 2
        answer = httpx.post(url, json=CHECKED, timeout=PATIENCE_S)
        assert answer.json()["supported"] == "all"
        assert time.perf_counter() - begun < took / 2
        impatient(server, 1, "/api/check", long)
        begun = time.perf_counter()
    assert time.perf_counter() - begun < took / 2, "the server waited for the check"
