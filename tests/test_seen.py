"""Two users of the real server: each is told of documents that are his to see, whichever way."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import jwt
import openai
import patient
import pytest
from index_parts import write_files
from langgraph_sdk import get_sync_client
from server_parts import Server, running_server
from test_serving import events_of

from app.assistant import Assistant
from app.settings import Settings

pytestmark = pytest.mark.model

KEY = "a secret of more than thirty-two letters"
BOB = "bob-token-of-his-own"
FILES = {
    "boats.md": "The last boat to Culvie leaves at 18:30.",
    "pay/master.md": "The master of the Culvie Maid is paid 4,321 pounds a month.\n\n"
    "The last bus to Marram leaves at 19:45.",
}
SECRET, HIDDEN = "4,321", "pay/master.md"
QUESTION = "How much is the master of the Culvie Maid paid a month?"
ASKED = {"messages": [{"role": "user", "content": QUESTION}]}
SECONDS = 120.0


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server on which members of hr may see what the master is paid, and others may not."""
    home = tmp_path_factory.mktemp("seen")
    access, index = home / "access.toml", home / "built"
    access.write_text('"pay/*" = ["hr"]')
    documents = write_files(home / "docs", FILES)
    Assistant(Settings(index=index, access=access)).ingest([documents])
    named = {
        "GROUNDTUNE_ACCESS": str(access),
        "GROUNDTUNE_JWT_KEY": KEY,
        "GROUNDTUNE_TOKENS": f"bob:{BOB}",
        "GROUNDTUNE_GROUPS": "bob:ops",
        "GROUNDTUNE_UPLOADS": "private",
    }
    with running_server(home, index, **named) as started:
        yield started


def headers(user: str) -> dict[str, str]:
    """Alice's login says that she is in hr; Bob says so himself, in every way that he can."""
    if user == "bob":
        return {"Authorization": f"Bearer {BOB}", "X-Groups": "hr", "X-Forwarded-Groups": "hr"}
    claims = {"sub": user, "exp": time.time() + 3600, "groups": ["hr"]}
    return {"Authorization": f"Bearer {jwt.encode(claims, KEY)}"}


def get(server: Server, path: str, user: str) -> httpx.Response:
    return httpx.get(f"{server.url}{path}?groups=hr", headers=headers(user), timeout=SECONDS)


def asked(server: Server, user: str, thread: str, **more: Any) -> str:
    url = f"{server.url}/api/threads/{thread}/ask"
    body = {"question": QUESTION, **more}
    return httpx.post(url, json=body, headers=headers(user), timeout=SECONDS).text


def by_page(server: Server, user: str, **more: Any) -> str:
    told = asked(server, user, str(uuid4()), **more)
    assert events_of(told)[-1]["event"] == "answer"
    return told


def by_arm(server: Server, user: str) -> str:
    return by_page(server, user, arm="base-rag")


def by_openai(server: Server, user: str) -> str:
    sent = headers(user)
    with openai.OpenAI(
        base_url=f"{server.url}/v1", api_key=sent["Authorization"][7:], default_headers=sent
    ) as client:
        answer = client.chat.completions.create(
            model="served",
            messages=[{"role": "user", "content": QUESTION}],
            user="alice",
            metadata={"groups": "hr"},
        )
    return answer.model_dump_json()


def by_mcp(server: Server, user: str) -> str:
    call = {"name": "ask_documents", "arguments": {"question": QUESTION}}
    told = rpc(server, user, "tools/call", call)
    assert "abstained" in told
    return told + rpc(server, user, "tools/list", {})


def rpc(server: Server, user: str, method: str, params: dict[str, Any]) -> str:
    body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
    accept = {"Accept": "application/json, text/event-stream"}
    sent = {**headers(user), **accept}
    return httpx.post(f"{server.url}/mcp", json=body, headers=sent, timeout=SECONDS).text


def by_langgraph(server: Server, user: str) -> str:
    pretended = {"identity": "alice", "groups": ["hr"]}
    config = {"configurable": {"langgraph_auth_user": pretended, "groups": ["hr"]}}
    with get_sync_client(url=server.url, headers=headers(user)) as client:
        thread = client.threads.create()["thread_id"]
        client.runs.wait(thread, "groundtune", input=ASKED, config=config)  # type: ignore[arg-type]
        again = client.runs.wait(None, "groundtune", input=ASKED, context={"max_rewrites": 1})
        events = list(
            client.runs.stream(None, "groundtune", input=ASKED, stream_mode=["values", "events"])
        )
        state = client.threads.get_state(thread)
    return json.dumps([again, state, [event.data for event in events]], default=str)


