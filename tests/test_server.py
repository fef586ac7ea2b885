"""The real LangGraph server with the real model, blocking detection on, driven by its clients."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from langgraph.pregel.remote import RemoteGraph
from langgraph_sdk import get_sync_client
from langgraph_sdk.client import SyncLangGraphClient
from server_parts import running_server

from app.assistant import Assistant

pytestmark = pytest.mark.model

QUESTION = "Once the gangway is down at Skjørnvik, how long do the buses wait?"
ANSWER = "12 minutes"


@pytest.fixture(scope="module")
def server(sample_assistant: Assistant, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    home = tmp_path_factory.mktemp("server")
    with running_server(home, sample_assistant.settings.index) as started:
        yield started.url


@pytest.fixture
def client(server: str) -> Iterator[SyncLangGraphClient]:
    with get_sync_client(url=server) as open_client:
        yield open_client


def given(question: str) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": question}]}


def told(state: dict[str, Any]) -> tuple[Any, ...]:
    """What must be equal whichever way was taken."""
    last = state["messages"][-1]
    text = last["content"] if isinstance(last, dict) else last.text
    return text, state["route"], state["citations"], state["origin"], state["abstained"]


def test_the_three_ways_give_the_same_answer_route_and_citations(
    server: str, client: SyncLangGraphClient, sample_assistant: Assistant
) -> None:
    python = sample_assistant.ask(QUESTION)
    waited = client.runs.wait(None, "groundtune", input=given(QUESTION))
    remote = RemoteGraph("groundtune", url=server, sync_client=client).invoke(given(QUESTION))
    expected = tuple(python[key] for key in ("answer", "route", "citations", "origin", "abstained"))
    assert ANSWER in python["answer"]
    assert python["citations"]
    assert told(waited) == expected
    assert told(remote) == expected


def test_tokens_stream_from_generate_and_from_no_other_node(client: SyncLangGraphClient) -> None:
    events = list(
        client.runs.stream(None, "groundtune", input=given(QUESTION), stream_mode="messages-tuple")
    )
    assert not [event for event in events if event.event == "error"]
    chunks = [event.data for event in events if event.event == "messages"]
    written = [message for message, metadata in chunks if message["content"]]
    assert {metadata["langgraph_node"] for _, metadata in chunks} == {"generate"}
    assert len(written) >= 2


def test_a_thread_keeps_the_conversation_and_forgets_the_last_turn(
    client: SyncLangGraphClient,
) -> None:
    thread = client.threads.create()["thread_id"]
    first = client.runs.wait(thread, "groundtune", input=given(QUESTION))
    second = client.runs.wait(thread, "groundtune", input=given("Good morning!"))
    assert first["citations"]
    assert second["route"] == "direct"
    assert second["citations"] == []
    assert second["passages"] == []
    assert len(second["messages"]) == 4


def test_a_block_message_and_given_documents_are_understood(client: SyncLangGraphClient) -> None:
    blocks = [{"type": "text", "text": "What does the harbour tea cost?"}]
    text = "Prices at the harbour. The harbour tea costs £2.35."
    state = client.runs.wait(
        None,
        "groundtune",
        input={
            "messages": [{"role": "user", "content": blocks}],
            "documents": [{"id": "prices", "text": text}],
        },
    )
    assert [passage["metadata"]["document"] for passage in state["passages"]] == ["prices"]
    assert state["citations"]
    for citation in state["citations"]:
        assert text[citation["start"] : citation["end"]] == citation["quote"]


def test_runs_at_the_same_time_are_each_answered(client: SyncLangGraphClient) -> None:
    asked = [QUESTION, "Good morning!", "What does the ordinary adult Skerry Pass cost?"]
    with ThreadPoolExecutor(len(asked)) as pool:
        states = list(
            pool.map(
                lambda question: client.runs.wait(None, "groundtune", input=given(question)), asked
            )
        )
    assert [state["messages"][0]["content"] for state in states] == asked
    assert [state["route"] for state in states] == ["retrieve", "direct", "retrieve"]


def test_a_bad_question_is_told_in_one_line(client: SyncLangGraphClient) -> None:
    with pytest.raises(Exception, match="the question is empty: ask something in words"):
        client.runs.wait(None, "groundtune", input=given("  "))
