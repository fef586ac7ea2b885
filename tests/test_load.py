"""Many askers at once against the real server: who waits for how long, and what he is told."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from uuid import uuid4

import httpx
import openai
import patient
import pytest
from langgraph_sdk import get_sync_client
from server_parts import Server, running_server

from app.assistant import Assistant

pytestmark = pytest.mark.model

QUESTION = "Good morning!"
WAITING = 5
ASKERS = 9


@pytest.fixture(scope="module")
def server(
    sample_assistant: Assistant, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    home = tmp_path_factory.mktemp("load")
    bounds = {"GROUNDTUNE_MAX_RUNNING": "1", "GROUNDTUNE_MAX_WAITING": str(WAITING)}
    with running_server(home, sample_assistant.settings.index, **bounds) as started:
        yield started


def places_until_answered(stream: httpx.Response) -> tuple[list[int], float]:
    """Read the page's events; return the places that were told, and when the answer came."""
    lines = [line[5:] for line in stream.iter_lines() if line.startswith("data:")]
    events = [json.loads(line) for line in lines]
    assert events[-1]["event"] == "answer"
    return [of["place"] for of in events if of["event"] == "queued"], time.monotonic()


def until_somebody_waits(server: Server) -> None:
    deadline = time.monotonic() + 60
    while "groundtune_waiting 0.0" in patient.get(f"{server.url}/metrics").text:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_who_comes_first_is_answered_first_and_nobody_waits_without_knowing_the_place(
    server: Server,
) -> None:
    with httpx.Client(base_url=server.url, timeout=120) as client, ExitStack() as opened:
        pool = opened.enter_context(ThreadPoolExecutor(ASKERS))
        let_in, retry_after = [], []
        for _ in range(ASKERS):  # each comes when the one before was let in, or turned away
            url = f"/api/threads/{uuid4()}/ask"
            stream = opened.enter_context(client.stream("POST", url, json={"question": QUESTION}))
            if stream.status_code == 200:
                let_in.append(pool.submit(places_until_answered, stream))
            else:
                assert stream.status_code == 503
                retry_after.append(int(stream.headers["retry-after"]))
        told = [of.result() for of in let_in]
    assert len(told) > WAITING
    assert [when for _, when in told] == sorted(when for _, when in told)
    for places, _ in told:
        assert places == list(range(len(places), 0, -1))
    assert max(len(places) for places, _ in told) == WAITING
    assert retry_after
    assert retry_after[0] >= 1


def test_who_was_turned_away_is_let_in_later(server: Server) -> None:
    asked = [{"role": "user", "content": QUESTION}]

    def complete(client: openai.OpenAI) -> str:
        told = client.chat.completions.create(model="served", messages=asked)
        return str(told.choices[0].message.content)

    with (
        openai.OpenAI(base_url=f"{server.url}/v1", api_key="none", max_retries=0) as hasty,
        openai.OpenAI(base_url=f"{server.url}/v1", api_key="none", max_retries=6) as client,
        ThreadPoolExecutor(2 * ASKERS) as pool,
    ):
        answers = [pool.submit(complete, client) for _ in range(ASKERS)]
        at_once = [pool.submit(complete, hasty) for _ in range(ASKERS)]  # more than may wait
        refused = [error for asked in at_once if (error := asked.exception())]
        assert refused
        for error in refused:
            with pytest.raises(openai.InternalServerError, match="ask again in"):
                raise error
            assert (error.status_code, error.code) == (503, "overloaded")
        assert len({answer.result() for answer in answers}) == 1


def test_a_stream_of_openais_tells_the_place_in_comments_and_langgraphs_runs_wait_too(
    server: Server,
) -> None:
    body = {"messages": [{"role": "user", "content": QUESTION}], "stream": True}
    asked = {"messages": [{"role": "user", "content": "How many kennels has each ship?"}]}
    with get_sync_client(url=server.url) as client, ThreadPoolExecutor(3) as pool:
        runs = [pool.submit(client.runs.wait, None, "groundtune", input=asked) for _ in range(3)]
        until_somebody_waits(server)
        told = httpx.post(f"{server.url}/v1/chat/completions", json=body, timeout=120).text
        assert all(run.result()["messages"][-1]["content"] for run in runs)
    assert ": place " in told
    assert told.rstrip().endswith("data: [DONE]")
    metrics = patient.get(f"{server.url}/metrics").text
    assert "groundtune_waiting 0.0" in metrics
