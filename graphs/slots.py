"""Find what a claim says beyond its question: the values that lines must give in the same place."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from graphs.text import STOPWORDS, content, is_number, stem

BLANK = "[MASK]"
MOST = 4  # slots of one claim; each is read for once
LONGEST = 6  # words of a slot; a longer run of new words is looked at value by value

_WORD = re.compile(r"[£$€]?\d[\d.,:]*\d|\w+(?:['’-]\w+)*")


@dataclass(frozen=True)
class Slot:
    """A value of a claim, and the claim with a blank in its place."""

    value: str
    query: str


@dataclass(frozen=True)
class Word:
    """A word of a claim with its place."""

    start: int
    end: int
    text: str
    new: bool
    """Whether it carries content that the question does not have."""

    @property
    def names(self) -> bool:
        """Whether it is a number or begins with a capital."""
        return is_number(self.text.casefold()) or self.text[0].isupper()


def slots(question: str, claim: str) -> list[Slot]:
    """Return the values that a claim adds to its question, those that name something first."""
    asked = set(content(question))
    words = [_word(match, asked) for match in _WORD.finditer(claim)]
    runs = [part for run in _runs(words) for part in _parts(run)]
    runs.sort(key=lambda run: not any(word.names for word in run))
    return [
        Slot(
            claim[run[0].start : run[-1].end],
            claim[: run[0].start] + BLANK + claim[run[-1].end :],
        )
        for run in runs[:MOST]
    ]


def _word(match: re.Match[str], asked: set[str]) -> Word:
    folded = match[0].casefold()
    new = stem(folded) not in asked and folded not in STOPWORDS and folded != "yes"
    return Word(match.start(), match.end(), match[0], new)


def _runs(words: Sequence[Word]) -> Iterator[list[Word]]:
    """Yield new words that stand together; one stopword may stand between."""
    run: list[Word] = []
    gap: list[Word] = []
    for word in words:
        if word.new:
            run += [*gap, word] if run else [word]
            gap = []
        elif run and not gap and word.text.casefold() in STOPWORDS:
            gap = [word]
        elif run:
            yield run
            run, gap = [], []
    if run:
        yield run


def _parts(run: list[Word]) -> Iterator[list[Word]]:
    """Take a long run apart into names, numbers with what they count, and other words."""
    if len(run) <= LONGEST:
        yield run
        return
    part: list[Word] = []
    for word in run:
        if part and not (word.names and part[-1].names):
            yield part
            part = []
        if word.new:
            part.append(word)
    if part:
        yield part
