"""Answer a question that asks for several things: take it apart, answer each, join the answers.

Two questions are told by grammar: "and" with a question word behind it, behind a clause that asks.
Of 79,668 questions of SQuAD, which ask for one thing, 18 are split, and most of those do ask twice.
"""

from __future__ import annotations

import asyncio
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import islice
from typing import Any, Literal

from langchain_core.documents import Document
from langchain_core.messages import AIMessage, AnyMessage, HumanMessage
from langgraph.graph.state import CompiledStateGraph

from graphs.decisions import Decisions, run_knobs
from graphs.follow_up import depends_on_history, points_back
from graphs.limits import Context
from graphs.markers import counted_on
from graphs.passages import added
from graphs.question import printable, read_question, subject, until_asked
from graphs.records import read_record
from graphs.replies import WRITERS, Update, written_by
from graphs.sealing import HIDDEN
from graphs.state import Question, State
from graphs.stops import QUESTION_MARKS
from graphs.text import ASKS, QUESTION_WORD, names, sentences, words

UNTOLD = "The documents do not say:"
MOST = 4  # things asked at once; what is beyond stays with the last
SHORT = 3  # words; a clause of fewer asks for nothing by itself

_LOOKED = 20  # places where a clause may be over; a question has fewer, a long text may have many
_BETWEEN = re.compile(
    rf"(?:(?<=\?)\s+(?:and\s+)?|[,;]?\s+and\s+(?:also\s+)?)(?=(?P<asks>{QUESTION_WORD}))",
    re.IGNORECASE,
)


def halves(question: str) -> list[str]:
    """Return the questions that a question is made of, each with what is said behind the last.

    Itself alone where it asks one thing.
    """
    *parts, last = _clauses(question)
    if not parts:
        return [question]
    end = _asked_until(last)
    parts.append(last[:end])
    if not all(ASKS.match(part) and len(part.split()) >= SHORT for part in parts):
        return [question]
    stops = f". {QUESTION_MARKS}"
    return [f"{part[0].upper()}{part[1:].rstrip(stops)}?{last[end:]}" for part in parts]


def _clauses(question: str) -> list[str]:
    """Cut a question where a clause is over and the next one asks."""
    clauses, start = list[str](), 0
    for gap in islice(_BETWEEN.finditer(question), _LOOKED):
        clause = question[start : gap.start()]
        if len(clauses) < MOST - 1 and not _goes_on(clause, gap["asks"]):
            clauses.append(clause)
            start = gap.end()
    return [*clauses, question[start:]]


def _goes_on(clause: str, after: str) -> bool:
    """Tell whether "and" joins what a clause asks about: "for those who work and who travel".

    So does the first one behind "between".
    """
    begun = ASKS.match(clause)
    inside = words(clause[begun.end() :] if begun else clause)
    joint = next((word for word in reversed(inside) if word in ("between", "and")), "")
    return not clause.endswith("?") and (joint == "between" or words(after)[-1] in inside)


def _asked_until(part: str) -> int:
    """Tell where the last question ends, behind which something may only be said."""
    asked = until_asked(part)
    end = len(asked) if asked != part else sentences(part)[0][1]
    behind = part[end:].lstrip()
    goes_on = ASKS.match(behind) or not set(QUESTION_MARKS).isdisjoint(behind)
    return len(part) if goes_on else end


@dataclass(frozen=True, kw_only=True)
class Halves(Decisions):
    """The step that asks the workflow each part of a question."""

    workflow: CompiledStateGraph[State, Context, Question, Any]
    """Answers one question; keeps nothing, and asks no person."""
    count: Callable[[str], int]
    """Tokens of a text."""

    def answer_halves(self, state: State) -> Update:
        """Answer each part from its own passages; a later one is a follow-up where it points back.

        Raises InvalidQuestion.
        """
        said, answers = list(state.messages[:-1]), list[Mapping[str, Any]]()
        for part in self._parts(state):
            answers.append(
                self.workflow.invoke(_turn(part, said, state), HIDDEN, context=run_knobs())
            )
            said = [*said, *answers[-1]["messages"][-2:]]
        return joined(state, answers)

    async def aanswer_halves(self, state: State) -> Update:
        """Do the same so that cancelling the run stops the model."""
        said, answers = list(state.messages[:-1]), list[Mapping[str, Any]]()
        for part in await asyncio.to_thread(self._parts, state):
            answers.append(
                await self.workflow.ainvoke(_turn(part, said, state), HIDDEN, context=run_knobs())
            )
            said = [*said, *answers[-1]["messages"][-2:]]
        return joined(state, answers)

    def _parts(self, state: State) -> list[str]:
        most = self._limits().max_question_tokens
        return halves(read_question(state.messages, self.count, most))


