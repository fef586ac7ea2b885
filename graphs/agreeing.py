"""Answer a question for yes or no with the side that the passages tell."""

from __future__ import annotations

import re

from graphs.citations import CheckedAnswer, cite
from graphs.denials import SIDE
from graphs.entries import entries
from graphs.markers import without_markers
from graphs.markup import without_markup
from graphs.protocols import Agreed
from graphs.question import subject, until_asked
from graphs.replies import Update, let_out
from graphs.state import State
from graphs.text import YES_NO, sentences, words

_ASKS_MORE = re.compile(
    r"\w+ you\b|.*\b(?:who|whom|whose|what|which|when|where|why|how|or)\b", re.IGNORECASE
)


def asks_yes_or_no(asked: str) -> bool:
    """Tell whether yes or no would answer; not "Can you tell me when ...?" and no choice of two."""
    text = until_asked(subject(asked))
    begin, end = sentences(text)[-1]
    last = text[begin:end].strip()
    return bool(YES_NO.match(last)) and not _ASKS_MORE.match(last)


def with_side(state: State, update: Update, agreed: Agreed) -> Update:
    """Begin what is left of a reply with a side, or let the side out with what tells it.

    A reply that takes the side stays as it is; one that takes the other side goes, and so does one
    without any support, which is only left to be marked.
    """
    said = update["messages"][-1].text if update["citations"] else ""
    taken = _side(said)
    if agreed.side == taken or [agreed.side] == words(said)[:1]:
        return update
    side, removed = agreed.side.capitalize(), update["removed"]
    if said and not taken:
        least = min(agreed.probability, update["confidence"] or 1.0)
        text = f"{side}.{_gap(said)}{said}"
        return let_out(state, CheckedAnswer(text, update["citations"], confidence=least), removed)
    citations = [cite(state.context[e.passage], e.start, e.end) for e in agreed.evidence]
    markers = "".join(f"[{number}]" for number in range(1, len(citations) + 1))
    answer = CheckedAnswer(f"{side}. {markers}", citations, confidence=agreed.probability)
    return let_out(state, answer, removed + bool(said))


def _side(said: str) -> str:
    """Return the side that a reply takes; nothing for "No fees are due", which may be either."""
    found = SIDE.match(without_markup(without_markers(said.partition("\n")[0])))
    return ("yes" if found["yes"] else "no") if found else ""


def _gap(said: str) -> str:
    """Return what parts a side from a reply: an empty line before a list, a title or a block."""
    return " " if entries(said)[0].kind == "prose" else "\n\n"
