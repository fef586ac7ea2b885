"""The server with users: whose threads are whose, what survives a kill, how a run is stopped."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import openai
import patient
import pytest
from langgraph_sdk import get_sync_client
from server_parts import Server, metric, running_server

from app.assistant import Assistant

pytestmark = pytest.mark.model

QUESTION = "Once the gangway is down at Skjørnvik, how long do the buses wait?"
TOKENS = {"alice": "alice-token-of-her-own", "bob": "bob-token-of-his-own"}
LONG = "How many kennels are there on the Grey Phalarope?"
PATIENCE_S = 30


def headers(user: str | None) -> dict[str, str]:
    return {"Authorization": f"Bearer {TOKENS[user]}"} if user else {}


@pytest.fixture(scope="module")
def server(
    sample_assistant: Assistant, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    home = tmp_path_factory.mktemp("users")
    tokens = ",".join(f"{name}:{token}" for name, token in TOKENS.items())
    index = sample_assistant.settings.index
    # A file that lies there must not switch off what the operator set.
    (home / ".env").write_text("GROUNDTUNE_TOKENS=\nGROUNDTUNE_REVIEWERS=\n")
    named = {"GROUNDTUNE_TOKENS": tokens, "GROUNDTUNE_REVIEWERS": "alice"}
    with running_server(home, index, **named) as started:
        yield started


@pytest.fixture(scope="module")
def rambling(
    sample_assistant: Assistant, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """A server whose answers are long, for the base model was never taught to be brief."""
    home, index = tmp_path_factory.mktemp("base"), sample_assistant.settings.index
    with running_server(home, index, GROUNDTUNE_ADAPTER="none") as started:
        yield started


@pytest.fixture(scope="module")
def unguarded(
    sample_assistant: Assistant, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """A server that asks nobody for a token."""
    with running_server(
        tmp_path_factory.mktemp("open"), sample_assistant.settings.index
    ) as started:
        yield started


def asked(server: Server, thread: str, question: str, user: str | None) -> list[dict[str, Any]]:
    """Ask as the page does, and return the events."""
    url = f"{server.url}/api/threads/{thread}/ask"
    answer = httpx.post(url, json={"question": question}, headers=headers(user), timeout=60)
    answer.raise_for_status()
    return events_of(answer.text)


def events_of(text: str) -> list[dict[str, Any]]:
    return [json.loads(line[5:]) for line in text.splitlines() if line.startswith("data:")]


@pytest.fixture(scope="module")
def of_alice(server: Server) -> str:
    """A thread of the page in which Alice asked."""
    thread = str(uuid4())
    asked(server, thread, QUESTION, "alice")
    return thread


OPEN = 200
ROUTES = [
    # method, path, nobody, owner, other user
    ("GET", "/", OPEN, OPEN, OPEN),
    ("GET", "/healthz", OPEN, OPEN, OPEN),
    ("GET", "/readyz", OPEN, OPEN, OPEN),
    ("GET", "/metrics", OPEN, OPEN, OPEN),
    ("GET", "/page/page.js", OPEN, OPEN, OPEN),
    ("GET", "/api/status", 401, 200, 200),
    ("GET", "/api/threads", 401, 200, 200),
    ("GET", "/api/threads/{page}", 401, 200, 404),
    ("POST", "/api/threads/{page}/ask", 401, 422, 422),
    ("PATCH", "/api/threads/{page}", 401, 422, 404),
    ("DELETE", "/api/threads/{page}", 401, None, 404),
    ("GET", "/api/threads/{page}/events", 401, 204, 404),
    ("POST", "/api/threads/{page}/stop", 401, 204, 404),
    ("GET", "/api/documents", 401, 200, 200),
    ("GET", "/api/documents/missing.md", 401, 404, 404),
    ("POST", "/api/documents", 401, 422, 422),
    ("DELETE", "/api/documents/missing.md", 401, 422, 422),
    ("GET", "/api/ingestion", 401, 200, 200),
    ("GET", "/api/reviews", 401, 200, 403),
    ("POST", "/api/reviews/{page}", 401, 422, 403),
    ("POST", "/api/feedback", 401, 422, 422),
    ("POST", "/api/check", 401, 422, 422),
    ("GET", "/v1/models", 401, 200, 200),
    ("GET", "/v1/models/served", 401, 200, 200),
    ("POST", "/v1/chat/completions", 401, 400, 400),
    ("POST", "/v1/embeddings", 401, 404, 404),
    ("POST", "/mcp", 401, 400, 400),
    ("POST", "/mcp/", 401, 400, 400),
    ("POST", "/assistants/search", 401, 200, 200),
    ("GET", "/threads/{langgraph}", 401, 200, 404),
    ("GET", "/threads/{langgraph}/state", 401, 200, 404),
    ("POST", "/threads/{langgraph}/history", 401, 200, 404),
    ("GET", "/threads/{langgraph}/runs", 401, 200, 404),
    ("DELETE", "/threads/{langgraph}", 401, None, 404),
    ("GET", "/store/items?namespace=alice.notes&key=x", 401, 200, 403),
    ("GET", "/store/items?namespace=groundtune.threads&key={page}", 401, 403, 403),
]


@pytest.fixture(scope="module")
def of_langgraph(server: Server) -> str:
    """A thread that Alice made by LangGraph's own client."""
    with get_sync_client(url=server.url, headers=headers("alice")) as client:
        client.store.put_item(("alice", "notes"), "x", {"text": "tea"})
        return str(client.threads.create()["thread_id"])