def decide_halves(state: State) -> Literal["route_question", "answer_halves"]:
    """Take a question apart that asks for several things."""
    last = state.messages[-1] if state.messages else None
    asked = printable(last.text) if isinstance(last, HumanMessage) else ""
    return "answer_halves" if len(halves(asked)) > 1 else "route_question"


def _turn(part: str, said: Sequence[AnyMessage], state: State) -> Question:
    """Ask a part behind what was said, where it points back or names nothing."""
    first = len(said) < len(state.messages)
    needs = first or points_back(part) or (depends_on_history(part) and not names(subject(part)))
    return Question(
        messages=[*(said if needs else ()), HumanMessage(part)], documents=state.documents
    )


def joined(state: State, answers: Sequence[Mapping[str, Any]]) -> Update:
    """Put the answers to the parts of a question one below the other, as one answer."""
    asked = printable(state.messages[-1].text)
    told: Update = {
        "citations": [citation for answer in answers for citation in answer["citations"]],
        "conflicts": [conflict for answer in answers for conflict in answer["conflicts"]],
        "removed": sum(answer["removed"] for answer in answers),
        "parts": [answer["asked"] for answer in answers],
    }
    return {
        **told,
        "messages": [_written(answers, told)],
        "question": asked,
        "asked": asked,
        "queries": list(dict.fromkeys(q for a in answers for q in a["queries"])),
        "small_talk": False,
        "recalled": None,
        "passages": _all_passages(answers, "passages"),
        "context": _all_passages(answers, "context"),
        "rewrites": sum(answer["rewrites"] for answer in answers),
        "route": _first(answers, "route", ("retrieve", "direct")),
        "origin": _first(answers, "origin", ("documents", "model", "none")),
        "abstained": False,
        "confidence": min((c for a in answers if (c := a["confidence"]) is not None), default=None),
        "review": "",
        "tokens": _summed(answer["tokens"] for answer in answers),
        "timings_ms": _summed(answer["timings_ms"] for answer in answers),
    }


def _written(answers: Sequence[Mapping[str, Any]], told: Update) -> AIMessage:
    """Write the answers one below the other; a thread is shown later by what the message tells."""
    replies = [answer["messages"][-1] for answer in answers]
    writers = dict.fromkeys(name for reply in replies for name in written_by(reply))
    return AIMessage(
        "\n".join(_lines(answers)),
        id=replies[-1].id,
        additional_kwargs=told,
        response_metadata={**replies[-1].response_metadata, WRITERS: list(writers)},
        usage_metadata=replies[-1].usage_metadata,
    )


def _lines(answers: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    cited = 0
    for answer in answers:
        text = answer["messages"][-1].text
        known = text if read_record(text) else counted_on(text, cited)  # a record has no markers
        yield f"{UNTOLD} {until_asked(answer['asked'])}" if answer["abstained"] else known
        cited += len(answer["citations"])


def _all_passages(answers: Sequence[Mapping[str, Any]], name: str) -> list[Document]:
    return reduce(added, (answer[name] for answer in answers), list[Document]())


def _first(answers: Sequence[Mapping[str, Any]], name: str, order: Sequence[str]) -> str:
    return next(value for value in order if any(answer[name] == value for answer in answers))


def _summed(counts: Iterable[Mapping[str, float]]) -> dict[str, Any]:
    total = defaultdict[str, float](int)
    for of in counts:
        for name, count in of.items():
            total[name] += count
    return dict(total)
