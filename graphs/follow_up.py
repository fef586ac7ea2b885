"""Make a follow-up question stand alone; trust a model's rewrite only where it can be checked."""

from __future__ import annotations

import re
from collections.abc import Sequence

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage

from graphs.question import printable
from graphs.text import content, words

Turns = list[tuple[str, str]]

TURNS_KEPT = 4  # two exchanges; older ones name other subjects more often than the one meant
TURN_CHARACTERS = 1_000  # a caller's history may hold a whole page; the prompt must fit the model
SHORT = 3  # content words; a shorter question has rarely a subject of its own

_POINTERS = re.compile(
    r"^(?:and|or|but|so|what about|how about|then|also)\b"
    r"|\b(?:it|its|they|them|their|that|those|these|this|there|he|she|him|her|one|ones|same|else|"
    r"other|others|too|instead)\b",
    re.IGNORECASE,
)


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
    return points_back(question) or len(content(question)) < SHORT


def points_back(question: str) -> bool:
    """Tell whether a question points back in so many words; a mere "Thanks!" does not."""
    return bool(_POINTERS.search(question))


def accept_rewrite(rewrite: str, turns: Turns, question: str) -> str:
    """Return the rewrite if it only recombines what was said, else both questions side by side.

    A rewrite with new words, or without the follow-up's own, changed the subject.
    """
    rewrite = rewrite.strip().splitlines()[0].strip() if rewrite.strip() else ""
    said = set(content(" ".join(text for _, text in turns))) | set(content(question))
    used = set(content(rewrite))
    longer = len(used) > len(set(content(question)))
    if longer and used <= said and set(content(question)) <= used and len(words(rewrite)) <= 40:
        return rewrite
    asked = [text for speaker, text in turns if speaker == "User"]
    return f"{asked[-1]} {question}" if asked else question
