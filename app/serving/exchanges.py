"""Remember what was answered, to know requests that are about it."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, Self

from graphs.text import words

MOST = 200
"""Exchanges remembered, of all callers together."""
LONGEST = 100_000
"""Characters of a request that may quote one; a longer one is not looked through."""
MOST_MISSING = 0.2
"""Share of an answer's words that may be lacking: front ends shorten and escape what they quote."""


class Exchange(NamedTuple):
    """A question that was answered."""

    user: str
    question: str
    answer: str


@dataclass(frozen=True)
class Said:
    """The words of a text, to find others in."""

    words: list[str]

    @classmethod
    def of(cls, text: str) -> Self:
        """Split a text."""
        return cls(words(text))

    @cached_property
    def run(self) -> str:
        """All in their order, each between two line ends, which no word has."""
        return "\n".join(["", *self.words, ""])

    @cached_property
    def counts(self) -> Counter[str]:
        """How often each occurs."""
        return Counter(self.words)


class Exchanges:
    """The latest questions and answers.

    Chat front ends have their models write titles, tags and suggestions: they put a conversation,
    between instructions, into one message. Such a request is known by what it quotes, whatever
    the words of the instructions are.
    """

    def __init__(self) -> None:
        self._kept: deque[tuple[Exchange, Said, Said]] = deque(maxlen=MOST)

    def keep(self, exchange: Exchange) -> None:
        """Remember an exchange."""
        self._kept.append((exchange, Said.of(exchange.question), Said.of(exchange.answer)))

    def quoted(self, user: str, text: str) -> Exchange | None:
        """Return the user's first exchange that a text quotes, question and answer, if any.

        Takes a moment for a long text; may be called from any thread.
        """
        own = [kept for kept in tuple(self._kept) if kept[0].user == user]
        if not own or len(text) > LONGEST:
            return None
        said = Said.of(text)
        found = (exchange for exchange, asked, told in own if _quotes(said, asked, told))
        return next(found, None)


def _quotes(said: Said, asked: Said, told: Said) -> bool:
    if not asked.words or not told.words or asked.run not in said.run:
        return False
    rest, length = len(said.words) - len(asked.words), len(told.words)
    left = {word: said.counts[word] - asked.counts[word] for word in told.counts}
    missing = sum(max(count - left[word], 0) for word, count in told.counts.items())
    return missing <= MOST_MISSING * length and rest > length
