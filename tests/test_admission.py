"""The queue: who is answered when, and what those who wait are told."""

from __future__ import annotations

import asyncio
import gc
from typing import Any

import pytest
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import START, StateGraph
from starlette.exceptions import HTTPException

from app.serving.admission import GraphInTurn, Place, Queue


async def settled() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def answered(place: Place, number: int, begun: list[int], told: list[int]) -> None:
    async for ahead in place.turn():
        told.append(ahead)
    begun.append(number)


async def test_the_first_come_are_answered_first_and_the_others_know_their_place() -> None:
    queue = Queue(max_running=2, max_waiting=9)
    places = [queue.enter() for _ in range(5)]
    begun: list[int] = []
    told: list[list[int]] = [[] for _ in places]
    async with asyncio.TaskGroup() as tasks:
        for number in reversed(range(5)):  # whoever looks first has no advantage
            tasks.create_task(answered(places[number], number, begun, told[number]))
        await settled()
        assert sorted(begun) == [0, 1]
        for number in (1, 0, 2):
            places[number].leave()
            await settled()
    assert begun[2:] == [2, 3, 4]
    assert told == [[], [], [1], [2, 1], [3, 2, 1]]


async def test_who_comes_when_too_many_wait_is_told_when_to_come_back() -> None:
    waiting: list[int] = []
    queue = Queue(max_running=1, max_waiting=2, told=waiting.append)
    places = [queue.enter() for _ in range(3)]
    assert waiting == [0, 1, 2]
    times = []
    for _ in range(2):
        with pytest.raises(HTTPException, match="2 questions wait already") as refused:
            queue.enter()
        assert refused.value.status_code == 503
        times.append(int(refused.value.headers["Retry-After"]))
    assert 0 < times[0] < times[1]  # or all would come back at the same time
    places[0].leave()
    await settled()
    assert waiting[-1] == 1
    places.append(queue.enter())


async def test_a_place_that_nobody_holds_is_free_again() -> None:
    queue = Queue(max_running=1, max_waiting=0)
    place: Place | None = queue.enter()

    async def never_begun(place: Place) -> Any:
        async with place:
            yield

    left = never_begun(place)
    with pytest.raises(HTTPException):
        queue.enter()
    del left, place
    gc.collect()
    await settled()
    assert queue.ahead(queue.enter()._number) == 0


async def test_leaving_while_waiting_lets_the_next_one_on() -> None:
    queue = Queue(max_running=1, max_waiting=9)
    first, second, third = (queue.enter() for _ in range(3))
    async with first:
        waiting = asyncio.create_task(second.__aenter__())
        await settled()
        waiting.cancel()
        await settled()
        second.leave()  # for the second time, which does nothing
        assert queue.ahead(third._number) == 1
    async with asyncio.timeout(5), third:
        assert queue.ahead(third._number) == 0


async def test_the_estimate_follows_how_long_answers_take() -> None:
    queue = Queue(max_running=1, max_waiting=9)
    for _ in range(30):
        async with queue.enter():
            pass
    assert queue.seconds(10) == 1


def saying(word: str) -> Any:
    """Return a graph that says one word."""
    builder = StateGraph(dict)
    builder.add_node("say", lambda state: {"said": word})
    builder.add_edge(START, "say")
    return builder.compile()


async def test_a_run_is_done_by_its_users_graph_in_the_thread_that_the_server_keeps() -> None:
    graphs = {"alice": saying("secret"), "": saying("public")}

    def seen_by(config: RunnableConfig | None) -> Any:
        return graphs[(config or {}).get("configurable", {}).get("user", "")]

    queue = Queue(max_running=1, max_waiting=0)
    graph = GraphInTurn.of(graphs[""], queue, seen_by).copy({"checkpointer": InMemorySaver()})
    of_alice = {"configurable": {"thread_id": "1", "user": "alice"}}
    of_nobody = {"configurable": {"thread_id": "2"}}
    assert await graph.ainvoke({"said": ""}, of_alice) == {"said": "secret"}
    assert await graph.ainvoke({"said": ""}, of_nobody) == {"said": "public"}
    assert (await graph.aget_state(of_alice)).values == {"said": "secret"}
    events = [event async for event in graph.astream_events({"said": ""}, of_alice, version="v2")]
    assert events[-1]["data"]["output"] == {"said": "secret"}
    assert [event async for event in graph.astream({"said": ""}, of_nobody)] == [
        {"say": {"said": "public"}}
    ]
