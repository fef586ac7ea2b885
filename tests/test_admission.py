"""The queue: who is answered when, and what those who wait are told."""

from __future__ import annotations

import asyncio
import gc
from types import SimpleNamespace
from typing import Any

import pytest
from langchain_core.callbacks import AsyncCallbackHandler
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


async def in_turn(queue: Queue, coming: str) -> str:
    """Take a place for each user who is named, then leave them one by one; return who began."""
    begun: list[str] = []

    async def asked(user: str) -> None:
        async with queue.enter(user):
            begun.append(user)
            await asyncio.sleep(0)

    async with asyncio.TaskGroup() as tasks:
        for user in coming:
            tasks.create_task(asked(user))
    return "".join(begun)


@pytest.mark.parametrize(
    ("running", "coming", "begun"),
    [
        (1, "aaabbc", "abcaba"),
        (2, "aaaabb", "aaabab"),  # two at once
        (1, "abcabc", "abcabc"),
        (1, "aaaa", "aaaa"),
    ],
)
async def test_users_take_turns(running: int, coming: str, begun: str) -> None:
    assert await in_turn(Queue(running, 99, users=True), coming) == begun
    assert await in_turn(Queue(running, 99), coming) == coming


async def test_who_asks_again_and_again_does_not_hold_up_who_asked_before() -> None:
    queue = Queue(max_running=1, max_waiting=9, users=True)
    held = [("a", queue.enter("a")) for _ in range(3)] + [("b", queue.enter("b"))]
    begun = ""
    for _ in range(7):
        ((user, place),) = (each for each in held if not queue.ahead(each[1]._number))
        queue.begin(place._number)
        place.leave()
        held.remove((user, place))
        begun += user
        if user == "b":
            held.append(("b", queue.enter("b")))
    assert begun == "abababb"


async def test_a_user_holds_half_of_the_places_where_users_are_told_apart() -> None:
    queue = Queue(max_running=1, max_waiting=4, users=True)
    places = [queue.enter("a") for _ in range(3)]
    with pytest.raises(HTTPException) as refused:
        queue.enter("a")
    after = refused.value.headers["Retry-After"]
    assert refused.value.status_code == 429
    assert refused.value.detail == (
        f"3 of your questions are being answered or wait already: ask again in {after} seconds"
    )
    places += [queue.enter("a", bounded=False), queue.enter("b")]
    with pytest.raises(HTTPException, match="4 questions wait already"):
        queue.enter("b")
    for place in places[:2]:
        place.leave()
    places.append(queue.enter("a"))


async def test_who_left_without_an_answer_is_served_as_if_never_asked() -> None:
    queue = Queue(max_running=1, max_waiting=9, users=True)
    running, *waiting = (queue.enter("a") for _ in range(5))
    queue.begin(running._number)
    for place in waiting:
        place.leave()
    again, other = queue.enter("a"), queue.enter("b")
    assert [queue.ahead(each._number) for each in (again, other)] == [2, 1]
    others = [queue.enter("b") for _ in range(2)]
    assert [queue.ahead(each._number) for each in (again, *others)] == [2, 3, 4]


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


async def test_a_run_of_langgraphs_server_takes_its_turn_as_its_users() -> None:
    queue, graph = Queue(max_running=1, max_waiting=9, users=True), saying("word")
    running, waiting = queue.enter("a"), queue.enter("a")
    queue.begin(running._number)
    config: Any = {"configurable": {"langgraph_auth_user": SimpleNamespace(identity="b")}}
    runs = GraphInTurn.of(graph, queue, lambda config: graph).ainvoke({"said": ""}, config)
    run = asyncio.create_task(runs)
    await settled()
    assert queue.ahead(waiting._number) == 2
    running.leave()
    assert await asyncio.wait_for(run, 5) == {"said": "word"}
    assert queue.ahead(waiting._number) == 0


@pytest.mark.parametrize(
    ("user", "came", "noted"),
    [
        ("bob", {"thread_id": "1", "reviewer": "alice"}, ("2", "bob")),
        ("bob", {}, ("2", "bob")),
        (None, {"thread_id": "1", "reviewer": "alice"}, ("2", "alice")),  # the server itself
        (None, {}, ("2", None)),
    ],
)
@pytest.mark.filterwarnings("ignore:The v3 streaming protocol")
async def test_a_runs_metadata_say_whose_it_is_and_in_which_thread(
    user: str | None, came: dict[str, str], noted: tuple[str, str | None]
) -> None:
    seen: list[tuple[Any, Any]] = []

    class Noting(AsyncCallbackHandler):
        async def on_chain_start(self, *given: Any, **how: Any) -> None:
            if how["parent_run_id"] is None:
                seen.append((how["metadata"].get("thread_id"), how["metadata"].get("reviewer")))

    own = saying("word").with_config(callbacks=[Noting()])
    queue = Queue(max_running=1, max_waiting=9)
    graph = GraphInTurn.of(own, queue, lambda config: own)
    known = {"langgraph_auth_user": SimpleNamespace(identity=user)} if user else {}
    config: Any = {"configurable": {"thread_id": "2", **known}, "metadata": came}
    await graph.ainvoke({"said": ""}, config)
    async with await graph.astream_events({"said": ""}, config, version="v3") as events:
        assert [event async for event in events]
    assert seen == [noted, noted]
