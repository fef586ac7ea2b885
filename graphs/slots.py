"""Find what a claim says beyond its question: the values that lines must give in the same place."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from graphs.capitals import is_shouted, is_small
from graphs.letters import COMBINED, unelided
from graphs.text import YES_NO, content, is_number, stem, words

BLANK = "[MASK]"
RESTATED = 3  # words; a claim that says fewer of its question again is a bare value
MOST = 5  # slots of one claim; each is read for once
LONGEST = 4  # words of a slot without a name; a longer run is looked at word by word

PARTING = set(",;:()")
_LETTERS = rf"\w[\w{COMBINED}]*"
_WORD = re.compile(rf"[£$€]?\d[\d.,:]*\d|{_LETTERS}(?:['’-]{_LETTERS})*")


@dataclass(frozen=True)
class Slot:
    """A value of a claim, and the claim with a blank in its place."""

    value: str
    query: str
    small: bool = False
    """Whether it has only words without content: not, most, above."""


@dataclass(frozen=True)
class Word:
    """A word of a claim with its place."""

    start: int
    end: int
    text: str
    looked_up: bool
    """Whether the lines must say it, because the question does not."""
    quoted: bool
    """Whether what would be quoted has it too."""
    joined: bool
    """Whether no comma or the like stands between it and the word before."""
    small: bool
    """Whether it has no content of its own."""

    @property
    def counts(self) -> bool:
        """Whether it is a number."""
        return is_number(self.text.casefold())

    @property
    def names(self) -> bool:
        """Whether it is a number or begins with a capital."""
        return self.counts or unelided(self.text)[0].isupper()


def slots(question: str, claim: str, quoted: str = "") -> list[Slot]:
    """Return the values that a claim adds to its question: names and numbers, then what is new.

    Of what would be quoted, words that it lacks are looked up too, though the question has them or
    though they have no content: "at most" where it says "at least".
    """
    runs = list(_runs(_words(claim, question, quoted)))
    runs.sort(key=_urgency)
    return [
        Slot(
            claim[run[0].start : run[-1].end],
            claim[: run[0].start] + BLANK + claim[run[-1].end :],
            all(word.small for word in run),
        )
        for run in runs[:MOST]
    ]


def added_value(question: str, claim: str) -> str:
    """Return the one value that a claim adds to its question, of which it says the rest again.

    Nothing for other claims, and none where the question asks for yes or no.
    """
    added = [slot for slot in slots(question, claim) if not slot.small]
    if len(added) != 1 or YES_NO.match(question):
        return ""
    (slot,) = added
    again = len(words(claim)) - len(words(slot.value))
    return slot.value if again >= RESTATED else ""


def _urgency(run: Sequence[Word]) -> int:
    if all(word.small for word in run):
        return 3
    return 0 if any(word.names for word in run) else 1 + run[0].quoted


def _words(claim: str, question: str, quoted: str) -> Iterator[Word]:
    asked, shown = set(content(question)), set(content(quoted))
    given = set(words(question)) | set(words(quoted))
    shouted, end = is_shouted(claim), 0
    for match in _WORD.finditer(claim):
        folded, small = match[0].casefold(), is_small(match[0], shouted=shouted)
        if small:
            known = folded in given
            looked_up = bool(quoted) and not known
        else:
            known = not quoted or stem(folded) in shown
            looked_up = folded != "yes" and not (known and stem(folded) in asked)
        joined = not set(claim[end : match.start()]) & PARTING
        yield Word(match.start(), match.end(), match[0], looked_up, known, joined, small)
        end = match.end()


def _runs(said: Iterable[Word]) -> Iterator[list[Word]]:
    """Yield words to look up that stand together; one that is not may stand inside a name."""
    run: list[Word] = []
    gap: list[Word] = []
    for word in said:
        if word.looked_up and run and _goes_on(run[-1], gap, word):
            run, gap = [*run, *gap, word], []
        elif word.looked_up:
            yield from _ended(run)
            run, gap = [word], []
        elif run and not gap and word.joined:
            gap = [word]
        else:
            yield from _ended(run)
            run, gap = [], []
    yield from _ended(run)


def _goes_on(last: Word, gap: Sequence[Word], word: Word) -> bool:
    """Tell whether a word belongs to one value: a name, a number with its unit, other words."""
    if not word.joined or last.small != word.small:
        return False
    if gap or word.names:
        return last.names and word.names
    return last.counts or (not last.names and last.quoted == word.quoted)


def _ended(run: list[Word]) -> Iterator[list[Word]]:
    """Yield a run, or word by word what is too long to be looked up as one."""
    if len(run) > LONGEST and not all(word.names for word in run):
        yield from ([word] for word in run if word.looked_up)
    elif run:
        yield run
