"""Tell a name that is written in capitals, as IT, from the word of its letters."""

from __future__ import annotations

import re
from collections.abc import Iterable

from graphs.stopwords import STOPWORDS

_LETTERED = re.compile(r"[^\W\d_]+")
_WORD = re.compile(r"\b[^\W\d_]{2,}\b")


def is_shouted(text: str) -> bool:
    """Tell a text all in capitals, which then say nothing; of one word they do."""
    return text.isupper() and len(_LETTERED.findall(text)) > 1


def is_small(word: str, *, shouted: bool) -> bool:
    """Tell a word without content from a name in capitals, in a text that is all so or not."""
    named = not shouted and len(word) > 1 and word.isupper()
    return not named and word.casefold() in STOPWORDS


def masked(text: str) -> str:
    """Write names in capitals as _, so that no word of their letters is found in a text."""
    if is_shouted(text):
        return text
    return _WORD.sub(lambda word: "_" * len(word[0]) if word[0].isupper() else word[0], text)


def unstressed(text: str, beside: Iterable[str]) -> str:
    """Write words without content small that have capitals for stress alone, as NOT.

    They are names if a text beside it has them so.
    """
    stressed = _named(text)
    stressed -= set().union(*map(_named, beside)) if stressed else set()
    return _WORD.sub(lambda word: word[0].lower() if word[0] in stressed else word[0], text)


def _named(text: str) -> set[str]:
    """Return the words in capitals of a text that are none without content for this alone."""
    capitals = {word for word in _WORD.findall(text) if word.casefold() in STOPWORDS}
    return {word for word in capitals if word.isupper()} if not is_shouted(text) else set()
