"""Answer a question for yes or no with the side that the passages tell."""

from __future__ import annotations

import re

from graphs.citations import CheckedAnswer, cite
from graphs.protocols import Agreed
from graphs.question import subject
from graphs.replies import Update, let_out
from graphs.state import State
from graphs.text import YES_NO, sentences, words

SIDES = (["yes"], ["no"])
_ASKS_MORE = re.compile(
    r"\w+ you\b|.*\b(?:who|whom|whose|what|which|when|where|why|how|or)\b", re.IGNORECASE
)


def asks_yes_or_no(asked: str) -> bool:
    """Tell whether yes or no would answer; not "Can you tell me when ...?" and no choice of two."""
    text = subject(asked)
    begin, end = sentences(text)[-1]
    last = text[begin:end].strip()
    return bool(YES_NO.match(last)) and not _ASKS_MORE.match(last)


def with_side(state: State, update: Update, agreed: Agreed) -> Update:
    """Begin what is left of a reply with a side, or let the side out with what tells it.

    A reply that takes the side stays as it is; one that takes the other side goes.
    """
    said = update["messages"][-1].text if "origin" in update else ""
    first = words(said)[:1]
    if first == [agreed.side]:
        return update
    side, removed = agreed.side.capitalize(), update["removed"]
    if said and first not in SIDES:
        least = min(agreed.probability, update["confidence"] or 1.0)
        return let_out(
            state, CheckedAnswer(f"{side}. {said}", update["citations"], confidence=least), removed
        )
    citations = [cite(state.context[e.passage], e.start, e.end) for e in agreed.evidence]
    markers = "".join(f"[{number}]" for number in range(1, len(citations) + 1))
    answer = CheckedAnswer(f"{side}. {markers}", citations, confidence=agreed.probability)
    return let_out(state, answer, removed + bool(said))
