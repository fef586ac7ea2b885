"""What users, programs and attackers tried on the server, each on the real one with its figures."""

from __future__ import annotations

import json
import os
import resource
import socket
import stat
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from uuid import uuid4

import httpx
import jwt
import patient
import pytest
from attack_parts import (
    ASKED,
    DRAFT,
    KEY,
    QUESTION,
    SECONDS,
    TALK,
    Tell,
    alice,
    bob,
    bobs,
    server,
    statuses,
    tell,
)
from langgraph_sdk.client import SyncLangGraphClient
from langgraph_sdk.schema import StreamMode
from server_parts import REPOSITORY, Server, free_port

from app.serving.review_rows import read_reviewed
from app.serving.settings import ServerSettings
from app.settings import Settings

pytestmark = pytest.mark.model

__all__ = ["alice", "bob", "bobs", "server", "statuses", "tell"]  # fixtures


def ready(server: Server) -> bool:
    return httpx.get(f"{server.url}/readyz", timeout=SECONDS).status_code == 200


def test_a_rollback_undoes_the_run_and_frees_its_thread(
    server: Server, bobs: SyncLangGraphClient, tell: Tell
) -> None:
    threads = [bobs.threads.create()["thread_id"] for _ in range(3)]  # more than places
    for thread in threads:
        bobs.runs.create(thread, "groundtune", input=TALK)
        rolled = bobs.runs.create(thread, "groundtune", input=TALK, multitask_strategy="rollback")
        bobs.runs.join(thread, rolled["run_id"])
    states = [bobs.threads.get_state(thread)["values"]["messages"] for thread in threads]
    tell("rollback on three threads, two places: messages in each", [len(s) for s in states])
    assert [len(said) for said in states] == [2, 2, 2]
    assert [bobs.threads.get(thread)["status"] for thread in threads] == ["idle"] * 3
    began = time.monotonic()
    fresh = bobs.threads.create()["thread_id"]
    bobs.runs.wait(fresh, "groundtune", input=TALK)
    tell("the next run on another thread, s", round(time.monotonic() - began, 1))
    assert ready(server)


def held_thread(bobs: SyncLangGraphClient) -> str:
    thread = str(bobs.threads.create()["thread_id"])
    bobs.runs.wait(thread, "groundtune", input=ASKED)
    return thread


def test_a_held_run_of_langgraphs_is_listed_hidden_and_decided_once(
    server: Server, alice: httpx.Client, bob: httpx.Client, bobs: SyncLangGraphClient, tell: Tell
) -> None:
    thread = held_thread(bobs)
    shown = {
        path: bob.request(method, f"/threads/{thread}{path}", json={}).text
        for method, path in [("GET", ""), ("GET", "/state"), ("POST", "/history")]
    }
    copied = bob.post(f"/threads/{thread}/copy").json()["thread_id"]
    shown["/copy"] = bob.get(f"/threads/{copied}/state").text
    (waiting,) = [held for held in alice.get("/api/reviews").json() if held["thread"] == thread]
    assert DRAFT in waiting["answer"]
    for path, text in shown.items():
        tell(f"draft in /threads/ID{path} for its asker", waiting["answer"] in text)
        assert waiting["answer"] not in text
    assert waiting["owner"] == "bob"
    for values in ({"review": "approve"}, None):
        for node in ("review", "verify_citations", None):
            body = {"values": values, **({"as_node": node} if node else {})}
            refused = bob.post(f"/threads/{thread}/state", json=body)
            tell(f"asker writes {values} as {node}", refused.status_code)
            assert refused.status_code == 403
    again = bob.post(f"/threads/{thread}/runs", json={"assistant_id": "groundtune", "input": ASKED})
    tell("asker asks on while it waits", again.status_code)
    assert again.status_code == 409
    let_out = alice.post(f"/api/reviews/{thread}", json={"decision": "approve"})
    late = alice.post(f"/api/reviews/{thread}", json={"decision": "reject"})
    tell("verdict of the reviewer, and a late one", (let_out.status_code, late.status_code))
    assert (let_out.status_code, late.status_code) == (204, 409)
    state = bobs.threads.get(thread)
    assert state["status"] == "idle"
    assert state["values"]["messages"][-1]["content"] == waiting["answer"]
    forged = bob.post(f"/threads/{thread}/state", json={"values": {}, "as_node": "generate"})
    assert forged.status_code == 403


