"""Read a follow-up with what was said before it.

A model's rewrite of it is searched for beside the questions themselves, and decides nothing alone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage

from graphs.capitals import masked
from graphs.ellipsis import PRONOUNS, SHORT, said_anew
from graphs.question import printable, subject, until_asked
from graphs.text import content, names

Turns = list[tuple[str, str]]

TURNS_KEPT = 4  # two exchanges; older ones name other subjects more often than the one meant
TURN_CHARACTERS = 1_000  # a caller's history may hold a whole page; the prompt must fit the model

_POINTERS = re.compile(
    r"^(?:and|or|but|so|what about|how about|then|also)\b"
    rf"|\b(?:{PRONOUNS})\b",
    re.IGNORECASE,
)
_WEAK_POINTERS = re.compile(
    r"\b(?:that|those|these|this|there|one|ones|same|else|other|others|too|instead)\b",
    re.IGNORECASE,
)
"""They point back only in a question that names no subject of its own."""
_IDLE = re.compile(
    r"\b(?:is|are|was|were)(?:n['’]t)?\s+there\b|\bthere(?:['’]s|\s+(?:is|are|was|were))\b"
    r"|\b(?:hello|hi|hey)\s+there\b"
    r"|\b(?:so|such|know|think|true|sure|sorry|afraid|say|says|said|mean|means)\s+that\b(?!\W*$)"
    r"|\b(?:the|a|an|any|all|every|each|no|which|what)\s+(?!(?:of|is|are|was|does|did)\b)\w+"
    r"\s+that\b(?!\W*$)",
    re.IGNORECASE,
)
"""The words above where they point at nothing: "are there", "the boat that leaves"."""


_CALENDAR = frozenset(
    content(
        "Monday Tuesday Wednesday Thursday Friday Saturday Sunday January February March April "
        "May June July August September October November December Christmas Easter"
    )
)
"""Names of times: they are asked about, but are no subject of their own."""


def turns_before(messages: Sequence[BaseMessage]) -> Turns:
    """Return the last (speaker, text) turns before the final message, each cut to size."""
    turns = [
        ("User" if isinstance(message, HumanMessage) else "Assistant", text[:TURN_CHARACTERS])
        for message in messages[:-1]
        if isinstance(message, HumanMessage | AIMessage) and (text := printable(message.text))
    ]
    return turns[-TURNS_KEPT:]


def conversation(messages: Sequence[BaseMessage]) -> list[BaseMessage]:
    """Return the last turns and the final message as plain text that fits a prompt."""
    turns = [
        HumanMessage(text) if speaker == "User" else AIMessage(text)
        for speaker, text in turns_before(messages)
    ]
    return [*turns, HumanMessage(printable(messages[-1].text))]


def depends_on_history(question: str) -> bool:
    """Tell whether a question points back: by a pronoun, a leading "and", or by being a scrap."""
    return _is_scrap(question) or points_back(question)


def _is_scrap(question: str) -> bool:
    """Tell a question too short to have a subject, as what is said behind it may be as well."""
    told = subject(question)
    asked = until_asked(told)
    behind = told[len(asked) :]
    if names(behind) or len(content(behind)) >= SHORT:
        asked = told
    return len(content(asked)) < SHORT or bool(said_anew(asked))


def points_back(question: str) -> bool:
    """Tell whether a question points back in so many words; a mere "Thanks!" does not."""
    said = masked(question)
    if _POINTERS.search(said):
        return True
    told = subject(question)
    stands_alone = bool(names(told) - _CALENDAR) and len(content(told)) >= SHORT
    return not stands_alone and bool(_WEAK_POINTERS.search(_IDLE.sub(" ", said)))


def asked_before(turns: Turns) -> str:
    """Return what was asked before a follow-up, back to a question that stands alone."""
    return " ".join(questions_before(turns))


def asked_before_follow_up(turns: Turns, question: str) -> str:
    """Return what was asked before a question; nothing for one that stands alone."""
    return asked_before(turns) if depends_on_history(question) else ""


def questions_before(turns: Turns) -> list[str]:
    """Return the questions before a follow-up, back to one that stands alone."""
    before: list[str] = []
    for asked in reversed([text for speaker, text in turns if speaker == "User"]):
        before.insert(0, asked)
        if not depends_on_history(asked):
            break
    return before


def followed(turns: Turns, asked: str) -> list[str]:
    """Return a question behind those that it follows; nothing where none of these stands alone."""
    before = questions_before(turns)
    return [*before, asked] if before and not depends_on_history(before[0]) else []


def repeats(reply: str, turns: Turns) -> bool:
    """Tell whether a reply says nothing that the assistant has not said before."""
    before = " ".join(text for speaker, text in turns if speaker == "Assistant")
    said = set(content(reply))
    return bool(said) and said <= set(content(before))
