"""Keep a draft that a person must let out from everybody else.

State, streams and interrupts hold it under a seal: whoever may read them reads nothing of it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from langchain_core.messages import AIMessage
from langchain_core.runnables import RunnableConfig

from graphs.decisions import is_doubted
from graphs.protocols import Seal
from graphs.replies import Update
from graphs.review import Held
from graphs.state import Citation, State

SEALED = "sealed"
FOUND = ("citations", "conflicts")  # what of the state tells of a draft
HIDDEN: RunnableConfig = {"tags": ["nostream", "langsmith:nostream"]}
"""Keeps the tokens of a call out of what a chat client sees."""


@dataclass(frozen=True)
class SealedDrafts:
    """Opens the state for a node that needs the draft, and seals what the node writes."""

    seal: Seal
    review_below: float

    def opened(self, state: State) -> State:
        """Return the state with the draft in its place."""
        reply = state.messages[-1] if state.messages else None
        if not isinstance(reply, AIMessage) or SEALED not in reply.additional_kwargs:
            return state
        payload = json.loads(self.seal.open(reply.additional_kwargs[SEALED]))
        draft = _with(reply, payload["text"], payload["extra"])
        return replace(
            state,
            messages=[*state.messages[:-1], draft],
            citations=payload["citations"],
            conflicts=payload.get("conflicts", []),  # earlier releases kept none
        )

    def closed(self, state: State, update: Update) -> Update:
        """Seal what a node writes, unless nobody need look at it or somebody let it out."""
        if decision := update.get("review"):
            return update if decision == "reject" else _let_out(state, update)
        if "messages" not in update or not self._is_draft(state, update):
            return update
        (reply,) = update["messages"]
        found = {name: update[name] for name in FOUND if update.get(name)}
        sealed = _with(reply, "", {SEALED: self._sealed(reply, found)})
        return {**update, "messages": [sealed], **{name: [] for name in found}}

    def held(self, held: Held) -> dict[str, Any]:
        """Return what tells that an answer waits, and of its text nothing."""
        return {"confidence": held["confidence"], SEALED: self.seal.seal(json.dumps(held))}

    def _is_draft(self, state: State, update: Update) -> bool:
        if "origin" not in update:  # the model's reply, which nobody checked yet
            return True
        route = update.get("route", state.route)  # of several questions, told with their answer
        return is_doubted(route, update.get("confidence"), self.review_below)

    def _sealed(self, reply: AIMessage, found: Mapping[str, Sequence[Citation]]) -> str:
        quoted = {name: found.get(name, []) for name in FOUND}
        payload = {"text": reply.text, "extra": reply.additional_kwargs, **quoted}
        return self.seal.seal(json.dumps(payload))


def open_held(seal: Seal | None, payload: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a reviewer is shown of an answer that waits, from what its interrupt tells."""
    if seal is None or SEALED not in payload:
        return dict(payload)
    held: dict[str, Any] = json.loads(seal.open(payload[SEALED]))
    return held


def _let_out(state: State, update: Update) -> Update:
    found = {"citations": state.citations, "conflicts": state.conflicts}
    return {"messages": [state.messages[-1]], **found, **update}


def _with(reply: AIMessage, text: str, extra: Mapping[str, Any]) -> AIMessage:
    return AIMessage(
        text,
        id=reply.id,
        additional_kwargs=dict(extra),
        response_metadata=reply.response_metadata,
        usage_metadata=reply.usage_metadata,
    )
