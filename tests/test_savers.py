"""What keeps threads can undo a run, copy a thread and prune it, as LangGraph's routes ask."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import END, START, MessagesState, StateGraph
from langgraph.graph.state import CompiledStateGraph
from test_postgres import database

from app.serving.persistence import open_checkpointer
from app.serving.settings import ServerSettings

__all__ = ["database"]  # the fixture


@pytest.fixture(params=["sqlite", "postgres"])
async def saver(
    request: pytest.FixtureRequest, tmp_path: Any
) -> AsyncIterator[BaseCheckpointSaver[Any]]:
    told: dict[str, Any] = {"state": tmp_path}
    if request.param == "postgres":
        told["database"] = request.getfixturevalue("database")
    async with open_checkpointer(ServerSettings.model_validate(told)) as opened:
        yield opened


@pytest.fixture
def graph(saver: BaseCheckpointSaver[Any]) -> CompiledStateGraph[Any, Any, Any, Any]:
    """A graph of two steps that echoes what is said."""
    builder = StateGraph(MessagesState)
    builder.add_node("hear", lambda state: {})
    builder.add_node("echo", lambda state: {"messages": [("ai", state["messages"][-1].text)]})
    builder.add_edge(START, "hear")
    builder.add_edge("hear", "echo")
    builder.add_edge("echo", END)
    return builder.compile(checkpointer=saver)


def of(thread: str, run: str = "") -> Any:
    named = run or str(uuid4())  # one that is the last state's would go on with it
    return {"configurable": {"thread_id": thread}, "metadata": {"run_id": named}}


async def said(graph: CompiledStateGraph[Any, Any, Any, Any], thread: str) -> list[str]:
    state = await graph.aget_state(of(thread))
    return [message.text for message in state.values.get("messages", [])]


async def test_a_run_is_undone_and_nothing_else(
    graph: CompiledStateGraph[Any, Any, Any, Any], saver: BaseCheckpointSaver[Any]
) -> None:
    thread, other, first, second = (str(uuid4()) for _ in range(4))
    await graph.ainvoke({"messages": [("user", "a")]}, of(thread, first))
    await graph.ainvoke({"messages": [("user", "b")]}, of(other, first))
    await graph.ainvoke({"messages": [("user", "c")]}, of(thread, second))
    await saver.adelete_for_runs([second])
    assert await said(graph, thread) == ["a", "a"]
    await graph.ainvoke({"messages": [("user", "d")]}, of(thread, second))
    assert await said(graph, thread) == ["a", "a", "d", "d"]
    await saver.adelete_for_runs([first, second])
    assert (await said(graph, thread), await said(graph, other)) == ([], [])


async def test_a_copy_goes_on_by_itself(
    graph: CompiledStateGraph[Any, Any, Any, Any], saver: BaseCheckpointSaver[Any]
) -> None:
    thread, copy = str(uuid4()), str(uuid4())
    await graph.ainvoke({"messages": [("user", "a")]}, of(thread))
    await saver.acopy_thread(thread, copy)
    await graph.ainvoke({"messages": [("user", "b")]}, of(copy))
    assert await said(graph, thread) == ["a", "a"]
    assert await said(graph, copy) == ["a", "a", "b", "b"]


async def test_pruning_leaves_the_state_and_drops_its_history(
    graph: CompiledStateGraph[Any, Any, Any, Any], saver: BaseCheckpointSaver[Any]
) -> None:
    thread, gone = str(uuid4()), str(uuid4())
    for name in (thread, gone):
        await graph.ainvoke({"messages": [("user", "a")]}, of(name))
    await saver.aprune([thread])
    await saver.aprune([gone], strategy="delete")
    assert len([kept async for kept in saver.alist(of(thread))]) == 1
    assert (await said(graph, thread), await said(graph, gone)) == (["a", "a"], [])
    await graph.ainvoke({"messages": [("user", "b")]}, of(thread))
    assert await said(graph, thread) == ["a", "a", "b", "b"]
