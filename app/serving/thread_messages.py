"""Tell a thread as the page shows it: its questions, and what was let out of their answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from operator import itemgetter
from typing import Any

from langchain_core.messages import AnyMessage
from langgraph.graph import START
from langgraph.types import StateSnapshot

from app.serving.accounts import UNDONE
from app.serving.blocks import answer_blocks
from graphs.sealing import SEALED

Message = dict[str, Any]
Turn = tuple[str, list[Message]]
Accounts = Mapping[str, dict[str, Any]]

CHECKED = frozenset(("removed", "abstained", "reviewed"))
"""What a step adds to a reply that it lets out after a look at the documents."""


def told_messages(state: StateSnapshot, given: Accounts) -> list[Message]:
    """Return a thread's messages, without replies that no step has let out.

    A question that waits for its turn, or never got it, is known by its account alone.
    """
    turns = [*_begun(state, given), *_unbegun(state, given)]
    return [message for _, messages in sorted(turns, key=itemgetter(0)) for message in messages]


def _begun(state: StateSnapshot, given: Accounts) -> Iterator[Turn]:
    """Yield turns in their order, each with when it was asked at the earliest."""
    asked, turn = "", list[Message]()
    for message in _let_out(state, given):
        if message.type == "human":
            yield asked, turn
            run = str(message.id)
            asked = max(asked, given.get(run, {}).get("asked", ""))
            turn = [_question(message.text, run, given)]
        else:
            turn.append(_answer(message))
    yield asked, turn


def _unbegun(state: StateSnapshot, given: Accounts) -> Iterator[Turn]:
    begun = {str(message.id) for message in state.values.get("messages", [])}
    for run, account in given.items():
        if run not in begun and account.get("outcome") in UNDONE and "question" in account:
            yield account["asked"], [_question(account["question"], run, given)]


def _let_out(state: StateSnapshot, given: Accounts) -> Iterator[AnyMessage]:
    messages, account = state.values.get("messages", []), dict[str, Any]()
    for at, message in enumerate(messages, start=1):
        if message.type == "human":
            account = given.get(str(message.id), {})
        elif at == len(messages) and state.next not in ((), (START,)):
            return  # the run goes on, was stopped, or waits for a person
        elif _is_draft(message, account):
            continue
        yield message


def _is_draft(reply: AnyMessage, account: Mapping[str, Any]) -> bool:
    """Tell whether a reply is what was left of a run that came to no end."""
    extra = reply.additional_kwargs
    return SEALED in extra or (account.get("outcome") in UNDONE and not CHECKED & extra.keys())


def _question(text: str, run: str, given: Accounts) -> Message:
    return {"role": "user", "text": text, "run": run, "given": given.get(run)}


def _answer(message: AnyMessage) -> Message:
    extra = message.additional_kwargs
    return {
        "role": "assistant",
        "text": message.text,
        "blocks": answer_blocks(message.text),
        "citations": extra.get("citations", []),
        "conflicts": extra.get("conflicts", []),
        "abstained": bool(extra.get("abstained")),
        "removed": extra.get("removed", 0),
        "parts": extra.get("parts", []),
        "reviewed": extra.get("reviewed", ""),
    }