def test_a_stream_shows_no_draft(
    bob: httpx.Client, bobs: SyncLangGraphClient, alice: httpx.Client, tell: Tell
) -> None:
    thread = bob.post("/threads", json={}).json()["thread_id"]
    modes = ["values", "updates", "messages", "messages-tuple", "debug", "tasks", "checkpoints"]
    body = {"assistant_id": "groundtune", "input": ASKED, "stream_mode": modes}
    told = bob.post(f"/threads/{thread}/runs/stream", json=body).text
    (waiting,) = [held for held in alice.get("/api/reviews").json() if held["thread"] == thread]
    tokens = "".join(written(bobs, mode) for mode in ("messages", "messages-tuple"))
    tell("draft in a stream of all modes, tokens", (waiting["answer"] in told, tokens))
    assert waiting["answer"] not in told
    assert tokens == ""
    refused = bob.post("/runs/stream", json={**body, "stream_mode": ["events"]})
    tell("stream mode 'events' of who reviews not", refused.status_code)
    assert refused.status_code == 403


def written(client: SyncLangGraphClient, mode: StreamMode) -> str:
    """What the model is seen to write, as chat pages collect it."""
    told = client.runs.stream(None, "groundtune", input=ASKED, stream_mode=mode)
    parts = [part for event in told if event.event.startswith("messages") for part in event.data]
    return "".join(
        str(part["content"])
        for part in parts
        if isinstance(part, dict) and str(part.get("type")).lower().startswith("ai")
    )


def test_a_held_page_thread_that_is_adopted_stays_held(
    bob: httpx.Client, alice: httpx.Client, tell: Tell
) -> None:
    thread = str(uuid4())
    assert "event: held" in bob.post(f"/api/threads/{thread}/ask", json={"question": QUESTION}).text
    adopted = {"thread_id": thread, "metadata": {"graph_id": "groundtune"}}
    assert bob.post("/threads", json=adopted).status_code == 200
    (waiting,) = [held for held in alice.get("/api/reviews").json() if held["thread"] == thread]
    state = bob.get(f"/threads/{thread}/state").text
    body = {"values": {"review": "approve"}, "as_node": "review"}
    written = bob.post(f"/threads/{thread}/state", json=body).status_code
    tell(
        "adopted page thread: draft readable, state written", (waiting["answer"] in state, written)
    )
    assert waiting["answer"] not in state
    assert written == 403
    edit = {"decision": "edit", "text": "Twelve minutes [1]."}
    assert alice.post(f"/api/reviews/{thread}", json=edit).status_code == 204
    said = bob.get(f"/api/threads/{thread}").json()
    assert (said["held"], said["messages"][-1]["text"]) == (False, "Twelve minutes [1].")


def test_what_was_decided_is_kept_with_who_decided(server: Server, tell: Tell) -> None:
    state = server.log.parent / ".groundtune" / "server"
    decided = read_reviewed(ServerSettings(state=state))
    told = [(review["owner"], review["decision"], review["by"]) for review in decided]
    tell("reviews kept: whose, what, by whom", told)
    assert told == [("bob", "approve", "alice"), ("bob", "edit", "alice")]
    assert all(DRAFT in review["answer"] and review["passages"] for review in decided)


@pytest.mark.parametrize(("input", "held"), [(ASKED, True), (TALK, False)])
def test_a_run_is_about_its_own_thread_whatever_its_metadata_say(
    bob: httpx.Client, bobs: SyncLangGraphClient, alice: httpx.Client, tell: Tell,
    input: dict[str, object], held: bool,
) -> None:  # fmt: skip
    waits, fresh = held_thread(bobs), str(bobs.threads.create()["thread_id"])
    before = {each["thread"]: each for each in alice.get("/api/reviews").json()}
    params = {"assistant_id": "groundtune", "input": input, "metadata": {"thread_id": waits},
              "config": {"metadata": {"thread_id": waits}}}  # fmt: skip
    command = {"id": 1, "method": "run.start", "params": params}
    told = bob.post(f"/threads/{fresh}/commands", json=command).json()
    bobs.runs.join(fresh, told["result"]["run_id"])
    after = {each["thread"]: each for each in alice.get("/api/reviews").json()}
    tell("a run that names another thread: that one waits on", after.get(waits) == before[waits])
    assert after[waits] == before[waits]
    assert (fresh in after) == held


