"""A question with its passages, and the ways to run the graph."""

from typing import Any

from graph_parts import Parts, passage

BOATS = passage("boats.md", "The last boat to Culvie leaves at 18:30. It costs £5.", page=None)
DOGS = passage("dogs.md", "Dogs travel free on deck.")
CATS = passage("cats.md", "Cats travel in a basket.")
QUESTION = "When does the last boat leave?"
ANSWER = "The last boat leaves at 18:30 [1]."
REWRITE = "last boat leave departure"
THREAD: dict[str, Any] = {"configurable": {"thread_id": "1"}}


def plain_outcome(result: dict[str, Any]) -> dict[str, Any]:
    """Leave out what differs between any two runs: message ids and milliseconds."""
    said = [(type(message), message.text) for message in result["messages"]]
    return {**result, "messages": said, "timings_ms": list(result["timings_ms"])}


async def run(parts: Parts, way: str, given: Any) -> dict[str, Any]:
    if way == "invoke":
        return parts.graph.invoke(given)
    if way == "ainvoke":
        return await parts.graph.ainvoke(given)
    if way == "stream":
        return list(parts.graph.stream(given, stream_mode="values"))[-1]
    return [event async for event in parts.graph.astream(given, stream_mode="values")][-1]
