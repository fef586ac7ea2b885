"""Make short follow-ups of questions that people asked: SQuAD's pairs that differ in a few words.

"When did Armenia adopt Christianity?" and "When did Georgia adopt Christianity?", both about one
article, become the former question and "And Georgia?".
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from recipes import article_of

from app.dataset.pairs import Pair
from graphs.text import content

LEADS = ("And {}?", "What about {}?", "How about {}?")
MOST = 4  # words that differ
SHARED = 0.5  # of the words, at least
BEFORE = frozenset("a an at by during for from in of on the to with".split())  # go with a noun


@dataclass(frozen=True)
class Elided:
    """A short follow-up, what was asked before it, and what it means."""

    former: Pair
    follow_up: str
    meant: Pair

    @property
    def history(self) -> list[dict[str, str]]:
        """The turns before it."""
        return [
            {"role": "user", "content": self.former.question},
            {"role": "assistant", "content": self.former.answers[0]},
        ]


def elided(pairs: Sequence[Pair], draw: random.Random) -> list[Elided]:
    """Make a follow-up of each question that differs in a few words from another, in any order."""
    articles = defaultdict[str, list[Pair]](list)
    for pair in pairs:
        articles[article_of(pair)].append(pair)
    found = [one for of in articles.values() for one in _within(of, draw)]
    return draw.sample(found, len(found))


def _within(article: Sequence[Pair], draw: random.Random) -> Iterator[Elided]:
    alike = defaultdict[tuple[str, ...], list[Pair]](list)
    for pair in article:
        alike[tuple(_words(pair)[:2])].append(pair)
    for group in alike.values():
        for meant in group:
            made = (_made(former, meant, draw) for former in group if former is not meant)
            yield from [one for one in made if one][:1]


def _made(former: Pair, meant: Pair, draw: random.Random) -> Elided | None:
    """Make a follow-up where one run of words is replaced by one of the same kind."""
    old, new = _words(former), _words(meant)
    blocks = SequenceMatcher(a=old, b=new, autojunk=False).get_opcodes()
    changed = [block for block in blocks if block[0] != "equal"]
    if len(changed) != 1 or set(former.answers) & set(meant.answers):
        return None
    _, first, after, start, end = changed[0]
    was, now = old[first:after], new[start:end]
    if not _exchanged(was, now) or end - start > (1 - SHARED) * len(new):
        return None
    while start > 1 and new[start - 1].lower() in BEFORE:
        start -= 1
    return Elided(former, draw.choice(LEADS).format(" ".join(new[start:end])), meant)


def _exchanged(was: Sequence[str], now: Sequence[str]) -> bool:
    """Tell whether both are a few words, about as many, and both names or neither."""
    kinds = [{word[0].islower() for word in words if content(word)} for words in (was, now)]
    few = max(len(was), len(now)) <= MOST and abs(len(was) - len(now)) <= 1
    return few and kinds[0] == kinds[1] and len(kinds[0]) == 1


def _words(pair: Pair) -> list[str]:
    return pair.question.rstrip(" ?").split()