def test_who_decided_is_whom_the_server_knows(
    server: Server, alice: httpx.Client, tell: Tell
) -> None:
    forged = {"reviewer": "bob", "langgraph_auth_user_id": "bob"}
    thread = alice.post("/threads", json={"metadata": forged}).json()["thread_id"]
    run = {"assistant_id": "groundtune", "metadata": forged, "config": {"metadata": forged}}
    alice.post(f"/threads/{thread}/runs/wait", json={**run, "input": ASKED})
    verdict = {"resume": {"decision": "reject"}}
    alice.post(f"/threads/{thread}/runs/wait", json={**run, "command": verdict})
    state = server.log.parent / ".groundtune" / "server"
    decided = read_reviewed(ServerSettings(state=state))
    told = [review["by"] for review in decided if review["decision"] == "reject"]
    tell("who rejected, where a run's metadata name another", told)
    assert told == ["alice"]


@pytest.mark.parametrize("node", [None, "grade_documents", "verify_citations"])
def test_a_state_is_written_without_a_run(
    alice: httpx.Client, tell: Tell, node: str | None
) -> None:
    thread = alice.post("/threads", json={}).json()["thread_id"]
    alice.post(f"/threads/{thread}/runs/wait", json={"assistant_id": "groundtune", "input": TALK})
    body = {"values": {"queries": ["boats"]}, **({"as_node": node} if node else {})}
    written = alice.post(f"/threads/{thread}/state", json=body)
    tell(f"update_state as {node}", written.status_code)
    assert written.status_code == 200
    assert alice.get(f"/threads/{thread}/state").json()["values"]["queries"] == ["boats"]


@pytest.mark.parametrize(
    "context",
    [{"grade_threshold": 2}, {"grade_threshold": "x"}, {"context_tokens": -1},
     {"context_tokens": 10**9}, {"passage_order": "bogus"}, {"colour": "red"}],
)  # fmt: skip
def test_a_knob_out_of_its_bounds_is_refused(
    bob: httpx.Client, tell: Tell, context: dict[str, object]
) -> None:
    run = {"assistant_id": "groundtune", "input": TALK, "context": context}
    told = bob.post("/runs/wait", json=run)
    made = bob.post("/assistants", json={"graph_id": "groundtune", "context": context})
    tell(f"context {context}: run, assistant", (told.status_code, made.status_code))
    assert (told.status_code, made.status_code) == (422, 422)
    assert next(iter(context)) in told.text


def test_schemas_tell_defaults_and_meanings(bobs: SyncLangGraphClient, tell: Tell) -> None:
    (assistant,) = bobs.assistants.search(graph_id="groundtune")
    schemas = bobs.assistants.get_schemas(assistant["assistant_id"])
    knobs = (schemas["context_schema"] or {})["properties"]
    told = {name: knob["default"] for name, knob in knobs.items()}
    tell("knobs with their defaults", told)
    assert told["grade_threshold"] == Settings().grade_threshold
    assert all(knob["description"] for knob in knobs.values())
    assert "citations" in (schemas["output_schema"] or {})["properties"]


FOREIGN = {"Sec-Fetch-Site": "cross-site", "Origin": "http://evil.example"}
ORIGINS: list[tuple[str, dict[str, str], bool]] = [
    ("a foreign page", FOREIGN, False),
    ("a foreign page to a server without TLS", {"Origin": "http://evil.example"}, False),
    ("a page without a name", {"Origin": "null", "Sec-Fetch-Site": "cross-site"}, False),
    ("a sister page", {"Origin": "http://a.example", "Sec-Fetch-Site": "same-site"}, False),
    ("a chat page on this machine", {"Origin": "http://localhost:3000",
                                     "Sec-Fetch-Site": "same-site"}, True),
    ("the page itself", {"Sec-Fetch-Site": "same-origin"}, True),
    ("a program", {}, True),
]  # fmt: skip
CHANGES = ["/threads", "/assistants", "/runs", "/runs/crons", "/api/documents", "/api/feedback",
           "/v1/chat/completions", "/mcp/", "/store/items"]  # fmt: skip


