"""Complete a follow-up that says only what is different: "And on the South route?".

It asks the former question again, with its words in the place of some others. All such questions
are made here; which one is meant, a model tells.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from graphs.capitals import masked
from graphs.text import ASKS, content, sentences

LONGEST = 8  # words that a follow-up may say anew
MOST_WORDS = 30  # of the former question
MOST_REPLACED = 6  # words
MOST = 48  # questions to choose among; each takes the model as long as reading it does
SHORT = 3  # content words; a shorter question has rarely a subject of its own

_LEAD = re.compile(
    r"(?:(?:and|or|but|so)\b,?\s*|(?:no|sorry),\s*)*"
    r"(?:(?:what|how)\s+about\b|what\b(?=\s+if\b)|the\s+same\s+for\b|i\s+meant?\b)?\s*",
    re.IGNORECASE,
)
PRONOUNS = "it|its|they|them|their|he|she|him|her"
_POINTS = re.compile(rf"\b(?:{PRONOUNS}|his|this|that|these|those)\b", re.IGNORECASE)
_ONE = re.compile(r"(?P<before>.*\S)\s+ones?", re.IGNORECASE)
_ONE_OF = re.compile(r"(?:(?:the|an?)\s+)?ones?\s+(?P<after>\S.*)", re.IGNORECASE)


@dataclass(frozen=True)
class Completed:
    """A question that may be meant by a follow-up."""

    text: str
    new: int
    """Words of the follow-up in it."""
    replaced: int
    """Words of the former question that they stand for; 0 where they are added at its end."""


def said_anew(follow_up: str) -> str:
    """Return what a follow-up says that is different; nothing if it is a question by itself."""
    if len(sentences(follow_up)) != 1 or follow_up.rstrip()[-1:] in ("!", ":", ";"):
        return ""
    rest = _LEAD.sub("", follow_up, count=1)
    anew = rest.strip(" ?.,")
    said = masked(follow_up)[len(follow_up) - len(rest) :].strip(" ?.,")
    whole = ASKS.match(said) or _POINTS.search(said) or len(anew.split()) > LONGEST
    scrap = follow_up.endswith("?") and len(content(anew)) < SHORT
    introduced = rest != follow_up
    return anew if content(anew) and not whole and (introduced or scrap) else ""


def completions(former: str, follow_up: str) -> list[Completed]:
    """Return the questions that a follow-up may mean, those that replace like by like first.

    Nothing where it is a question by itself, or the former one is several sentences or too long.
    """
    anew = said_anew(follow_up)
    words = former.strip(" ?.").split()
    if not anew or len(sentences(former)) != 1 or len(words) > MOST_WORDS:
        return []
    ways = (
        Completed(f"{' '.join([*words[:start], *new, *words[end:]])}?", len(new), end - start)
        for new in _forms(anew)
        for start, end in _replaceable(len(words))
    )
    found = {one.text: one for one in ways}.values()
    return sorted(found, key=lambda one: (abs(one.replaced - one.new), one.replaced))[:MOST]


def _replaceable(count: int) -> list[tuple[int, int]]:
    """Return the spans of a question's words that others may replace, and its end."""
    spans = [
        (start, end)
        for start in range(1, count)
        for end in range(start + 1, min(count, start + MOST_REPLACED) + 1)
    ]
    return [(count, count), *spans]


def _forms(anew: str) -> list[list[str]]:
    """Return the words that are new; "a big one" leaves its noun where it is."""
    forms = [anew]
    forms += [found["before"]] if (found := _ONE.fullmatch(anew)) else []
    forms += [found["after"]] if (found := _ONE_OF.fullmatch(anew)) else []
    return [form.split() for form in forms]
