"""Clients that exist already, against the real server: JavaScript, MCP, reviews by Command."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import httpx
import mcp
import pytest
from gate_parts import PATIENCE_S, gated_server
from langgraph.pregel.remote import RemoteGraph
from langgraph.types import Command
from langgraph_sdk import get_sync_client
from server_parts import REPOSITORY, Server, metric, running_server

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
    with running_server(home, sample_assistant.settings.index) as started:
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
    assert {"generate"} <= set(told["nodes"]) <= {"generate", "verify_citations"}
    assert told["history"] > 3


@pytest.mark.parametrize("path", ["/mcp", "/mcp/"])
async def test_an_mcp_client_finds_one_tool_described_by_the_documents(
    server: Server, path: str
) -> None:
    with get_sync_client(url=server.url) as made:  # a user's assistants are no tools
        made.assistants.create("groundtune", name="strict", if_exists="do_nothing")
    async with mcp.Client(server.url + path) as client:
        (tool,) = (await client.list_tools()).tools
    assert tool.name == "ask_documents"
    assert "from 37 documents" in tool.description
    assert "about-the-line.md, fares/concessions.html" in tool.description
    assert set(tool.input_schema["properties"]) == {"question"}
    assert set(tool.output_schema["properties"]) == {
        "answer", "abstained", "citations", "confidence", "conflicts",
    }  # fmt: skip


async def test_an_mcp_client_gets_the_answer_with_its_citations(
    server: Server, sample_assistant: Assistant
) -> None:
    before = metric(server, "groundtune_runs_total")
    async with mcp.Client(f"{server.url}/mcp") as client:
        result = await client.call_tool("ask_documents", {"question": QUESTION})
    expected = sample_assistant.ask(QUESTION)
    (citation,) = expected["citations"]
    assert not result.is_error
    told = result.structured_content
    assert (told["answer"], told["abstained"]) == (expected["answer"], False)
    assert [source["quote"] for source in told["citations"]] == [citation["quote"]]
    span = f"{citation['start']}-{citation['end']}"
    assert told["citations"][0]["url"] == f"{server.url}/#{citation['document']}@{span}"
    text = result.content[0].text
    assert text.startswith(f"{expected['answer']}\n\n[1] {citation['document']}")
    assert citation["quote"] in text
    assert metric(server, "groundtune_runs_total") == before + 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"question": " "}, "the question is empty"),
        ({}, "question: Field required"),
        ({"question": "x", "top_k": 3}, "top_k: Extra inputs are not permitted"),
    ],
)
async def test_an_mcp_client_is_told_what_cannot_be_asked(
    server: Server, arguments: dict[str, object], words: str
) -> None:
    async with mcp.Client(f"{server.url}/mcp") as client:
        result = await client.call_tool("ask_documents", arguments)
    assert result.is_error
    assert words in result.content[0].text


async def test_an_mcp_client_that_leaves_stops_the_model(
    sample_assistant: Assistant, tmp_path: Path
) -> None:
    async def leave(url: str) -> None:
        async with mcp.Client(url) as client:
            asked = asyncio.create_task(client.call_tool("ask_documents", {"question": QUESTION}))
            assert await asyncio.to_thread(gate.reached.wait, PATIENCE_S)
            asked.cancel()

    index, cancelled = sample_assistant.settings.index, 'groundtune_runs_total{outcome="cancelled"}'
    with gated_server(tmp_path, index) as (server, gate), gate.shut():
        await leave(f"{server.url}/mcp")
        left = time.monotonic()
        while metric(server, cancelled) != 1:
            assert time.monotonic() - left < 20, "the run went on after its client had left"
            await asyncio.sleep(0.05)


def test_an_error_reaches_clients_without_a_path(server: Server) -> None:
    shutil.rmtree(server.index)
    with get_sync_client(url=server.url) as client:
        asked = {"messages": [{"role": "user", "content": QUESTION}]}
        told = client.runs.wait(None, "groundtune", input=asked, raise_error=False)
    assert told["__error__"]["error"] == "NotReady"
    assert "ingest some first, with 'groundtune ingest PATH'" in told["__error__"]["message"]
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
        assert "needs a review" in refused.json()["error"]["message"]


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