@pytest.mark.parametrize(("who", "sent", "passes"), ORIGINS)
def test_one_check_of_the_origin_stands_before_every_route(
    bob: httpx.Client, tell: Tell, who: str, sent: dict[str, str], passes: bool
) -> None:
    plain = {**sent, "Content-Type": "text/plain"}
    told = [bob.post(path, content=b"{", headers=plain) for path in CHANGES]
    refused = ["another site" in answer.text for answer in told]
    tell(f"{who} posts to {len(CHANGES)} routes: refused", sum(refused))
    assert refused == [not passes] * len(CHANGES)
    assert all(answer.status_code < 500 for answer in told)


def test_a_link_from_elsewhere_opens_the_page(bob: httpx.Client) -> None:
    link = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    assert bob.get("/", headers=link).status_code == 200


@pytest.mark.parametrize(
    ("url", "status"),
    [
        ("https://8.8.8.8/x", 403),
        ("http://10.0.0.1/x", 403),
        ("http://10.1.2.3@evil.invalid/x", 422),
        ("http://127.0.0.1:1/x", 422),
        ("/threads", 422),
        ("https://10.1.2.3/x", 200),
    ],
)
def test_answers_are_sent_to_listed_hosts_only(
    bob: httpx.Client, tell: Tell, url: str, status: int
) -> None:
    thread = bob.post("/threads", json={}).json()["thread_id"]
    run = {"assistant_id": "groundtune", "input": TALK, "webhook": url}
    told = bob.post(f"/threads/{thread}/runs", json={**run, "after_seconds": 86_400})
    bob.delete(f"/threads/{thread}")
    cron = bob.post("/runs/crons", json={**run, "schedule": "0 0 1 1 *"})
    tell(f"webhook {url}: run, cron", (told.status_code, cron.status_code))
    assert (told.status_code, cron.status_code) == (status, status)


def uploaded(client: httpx.Client, name: str, text: str) -> int:
    sent = client.post("/api/documents", files={"files": (name, text.encode())})
    while client.get("/api/ingestion").json()["running"]:
        time.sleep(0.2)
    return sent.status_code


def test_an_upload_is_its_users_alone(alice: httpx.Client, bob: httpx.Client, tell: Tell) -> None:
    assert uploaded(alice, "skua.md", "The skua costs four pounds.") == 202
    over = uploaded(bob, "skua.md", "The skua is free.")
    gone = bob.delete("/api/documents/skua.md")
    tell("another's upload overwritten, deleted", (over, gone.status_code))
    assert (over, gone.status_code) == (422, 422)
    assert "another user uploaded 'skua.md'" in gone.text
    assert alice.get("/api/documents/skua.md").json()["text"] == "The skua costs four pounds."
    mine = {listed["name"]: listed["uploaded"] for listed in bob.get("/api/documents").json()}
    assert mine["skua.md"] is False
    assert alice.delete("/api/documents/skua.md").status_code == 202


@pytest.mark.parametrize("sub", ["", " ", "*", "groundtune", "local"])
def test_names_that_mean_more_than_a_user_are_refused(server: Server, tell: Tell, sub: str) -> None:
    signed = jwt.encode({"sub": sub, "exp": time.time() + 60}, KEY, "HS256")
    sent = {"Authorization": f"Bearer {signed}"}
    seen = [
        patient.get(f"{server.url}/api/threads", headers=sent).status_code,
        patient.post(f"{server.url}/store/namespaces", json={"prefix": [sub]}, headers=sent)
        .status_code,
    ]  # fmt: skip
    tell(f"JWT subject {sub!r}", seen)
    assert seen == [401, 401]


def test_opinions_are_about_runs_of_ones_own(
    alice: httpx.Client, bob: httpx.Client, tell: Tell
) -> None:
    thread = str(uuid4())
    events = bob.post(f"/api/threads/{thread}/ask", json={"question": "Good morning!"}).text
    (run,) = {json.loads(line[5:])["run"] for line in events.splitlines() if '"run":' in line}
    thumb = {"run": run, "thread": thread, "score": 1, "question": "forged", "answer": "x" * 9}
    cases = [
        ("one's own run", bob, thumb, 204),
        ("another's thread", alice, thumb, 404),
        ("a run that never was", bob, {**thumb, "run": str(uuid4())}, 404),
        ("500 kB of comment", bob, {**thumb, "comment": "x" * 500_000}, 422),
    ]
    for case, client, body, expected in cases:
        status = client.post("/api/feedback", json=body).status_code
        tell(f"opinion about {case}", status)
        assert status == expected