@pytest.mark.parametrize(("method", "path", "nobody", "owner", "other"), ROUTES)
def test_every_route_knows_nobody_owner_and_others(
    server: Server, of_alice: str, of_langgraph: str,
    method: str, path: str, nobody: int, owner: int | None, other: int,
) -> None:  # fmt: skip
    url = server.url + path.format(page=of_alice, langgraph=of_langgraph)
    body = {"content": b"{}"} if method == "POST" else {}
    studio = {"x-auth-scheme": "langsmith"}

    def status(sent: dict[str, str]) -> int:
        return httpx.request(method, url, headers=sent, timeout=60, **body).status_code

    assert status({}) == nobody
    assert status(studio) == nobody
    assert status(headers("bob")) == other
    assert owner is None or status(headers("alice")) == owner


def test_what_is_too_large_is_not_read(server: Server) -> None:
    for path, unknown in ((f"/api/threads/{uuid4()}/ask", 422), ("/api/documents", 411)):
        url = server.url + path
        of_unknown_length = patient.post(url, content=iter([b"{}"]), headers=headers("alice"))
        assert of_unknown_length.status_code == unknown
        announced = HTTPConnection(server.url.removeprefix("http://"), timeout=60)
        more = {**headers("alice"), "Content-Length": "10000000000"}
        announced.request("POST", path, headers=more)
        assert announced.getresponse().status == 413
        announced.close()


def test_lists_show_a_user_only_what_is_his(server: Server, of_alice: str) -> None:
    assert [t["id"] for t in get(server, "/api/threads", "alice")] == [of_alice]
    assert get(server, "/api/threads", "bob") == []
    with get_sync_client(url=server.url, headers=headers("bob")) as client:
        assert client.threads.search() == []


def test_only_reviewers_resume_what_is_held(server: Server) -> None:
    with get_sync_client(url=server.url, headers=headers("bob")) as client:
        thread = client.threads.create()["thread_id"]
        with pytest.raises(Exception, match=r"403|GROUNDTUNE_REVIEWERS"):
            client.runs.create(thread, "groundtune", command={"resume": "approve"})


@pytest.mark.parametrize("way", ["create", "run"])
def test_a_thread_cannot_be_taken_over_by_its_id(server: Server, of_alice: str, way: str) -> None:
    with get_sync_client(url=server.url, headers=headers("bob")) as client:
        if way == "create":
            with pytest.raises(Exception, match=r"404|no such thread"):
                client.threads.create(
                    thread_id=of_alice, graph_id="groundtune", if_exists="do_nothing"
                )
        else:
            with pytest.raises(Exception, match=r"404|no such thread"):
                client.runs.wait(of_alice, "groundtune", input={}, if_not_exists="create")
    url = f"{server.url}/api/threads/{of_alice}/ask"
    taken = patient.post(url, json={"question": "What was asked?"}, headers=headers("bob"))
    assert taken.status_code == 404


