"""Ask the graph, and tell what happens as server-sent events."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote
from uuid import UUID

from langchain_core.messages import HumanMessage
from langchain_core.runnables import RunnableConfig

from app.answers import streamed_text, to_passage
from app.assistant import Assistant
from app.errors import ContextLengthError, NoIndex, UserError
from app.serving.persistence import UNKEPT
from graphs.errors import InvalidQuestion
from graphs.rag import Graph
from graphs.review import AnswerHeld, InvalidVerdict
from graphs.state import Citation, Question

ASKABLE = (InvalidQuestion, InvalidVerdict, AnswerHeld, ContextLengthError)
"""What the caller can mend; told as it is."""

NO_DOCUMENTS = (
    "there are no documents yet: ingest some first, with 'groundtune ingest PATH' or by uploading "
    "them on the page"
)

log = logging.getLogger(__name__)

Event = dict[str, Any]


def told_error(error: Exception) -> dict[str, str]:
    """Write an error for a client: what it can mend as it is, anything else without its text."""
    if isinstance(error, ASKABLE):
        return {"error": type(error).__name__, "message": str(error)}
    if isinstance(error, NoIndex):
        return {"error": "NotReady", "message": NO_DOCUMENTS}
    log.error("a run failed", exc_info=error)
    if isinstance(error, UserError):
        return {
            "error": "NotReady",
            "message": "the assistant cannot answer now: its operator finds the reason in the log",
        }
    return {"error": "InternalError", "message": "the answer failed inside the assistant"}


async def tell(
    graph: Graph, assistant: Assistant, question: str, config: RunnableConfig, run: UUID
) -> AsyncIterator[Event]:
    """Yield events {"event", ...}: run, start and end of each node, token, then answer or error.

    An answer that waits for a person ends in `held`; where one might, no draft is shown. One that
    could not be kept in its thread has `kept` False. Leaving the iteration stops the model.
    """
    drafts = not assistant.settings.limits().review_below
    began = time.perf_counter()
    yield {"event": "run", "run": str(run)}
    state: dict[str, Any] = {}
    step: dict[str, Any] = {}  # what was told last of a node
    unkept: dict[str, bool] = {}
    payload = Question(messages=[HumanMessage(question, id=str(run))])  # by which it is found again
    try:
        events: AsyncIterator[Any] = graph.astream(
            payload,
            {**config, "run_id": run, "metadata": {"run_id": str(run)}},
            stream_mode=["tasks", "messages", "values"],
        )
        async for mode, event in events:
            if mode == "values":
                state = event
            elif mode == "messages":
                if drafts and (text := streamed_text(event)):
                    yield {"event": "token", "text": text}
            else:
                step = event
                yield _node(event, began)
    except Exception as error:  # the stream has begun: an error is its last event
        if not (isinstance(error, UNKEPT) and _is_done(step)):
            yield {"event": "error", **told_error(error)}
            return
        log.exception("an answer could not be kept in its thread")
        state, unkept = {**state, **step["result"]}, {"kept": False}
    if waiting := state.get("__interrupt__"):
        passages = [to_passage(passage) for passage in state["passages"]]
        confidence = waiting[0].value["confidence"]
        yield {"event": "held", "confidence": confidence, "documents": passages}
        return
    yield {"event": "answer", **assistant.answer_of(state, question, str(run)), **unkept}


def link(base: str, citation: Citation) -> str:
    """Return the address that opens a citation's document on the page, with the quote marked."""
    span = f"{citation['start']}-{citation['end']}"
    return f"{base}#{quote(citation['document'])}@{span}"


def as_json(event: Event) -> str:
    """Write an event's data as one line."""
    return json.dumps(event, ensure_ascii=False, separators=(",", ":"))


def _is_done(step: Event) -> bool:
    """Tell whether a run ended with this step.

    Where a thread cannot be kept, LangGraph goes on to the last step all the same, then raises.
    """
    return "result" in step and not step["error"] and not step["interrupts"]


def _node(event: dict[str, Any], began: float) -> Event:
    at = round(1000 * (time.perf_counter() - began), 1)
    if "result" not in event:
        return {"event": "start", "node": event["name"], "at_ms": at}
    return {"event": "end", "node": event["name"], "at_ms": at}
