"""Remember what was answered, to know requests that are about it."""

from __future__ import annotations

from collections import Counter, deque
from typing import NamedTuple

from graphs.text import words

MOST = 200
"""Exchanges remembered, of all callers together."""
MOST_MISSING = 0.2
"""Share of an answer's words that may be lacking: front ends shorten and escape what they quote."""


class Exchange(NamedTuple):
    """A question that was answered."""

    user: str
    question: str
    answer: str


class Exchanges:
    """The latest questions and answers.

    Chat front ends have their models write titles, tags and suggestions: they put a conversation,
    between instructions, into one message. Such a request is known by what it quotes, whatever
    the words of the instructions are.
    """

    def __init__(self) -> None:
        self._kept: deque[Exchange] = deque(maxlen=MOST)

    def keep(self, exchange: Exchange) -> None:
        """Remember an exchange."""
        self._kept.append(exchange)

    def quoted(self, user: str, text: str) -> Exchange | None:
        """Return the user's first exchange that a text quotes, question and answer, if any."""
        said = words(text)
        return next(
            (
                exchange
                for exchange in self._kept
                if exchange.user == user and _quotes(said, exchange)
            ),
            None,
        )


def _quotes(said: list[str], exchange: Exchange) -> bool:
    question, answered = words(exchange.question), Counter(words(exchange.answer))
    at = _place(question, said)
    if at is None or not answered:
        return False
    others = Counter(said[:at] + said[at + len(question) :])
    missing = (answered - others).total()
    return missing <= MOST_MISSING * answered.total() and others.total() > answered.total()


def _place(part: list[str], whole: list[str]) -> int | None:
    size = len(part)
    places = (at for at in range(len(whole) - size + 1) if whole[at : at + size] == part)
    return next(places, None) if part else None
