"""Clients that exist already, against the real server: JavaScript, MCP, reviews by Command."""

from __future__ import annotations

import json
import shutil
import subprocess
from ast import literal_eval
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import httpx
import mcp
import pytest
from langgraph.pregel.remote import RemoteGraph
from langgraph.types import Command
from langgraph_sdk import get_sync_client
from server_parts import REPOSITORY, Server, running_server

from app.assistant import Assistant

pytestmark = pytest.mark.model

QUESTION = "Once the gangway is down at Skjørnvik, how long do the buses wait?"
JAVASCRIPT = REPOSITORY / ".venv" / "javascript" / "node_modules"

# The calls and content blocks of chat UIs: a stream of values and messages on a thread, resumable.
CHAT = """
import { Client } from "@langchain/langgraph-sdk";
const [apiUrl, question] = process.argv.slice(2);
const client = new Client({ apiUrl });
const { thread_id } = await client.threads.create();
const input = { messages: [{ type: "human", content: [{ type: "text", text: question }] }] };
const nodes = new Set();
let state = {};
const stream = client.runs.stream(thread_id, "groundtune", {
  input, streamMode: ["values", "messages-tuple"], streamSubgraphs: true, streamResumable: true,
});
for await (const { event, data } of stream) {
  if (event === "values") state = data;
  if (event.startsWith("messages")) nodes.add(data[1].langgraph_node);
  if (event === "error") throw new Error(JSON.stringify(data));
}
const history = await client.threads.getHistory(thread_id);
const said = state.messages.at(-1).content;
const told = { said, nodes: [...nodes], citations: state.citations, history: history.length };
console.log(JSON.stringify(told));
"""


@pytest.fixture(scope="module")
def server(
    sample_assistant: Assistant, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    home = tmp_path_factory.mktemp("clients")
    index = shutil.copytree(sample_assistant.settings.index, home / "index")
    with running_server(home, index) as started:
        yield started


@pytest.mark.skipif(
    not (shutil.which("node") and JAVASCRIPT.exists()), reason="no Node.js is installed here"
)
def test_a_chat_ui_in_javascript_sees_the_answers_tokens_only(
    server: Server, sample_assistant: Assistant, tmp_path: Path
) -> None:
    (tmp_path / "node_modules").symlink_to(JAVASCRIPT)
    (tmp_path / "chat.mjs").write_text(CHAT)
    done = subprocess.run(
        ["node", "chat.mjs", server.url, QUESTION],
        cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    expected = sample_assistant.ask(QUESTION)
    assert told["said"] == expected["answer"]
    assert told["citations"] == expected["citations"]
    assert set(told["nodes"]) <= {"generate", "verify_citations"}
    assert told["history"] > 3


async def test_an_mcp_client_finds_the_assistant_and_calls_it(
    server: Server, sample_assistant: Assistant
) -> None:
    before = runs(server)
    async with mcp.Client(f"{server.url}/mcp/") as client:
        tools = (await client.list_tools()).tools
        assert [tool.name for tool in tools] == ["groundtune"]
        asked = {"messages": [{"role": "user", "content": QUESTION}]}
        result = await client.call_tool("groundtune", asked)
    assert not result.is_error
    told = literal_eval(result.content[0].text)  # the server writes Python's own notation
    assert told["messages"][-1]["content"] == sample_assistant.ask(QUESTION)["answer"]
    assert runs(server) == before + 1


def runs(server: Server) -> float:
    """Count the runs that the server's metrics tell of."""
    lines = httpx.get(f"{server.url}/metrics").text.splitlines()
    found = [line for line in lines if line.startswith("groundtune_runs_total")]
    return sum(float(line.rsplit(" ", 1)[1]) for line in found)


def test_an_error_reaches_clients_without_a_path(server: Server) -> None:
    shutil.rmtree(server.index)
    with get_sync_client(url=server.url) as client:
        asked = {"messages": [{"role": "user", "content": QUESTION}]}
        told = client.runs.wait(None, "groundtune", input=asked, raise_error=False)
    assert set(told) == {"__error__"}
    url = f"{server.url}/api/threads/{uuid4()}/ask"
    page = httpx.post(url, json={"question": QUESTION}, timeout=60).text
    assert '"error":"NotReady"' in page
    for text in (json.dumps(told), page):
        assert str(server.index.parent) not in text


@pytest.fixture(scope="module")
def reviewing(
    sample_assistant: Assistant, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """A server that lets no answer out unread."""
    home = tmp_path_factory.mktemp("reviewing")
    index = sample_assistant.settings.index
    with running_server(home, index, GROUNDTUNE_REVIEW_BELOW="1.0") as started:
        yield started


def test_nobody_reads_an_answer_that_waits(reviewing: Server) -> None:
    with httpx.Client(base_url=reviewing.url, timeout=60) as client:
        thread = f"/api/threads/{uuid4()}"
        events = client.post(f"{thread}/ask", json={"question": QUESTION}).text
        assert "event: held" in events
        assert "event: token" not in events
        shown = client.get(thread).json()
        assert (shown["held"], [said["role"] for said in shown["messages"]]) == (True, ["user"])
        asked = {"model": "served", "messages": [{"role": "user", "content": QUESTION}]}
        refused = client.post("/v1/chat/completions", json=asked)
        assert refused.status_code == 400
        assert "waits for a review" in refused.json()["error"]["message"]


def test_an_answer_waits_for_a_command_through_a_remote_graph(reviewing: Server) -> None:
    with get_sync_client(url=reviewing.url) as client:
        remote = RemoteGraph("groundtune", url=reviewing.url, sync_client=client)
        thread = client.threads.create()["thread_id"]
        config = {"configurable": {"thread_id": thread}}
        asked = {"messages": [{"role": "user", "content": QUESTION}]}
        remote.invoke(asked, config)
        state = remote.get_state(config)
        assert state.next == ("review",)
        (held,) = (one.value for task in state.tasks for one in task.interrupts)
        assert held["question"] == QUESTION
        assert 0 <= held["confidence"] < 1
        edited = {"decision": "edit", "text": "Twelve minutes [1]."}
        done = remote.invoke(Command(resume=edited), config)
    assert done["messages"][-1]["content"] == "Twelve minutes [1]."
    assert done["review"] == "edit"
    assert done["citations"] == held["citations"]