def test_a_thread_is_deleted_with_what_another_arm_said_beside_it(unguarded: Server) -> None:
    thread, other = str(uuid4()), str(uuid4())
    asked(unguarded, thread, "Good morning!", None)
    url = f"{unguarded.url}/api/threads"
    body = {"question": "Good morning!", "arm": "base-rag", "beside": thread}
    httpx.post(f"{url}/{other}/ask", json=body, timeout=60).raise_for_status()
    assert [listed["id"] for listed in patient.get(url).json()] == [thread]
    assert len(patient.get(f"{url}/{other}").json()["messages"]) == 2
    assert patient.delete(f"{url}/{thread}").status_code == 204
    assert patient.get(f"{url}/{other}").status_code == 404


def test_the_owner_goes_on_with_the_pages_thread_in_langgraphs_client(
    server: Server, of_alice: str
) -> None:
    with get_sync_client(url=server.url, headers=headers("alice")) as client:
        client.threads.create(thread_id=of_alice, graph_id="groundtune", if_exists="do_nothing")
        said = client.threads.get_state(of_alice)["values"]["messages"]
    assert said[0]["content"] == QUESTION


def get(server: Server, path: str, user: str) -> Any:
    answer = httpx.get(server.url + path, headers=headers(user), timeout=60)
    answer.raise_for_status()
    return answer.json()


def test_the_page_is_told_each_step_and_the_checked_answer(
    server: Server, sample_assistant: Assistant
) -> None:
    events = asked(server, str(uuid4()), QUESTION, "bob")
    nodes = ["route_question", "retrieve", "grade_documents", "generate", "verify_citations"]
    assert [e["node"] for e in events if e["event"] == "start"] == nodes
    assert [e["node"] for e in events if e["event"] == "end"] == nodes
    assert "".join(e["text"] for e in events if e["event"] == "token")
    answer = events[-1]
    expected = sample_assistant.ask(QUESTION)
    told = ("answer", "citations", "route", "origin", "abstained", "documents", "adapter")
    assert [answer[key] for key in told] == [expected[key] for key in told]
    for citation in answer["citations"]:
        shown = get(server, f"/api/documents/{citation['document']}", "bob")["text"]
        assert shown[citation["start"] : citation["end"]] == citation["quote"]


def test_a_question_that_cannot_be_asked_is_told_in_one_line(server: Server) -> None:
    events = asked(server, str(uuid4()), "  ", "bob")
    assert events[-1] == {
        "event": "error",
        "error": "InvalidQuestion",
        "message": "the question is empty: ask something in words",
    }


@pytest.mark.parametrize("path", ["/api/documents", "/threads", "/assistants", "/v1/models"])
def test_another_sites_page_may_not_call(unguarded: Server, path: str) -> None:
    sent = {"Sec-Fetch-Site": "cross-site", "Content-Type": "text/plain"}
    assert patient.post(unguarded.url + path, content="{}", headers=sent).status_code == 403


def test_another_sites_page_may_not_read(server: Server) -> None:
    preflight = {"Origin": "https://example.org", "Access-Control-Request-Method": "POST"}
    answer = patient.options(f"{server.url}/threads", headers=preflight)
    assert "access-control-allow-origin" not in answer.headers


def test_openais_client_is_told_that_its_key_is_wrong(server: Server) -> None:
    with (
        openai.OpenAI(base_url=f"{server.url}/v1", api_key="wrong", max_retries=0) as client,
        pytest.raises(openai.AuthenticationError, match="send 'Authorization: Bearer") as refused,
    ):
        client.models.list()
    assert refused.value.code == "invalid_api_key"


@pytest.mark.parametrize("path", ["/", "/api/threads", "/v1/models", "/metrics", "/threads/search"])
def test_a_foreign_name_that_leads_to_this_machine_reads_nothing(
    unguarded: Server, path: str
) -> None:
    def status(host: str) -> int:
        sent = {"Host": host, "Sec-Fetch-Site": "same-origin"}
        method = "POST" if path == "/threads/search" else "GET"
        return patient.request(method, unguarded.url + path, headers=sent, json={}).status_code

    port = unguarded.url.rpartition(":")[2]
    assert status("rebound.example.org") == 400
    assert status(f"rebound.example.org:{port}") == 400
    assert [status(f"{name}:{port}") for name in ("localhost", "127.0.0.1")] == [200, 200]


