"""Tell an ordinal, as in "im 19. Jahrhundert", from a number that ends a sentence."""

from __future__ import annotations

import re

from graphs.stopwords import STOPWORDS

_ORDINAL = re.compile(  # "im 19." and "im 17./18."
    r"(?:(?P<before>[^\W\d_]+)\s+)?(?:^|(?<=[\s(\[\"'„“«»]))(?:\d{1,2}\.\s?[/–—-]\s?)?\d{1,2}\.$"
)
# German articles, alone and within prepositions: a noun follows them, be it behind an ordinal.
_ARTICLES = frozenset("der die das den dem des im am vom zum zur beim ins ans".split())
_LETTERS = re.compile(r"[^\W\d_]+")
_INSIDE = re.compile(r"(?<=[^\W_])\s+([^\W\d_]+)")
"""Words inside sentences, where a capital is no sentence's first."""
_NOUNS = 0.25  # share of capitals inside sentences where nouns have one; names alone make less
_ENGLISH = 0.2  # share of words without content, of which other languages have few
_FEWEST = 3  # words; fewer show no language


def is_ordinal(before: str, near: str) -> bool:
    """Tell whether a text ends with an ordinal, `near` showing how it is written.

    Only where nouns have capitals does it look like a sentence's end. In doubt it is an ordinal:
    two sentences that are read as one are better than one that is cut.
    """
    ordinal = _ORDINAL.search(before)
    if ordinal is None:
        return False
    return (ordinal["before"] or "").casefold() in _ARTICLES or _nouns_have_capitals(near)


def begins_sentence(after: str, near: str) -> bool:
    """Tell a word that has its capital from its place: it has no content, or is small elsewhere."""
    word = _LETTERS.match(after)
    if word is None:
        return False
    small = word[0].casefold()
    return small in STOPWORDS | _ARTICLES or bool(re.search(rf"\b{small}\b", near))


def _nouns_have_capitals(text: str) -> bool:
    inside = _INSIDE.findall(text)
    words = _LETTERS.findall(text)
    english = sum(word.casefold() in STOPWORDS for word in words)
    capitals = sum(word[0].isupper() for word in inside)
    few = len(inside) < _FEWEST
    return not few and capitals >= _NOUNS * len(inside) and english < _ENGLISH * len(words)
