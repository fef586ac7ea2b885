"""Many askers at once against the real server: who waits for how long, and what he is told."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from uuid import uuid4

import httpx
import openai
import pytest
from gate_parts import Gate, gated_server
from langgraph_sdk import get_sync_client
from server_parts import Server, metric

from app.assistant import Assistant

pytestmark = pytest.mark.model

QUESTION = "Good morning!"
WAITING = 5
ASKERS = 9


@pytest.fixture(scope="module")
def gated(
    sample_assistant: Assistant, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Server, Gate]]:
    """A server that answers one question at a time, while its gate is open."""
    home, index = tmp_path_factory.mktemp("load"), sample_assistant.settings.index
    bounds = {"GROUNDTUNE_MAX_RUNNING": "1", "GROUNDTUNE_MAX_WAITING": str(WAITING)}
    with gated_server(home, index, **bounds) as started:
        yield started


def places_until_answered(stream: httpx.Response) -> list[int]:
    """Read the page's events, and return the places that were told."""
    lines = [line[5:] for line in stream.iter_lines() if line.startswith("data:")]
    events = [json.loads(line) for line in lines]
    assert events[-1]["event"] == "answer"
    return [of["place"] for of in events if of["event"] == "queued"]


def until_waiting(server: Server, count: int) -> None:
    deadline = time.monotonic() + 60
    while metric(server, "groundtune_waiting") != count:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_who_comes_first_is_answered_first_and_nobody_waits_without_knowing_the_place(
    gated: tuple[Server, Gate],
) -> None:
    (server, gate), retry_after = gated, []
    with httpx.Client(base_url=server.url, timeout=120) as client, ExitStack() as opened:
        pool = opened.enter_context(ThreadPoolExecutor(ASKERS))
        let_in = []
        with gate.shut():
            for asker in range(ASKERS):  # each comes when the one before was let in, or turned away
                url, body = f"/api/threads/{uuid4()}/ask", {"question": f"I am asker {asker}."}
                stream = opened.enter_context(client.stream("POST", url, json=body))
                if stream.status_code == 200:
                    let_in.append(pool.submit(places_until_answered, stream))
                else:
                    assert stream.status_code == 503
                    retry_after.append(int(stream.headers["retry-after"]))
        told = [of.result() for of in let_in]
    assert told == [list(range(before, 0, -1)) for before in range(WAITING + 1)]
    assert len(retry_after) == ASKERS - len(told)
    assert min(retry_after) >= 1
    answered = re.findall(r"I am asker (\d)", str([asked.body for asked in gate.model.asked]))
    assert list(dict.fromkeys(answered)) == [str(asker) for asker in range(len(told))]


def test_who_was_turned_away_is_let_in_later(gated: tuple[Server, Gate]) -> None:
    server, gate = gated
    asked = [{"role": "user", "content": QUESTION}]

    def complete(client: openai.OpenAI) -> str:
        told = client.chat.completions.create(model="served", messages=asked)
        return str(told.choices[0].message.content)

    with (
        openai.OpenAI(base_url=f"{server.url}/v1", api_key="none", max_retries=0) as hasty,
        openai.OpenAI(base_url=f"{server.url}/v1", api_key="none", max_retries=6) as client,
        ThreadPoolExecutor(2 * ASKERS) as pool,
    ):
        with gate.shut():
            answers = [pool.submit(complete, client) for _ in range(ASKERS)]
            until_waiting(server, WAITING)
            at_once = [pool.submit(complete, hasty) for _ in range(ASKERS)]
            for refused in at_once:
                with pytest.raises(openai.InternalServerError, match="ask again in") as error:
                    refused.result()
                assert (error.value.status_code, error.value.code) == (503, "overloaded")
        assert len({answer.result() for answer in answers}) == 1


def test_a_stream_of_openais_tells_the_place_in_comments_and_langgraphs_runs_wait_too(
    gated: tuple[Server, Gate],
) -> None:
    server, gate = gated
    body = {"messages": [{"role": "user", "content": QUESTION}], "stream": True}
    asked = {"messages": [{"role": "user", "content": "How many kennels has each ship?"}]}
    with get_sync_client(url=server.url) as client, ThreadPoolExecutor(4) as pool:
        with gate.shut():
            runs = [
                pool.submit(client.runs.wait, None, "groundtune", input=asked) for _ in range(3)
            ]
            until_waiting(server, 2)
            url = f"{server.url}/v1/chat/completions"
            streamed = pool.submit(httpx.post, url, json=body, timeout=120)
            until_waiting(server, 3)
        told = streamed.result().text
        assert all(run.result()["messages"][-1]["content"] for run in runs)
    assert ": place " in told
    assert told.rstrip().endswith("data: [DONE]")
    assert metric(server, "groundtune_waiting") == 0
