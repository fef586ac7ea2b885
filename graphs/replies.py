"""Take replies of the model out of the state, and put what becomes of them back in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage

from graphs.citations import CheckedAnswer, Draft, read_draft, refuses
from graphs.follow_up import repeats, turns_before
from graphs.layout import read_lines, without_cut_end, without_markers
from graphs.markup import with_behind
from graphs.question import subject
from graphs.records import read_record
from graphs.state import Citation, Origin, State
from graphs.text import named, names, telling

Update = dict[str, Any]
WRITERS = "model_names"  # in what a reply tells of itself that several models wrote


def said_directly(state: State) -> Update:
    """Let a reply out that rests on no document, unless it says nothing or is the refusal."""
    reply = state.messages[-1]
    said = without_markers(reply.text, shown=0)
    if not said or refuses(said):
        return {"citations": []}
    return {"messages": [edited(reply, said)], "origin": "model"}


def draft_of(state: State) -> Draft:
    """Take the model's reply apart, without an end that was cut off."""
    reply = state.messages[-1]
    cut = reply.response_metadata.get("finish_reason") == "length"
    text = without_cut_end(reply.text) if cut else reply.text
    return read_draft(text, to_support(state), state.context)


def read_as(state: State) -> Update:
    """Return what a message tells of the questions that it answers, if they are not as asked."""
    return {"parts": state.parts} if state.parts else {}


def before(state: State) -> str:
    """Return what was asked before a follow-up; nothing for a question that stands alone."""
    return state.question.removesuffix(state.asked).strip()


def draft_before(state: State) -> AIMessage | None:
    """Return the reply of this turn that fell, if the question is answered once more."""
    last = state.messages[-1]
    return last if isinstance(last, AIMessage) else None


def follows_up(state: State) -> bool:
    """Tell whether the question was read with what was asked before it."""
    return bool(before(state))


def doubted(state: State, reply: AIMessage) -> bool:
    """Tell whether a follow-up got a former answer again, because the former question was read."""
    said = without_markers(reply.text)
    answered = state.route == "retrieve" and not refuses(said)
    return follows_up(state) and answered and repeats(said, turns_before(state.messages))


def to_support(state: State) -> str:
    """Return the question that a reply must be supported as an answer to.

    A follow-up without what was asked before, which passages support as well: its answer is the
    former one. Only the names of what was asked before hold on where a follow-up has none.
    """
    asked = subject(state.asked)
    known = [] if names(asked) else named(before(state))
    return f"Of {', '.join(dict.fromkeys(known))}: {asked}" if known else asked


def alone(state: State) -> State:
    """Leave what was asked before out of the question."""
    return replace(state, question=state.asked)


def add_tokens(tokens: dict[str, int], reply: AIMessage) -> dict[str, int]:
    """Add a reply's usage to the turn's token counts."""
    usage = reply.usage_metadata
    prompt, completion = (usage["input_tokens"], usage["output_tokens"]) if usage else (0, 0)
    return {
        "prompt": tokens.get("prompt", 0) + prompt,
        "completion": tokens.get("completion", 0) + completion,
    }


def keywords(question: str) -> str:
    """Return a question's words that carry content, or all of it if none does."""
    return " ".join(telling(question)) or question


def edited(reply: BaseMessage, text: str, **extra: Any) -> AIMessage:
    """Replace a reply's text; the same id makes clients replace what they streamed."""
    return AIMessage(
        text,
        id=reply.id,
        additional_kwargs={**reply.additional_kwargs, **extra},
        response_metadata=reply.response_metadata,
        usage_metadata=getattr(reply, "usage_metadata", None),
    )


def written_by(reply: BaseMessage) -> list[str]:
    """Return the names of the models that wrote a reply, as far as it tells them."""
    told = reply.response_metadata
    found: list[str] = told.get(WRITERS, [told["model_name"]] if "model_name" in told else [])
    return found


def let_out(state: State, answer: CheckedAnswer, removed: int) -> Update:
    """Put what is left of an answer in the place of the model's reply.

    It cites what told the name of what it is about, too, and is no surer than that.
    """
    naming = [c for c in state.naming if answer.citations and c not in answer.citations]
    citations = [*answer.citations, *naming]
    extra = {"citations": citations, "removed": removed, **read_as(state)}
    origin: Origin = "documents" if citations else "model"
    return {
        "messages": [edited(state.messages[-1], _cited(answer, naming), **extra)],
        "citations": citations,
        "origin": origin,
        "removed": removed,
        "confidence": None
        if answer.confidence is None
        else min(answer.confidence, state.named_surely),
    }


def _cited(answer: CheckedAnswer, more: Sequence[Citation]) -> str:
    """Add markers of further citations to what is said last; a record has none."""
    if not more or read_record(answer.text) is not None:
        return answer.text
    first = len(answer.citations) + 1
    markers = "".join(f"[{number}]" for number in range(first, first + len(more)))
    *above, last = answer.text.split("\n")
    tabular = read_lines(answer.text)[-1].tabular
    return "\n".join([*above, with_behind(last, markers, tabular=tabular)])
