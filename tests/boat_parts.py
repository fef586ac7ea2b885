"""A question about boats, the passage that answers it, and what the graph makes of both."""

from typing import Any

from graph_parts import passage

BOATS = passage("boats.md", "Boats run daily. The last boat leaves at 18:30.", start=100, page=3)
DOGS = passage("dogs.md", "Dogs travel free on deck.")
QUESTION = "When does the last boat leave?"
ANSWER = "The last boat leaves at 18:30 [1]."
CITATION = {
    "document": "boats.md",
    "chunk": "boats.md@100",
    "page": 3,
    "start": 117,
    "end": 147,
    "quote": "The last boat leaves at 18:30.",
}
SEARCHED = ["route_question", "retrieve", "grade_documents"]
ANSWERED = [*SEARCHED, "generate", "verify_citations"]
TEXT = "# Times\n\nBoats run daily.\n\n" + "Bees hum. " * 30 + "\n\nThe last boat leaves at 18:30."


def prompt_tokens(calls: list[list[Any]]) -> int:
    return sum(len(message.text.split()) for call in calls for message in call)


def outcome(result: dict[str, Any]) -> tuple[str, str, bool, str]:
    text = result["messages"][-1].text
    return result["route"], result["origin"], result["abstained"], text