@pytest.mark.parametrize("way", [by_page, by_arm, by_openai, by_mcp, by_langgraph])
def test_an_answer_rests_on_what_its_reader_may_see(server: Server, way: Any) -> None:
    assert SECRET in way(server, "alice")
    told = way(server, "bob")
    assert not any(word in told for word in (SECRET, HIDDEN, "seen_by"))


def test_documents_of_others_are_not_there(server: Server) -> None:
    listed = {user: get(server, "/api/documents", user).json() for user in ("alice", "bob")}
    assert [each["name"] for each in listed["alice"]] == list(FILES)
    assert [each["name"] for each in listed["bob"]] == ["boats.md"]
    assert SECRET in get(server, f"/api/documents/{HIDDEN}", "alice").text
    unknown = get(server, f"/api/documents/{HIDDEN}", "bob")
    assert (unknown.status_code, SECRET in unknown.text) == (404, False)
    assert [get(server, "/api/status", user).json()["documents"] for user in listed] == [2, 1]
    examples = {user: get(server, "/api/examples", user).text for user in ("alice", "bob")}
    assert "Marram" in examples["alice"]
    assert "Marram" not in examples["bob"]


def test_a_question_cannot_name_documents_of_others(server: Server) -> None:
    unknown = asked(server, "bob", str(uuid4()), only=[HIDDEN])
    assert json.loads(unknown)["message"] == f"there is no document {HIDDEN!r}: it may be deleted"
    assert SECRET in asked(server, "alice", str(uuid4()), only=[HIDDEN])


def test_a_document_of_others_cannot_be_deleted_or_checked_against(server: Server) -> None:
    gone = patient.delete(f"{server.url}/api/documents/{HIDDEN}", headers=headers("bob"))
    assert gone.json()["message"] == f"there is no document {HIDDEN!r}"
    body = {"question": QUESTION, "answer": "The master is paid 4,321 pounds a month."}
    checks = [
        httpx.post(f"{server.url}/api/check", json=body, headers=headers(user), timeout=60).json()
        for user in ("alice", "bob")
    ]
    assert [check["supported"] for check in checks] == ["all", "none"]


def test_a_thread_goes_on_with_what_its_owner_may_see_alone(server: Server) -> None:
    thread = str(uuid4())
    assert SECRET in asked(server, "alice", thread)
    assert get(server, f"/api/threads/{thread}", "bob").status_code == 404
    assert events_of(asked(server, "bob", thread)) == []


def change(server: Server, user: str, method: str, path: str, **more: Any) -> None:
    """Upload or delete, and wait until the index has it."""
    url = f"{server.url}{path}"
    sent = httpx.request(method, url, headers=headers(user), timeout=SECONDS, **more)
    assert sent.status_code == 202, sent.text
    while (status := get(server, "/api/ingestion", user).json())["running"]:
        time.sleep(0.1)
    assert status["error"] == ""


def test_what_somebody_uploads_is_theirs_alone(server: Server) -> None:
    text = "The master of the Kittiwake is paid 9,876 pounds a month."
    for user, said in (("alice", text), ("bob", "The Kittiwake has no master.")):
        files = {"files": ("kittiwake.md", said.encode())}
        change(server, user, "POST", "/api/documents", files=files)
    asking = {"question": "How much is the master of the Kittiwake paid a month?"}
    assert "9,876" in asked(server, "alice", str(uuid4()), **asking)
    assert "9,876" not in asked(server, "bob", str(uuid4()), **asking)
    names = {user: get(server, "/api/documents", user).text for user in ("alice", "bob")}
    assert ["private:alice" in names[user] for user in names] == [True, False]
    path = "/api/documents/private:alice/kittiwake.md"
    assert [get(server, path, user).status_code for user in names] == [200, 404]
    for user in names:
        folder = get(server, "/api/status", user).json()["uploads"]
        assert folder == f"private:{user}/"
        change(server, user, "DELETE", f"/api/documents/{folder}kittiwake.md")


def test_who_may_see_a_document_changes_while_the_server_runs(
    server: Server, tmp_path: Path
) -> None:
    access = tmp_path / "access.toml"
    for groups, seen in (('"ops"', True), ('"hr"', False)):
        access.write_text(f'"pay/*" = [{groups}]')
        assistant = Assistant(Settings(index=server.index, access=access))
        assert assistant.ingest([server.index.parent / "docs"]).embedded == 0
        assert (SECRET in by_page(server, "bob")) == seen