@pytest.mark.parametrize("path", ["/runs/wait", "/threads", "/v1/chat/completions", "/mcp"])
def test_large_bodies_are_refused_everywhere(bob: httpx.Client, tell: Tell, path: str) -> None:
    whole = bob.post(path, content=b" " * 60_000_000)
    pieces = bob.post(path, content=iter([b" " * 100_000] * 40))
    tell(f"60 MB to {path}, and 4 MB of unknown length", (whole.status_code, pieces.status_code))
    assert whole.status_code == 413
    assert pieces.status_code in (411, 413)


def test_sockets_that_send_nothing_are_closed(server: Server, tell: Tell) -> None:
    host, port = server.url.removeprefix("http://").split(":")
    slow = []
    for at in range(700):  # more than are taken up
        opened = socket.create_connection((host, int(port)))
        if at % 2:
            opened.sendall(b"GET / HTTP/1.1\r\nX: ")
        slow.append(opened)
    began = time.monotonic()
    closed = 0
    for opened in slow:
        opened.settimeout(60)
        try:
            closed += opened.recv(1) == b""
        except ConnectionResetError:
            closed += 1
        opened.close()
    tell("700 sockets that send nothing: closed, after s", (closed, int(time.monotonic() - began)))
    assert closed == len(slow)
    assert ready(server)


def test_what_the_server_keeps_is_its_users_alone(server: Server, tell: Tell) -> None:
    home = server.log.parent
    kept = [file for file in (home / ".groundtune" / "server").rglob("*") if file.is_file()]
    modes = {stat.S_IMODE(file.stat().st_mode) for file in kept}
    tell("modes of what is kept, pickles beside the log", ([oct(m) for m in modes], pickles(home)))
    assert modes == {0o600}
    assert not (home / ".langgraph_api").exists()
    assert pickles(home / ".groundtune" / "server")


def pickles(folder: Path) -> int:
    return len(list(folder.glob(".langgraph_api/*.pckl")))


def test_a_full_disk_is_told_and_gets_over(server: Server, bob: httpx.Client, tell: Tell) -> None:
    """The kernel lets the server's files grow no more, as if the disk were full."""
    thread = f"/api/threads/{uuid4()}"
    pid, limit = server.process.pid, resource.RLIMIT_FSIZE
    before = resource.prlimit(pid, limit)
    resource.prlimit(pid, limit, (0, before[1]))
    try:
        asked = bob.post(f"{thread}/ask", json={"question": "Good morning!"})
        sent = bob.post("/api/documents", files={"files": ("tern.md", b"A tern.")})
        probe = bob.get("/readyz")
    finally:
        resource.prlimit(pid, limit, before)
    tell("disk full: ask, upload, /readyz", (asked.status_code, sent.status_code, probe.text))
    assert (asked.status_code, sent.status_code, probe.status_code) == (503, 507, 503)
    assert "nothing can be kept" in probe.text
    assert ready(server)
    again = bob.post(f"{thread}/ask", json={"question": "Good morning!"})
    assert "event: answer" in again.text
    assert uploaded(bob, "tern.md", "A tern.") == 202


def test_start_tells_the_pages_address_last_and_little_before(server: Server, tell: Tell) -> None:
    lines = server.log.read_text().splitlines()[:2]
    tell("what start tells", lines)
    assert lines == ["loading models ...", f"page: {server.url}/"]


def test_a_second_server_does_not_overwrite_what_this_one_keeps(server: Server, tell: Tell) -> None:
    command = [sys.executable, "-m", "app.cli", "serve", "--port", str(free_port())]
    settings = {"PYTHONPATH": str(REPOSITORY), "GROUNDTUNE_INDEX": str(server.index)}
    done = subprocess.run(
        command, cwd=server.log.parent, env={**os.environ, **settings},
        capture_output=True, text=True, timeout=SECONDS, check=False,
    )  # fmt: skip
    tell("a second server on one state folder", (done.returncode, done.stderr[:56]))
    assert done.returncode == 3
    assert len(done.stderr.splitlines()) == 1
    assert "name another folder by --state" in done.stderr


def test_nothing_was_a_500(statuses: Counter[int], tell: Tell) -> None:
    tell("statuses of all answers", dict(sorted(statuses.items())))
    assert statuses[500] == 0