def test_metrics_count_runs_nodes_tokens_and_grades(server: Server) -> None:
    names = ("groundtune_runs_total", 'groundtune_node_seconds_count{node="generate"}',
             'groundtune_tokens_total{kind="completion"}', "groundtune_best_grade_count",
             "groundtune_best_similarity_count")  # fmt: skip
    before = [metric(server, name) for name in names]
    asked(server, str(uuid4()), QUESTION, "bob")
    after = [metric(server, name) for name in names]
    gains = [b - a for a, b in zip(before, after, strict=True)]
    assert gains[:2] == [1, 1]
    assert gains[2] > 3
    assert gains[3:] == [1, 1]


MESSAGES = [{"role": "user", "content": QUESTION}]
STREAMED: dict[str, dict[str, Any]] = {
    "/v1/chat/completions": {"messages": MESSAGES, "stream": True},
    "/runs/stream": {
        "assistant_id": "groundtune", "input": {"messages": MESSAGES},
        "stream_mode": ["messages", "tasks"], "on_disconnect": "cancel",
    },
}  # fmt: skip


@pytest.mark.parametrize(
    ("path", "at"),
    [
        ("/v1/chat/completions", '"role":"assistant"'),
        ("/runs/stream", "event: messages"),
        ("/runs/stream", '"name":"grade_documents"'),
    ],
)
def test_a_client_that_leaves_stops_the_model(rambling: Server, path: str, at: str) -> None:
    url, body = rambling.url + path.format(uuid4()), STREAMED[path]
    cancelled = 'groundtune_runs_total{outcome="cancelled"}'
    before = metric(rambling, cancelled)
    with httpx.stream("POST", url, json=body, timeout=60) as events:
        next(line for line in events.iter_lines() if at in line)
    left = time.perf_counter()
    while metric(rambling, cancelled) == before or metric(rambling, "groundtune_queue"):
        assert time.perf_counter() - left < PATIENCE_S, "the run went on after its client had left"
        time.sleep(0.02)


def test_a_client_that_leaves_at_any_moment_leaves_its_thread_free(
    rambling: Server,
) -> None:
    threads = [str(uuid4()) for _ in range(24)]
    for at, thread in enumerate(threads):  # from before the first byte to amid the answer
        impatient(rambling, at / 1000, f"/api/threads/{thread}/ask", {"question": QUESTION})
    time.sleep(2)  # in which whatever began has ended
    known = {listed["id"] for listed in patient.get(f"{rambling.url}/api/threads").json()}
    assert known & set(threads)
    for thread in known & set(threads):
        assert patient.delete(f"{rambling.url}/api/threads/{thread}").status_code == 204


def impatient(server: Server, seconds: float, path: str, body: dict[str, Any]) -> None:
    """Send a request and hang up after so many seconds, whatever has come."""
    host, port = server.url.removeprefix("http://").split(":")
    text = json.dumps(body).encode()
    head = f"POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Length: {len(text)}\r\n\r\n"
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(head.encode() + text)
        time.sleep(seconds)


def test_an_answer_goes_on_without_its_reader_who_follows_it_from_the_beginning(
    rambling: Server,
) -> None:
    thread = f"{rambling.url}/api/threads/{uuid4()}"
    with httpx.stream("POST", f"{thread}/ask", json={"question": QUESTION}, timeout=60) as events:
        next(line for line in events.iter_lines() if "event: token" in line)
    assert patient.get(thread).json()["running"]
    told = events_of(httpx.get(f"{thread}/events", timeout=60).text)
    assert [event["event"] for event in (told[0], told[-1])] == ["run", "answer"]
    assert patient.get(f"{thread}/events").status_code == 204
    shown = patient.get(thread).json()
    asked, said = shown["messages"]
    assert not shown["running"]
    assert said["text"] == told[-1]["answer"]
    assert asked["run"] == told[0]["run"]
    assert asked["given"]["outcome"] == "answered"
    assert asked["given"]["documents"] == told[-1]["documents"]
    nodes = [event["node"] for event in told if event["event"] == "start"]
    assert [step["node"] for step in asked["given"]["steps"]] == nodes


def test_stopping_stops_the_model_and_the_thread_answers_again(rambling: Server) -> None:
    thread = str(uuid4())
    url = f"{rambling.url}/api/threads/{thread}"
    cancelled = 'groundtune_runs_total{outcome="cancelled"}'
    before = metric(rambling, cancelled)
    with httpx.stream("POST", f"{url}/ask", json={"question": QUESTION}, timeout=60) as events:
        lines = events.iter_lines()
        next(line for line in lines if "grade_documents" in line)
        meanwhile = httpx.post(f"{url}/ask", json={"question": LONG}, timeout=60)
        assert httpx.post(f"{url}/stop", timeout=60).status_code == 204
        assert not any("event: answer" in line for line in lines)
    assert metric(rambling, cancelled) == before + 1
    assert metric(rambling, "groundtune_queue") == 0
    assert meanwhile.status_code == 409
    assert "wait, or stop it first" in meanwhile.text
    (asked_,) = patient.get(url).json()["messages"]
    assert asked_["given"]["outcome"] == "stopped"
    assert asked(rambling, thread, "Good morning!", None)[-1]["event"] == "answer"


def test_a_thumb_is_shown_again_with_its_answer(server: Server, of_alice: str) -> None:
    url = f"{server.url}/api/threads/{of_alice}"
    run = get(server, f"/api/threads/{of_alice}", "alice")["messages"][0]["run"]
    thumb = {"run": run, "thread": of_alice, "score": -1, "comment": "too short"}
    sent = patient.post(f"{server.url}/api/feedback", json=thumb, headers=headers("alice"))
    assert sent.status_code == 204
    given = patient.get(url, headers=headers("alice")).json()["messages"][0]["given"]
    assert (given["score"], given["comment"], given["outcome"]) == (-1, "too short", "answered")


def test_threads_are_renamed_and_found_by_words_of_their_titles(unguarded: Server) -> None:
    thread, other = str(uuid4()), str(uuid4())
    for each in (thread, other):
        asked(unguarded, each, "Good evening!", None)
    url = f"{unguarded.url}/api/threads"
    told = {"title": " Harbour dues of Culvie "}
    assert patient.patch(f"{url}/{thread}", json=told).status_code == 204
    (found,) = patient.get(url, params={"q": "CULVIE dues"}).json()
    assert (found["id"], found["title"]) == (thread, "Harbour dues of Culvie")
    known = [listed["id"] for listed in patient.get(url).json()]
    assert [listed["id"] for listed in patient.get(url, params={"skip": 1}).json()] == known[1:]
    assert patient.get(url, params={"skip": "-1"}).status_code == 422
    assert patient.patch(f"{url}/{thread}", json={"title": "  "}).status_code == 422


def test_a_killed_server_goes_on_with_the_conversation(
    sample_assistant: Assistant, tmp_path: Path
) -> None:
    index, thread = sample_assistant.settings.index, str(uuid4())
    with running_server(tmp_path, index) as server:
        first = asked(server, thread, QUESTION, None)[-1]
        url = f"{server.url}/api/threads/{thread}/ask"
        with httpx.stream("POST", url, json={"question": LONG}, timeout=60) as events:
            next(line for line in events.iter_lines() if "token" in line)
            server.kill()
    with running_server(tmp_path, index) as server:
        (listed,) = patient.get(f"{server.url}/api/threads").json()
        assert (listed["id"], listed["title"]) == (thread, QUESTION)
        again = asked(server, thread, "And at night?", None)[-1]
        said = patient.get(f"{server.url}/api/threads/{thread}").json()["messages"]
    assert again["event"] == "answer"
    assert [m["text"] for m in said[:2]] == [QUESTION, first["answer"]]
    assert said[1]["citations"] == first["citations"]
    assert [m["text"] for m in said if m["role"] == "user"] == [QUESTION, LONG, "And at night?"]
