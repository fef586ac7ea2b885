"""Tell letters from the marks that they carry; knows no words but by their letters."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

COMBINED = "".join(
    mark
    for mark in map(chr, range(0x300, 0x1E8D7))
    if unicodedata.category(mark) in ("Mn", "Mc") and "SELECTOR" not in unicodedata.name(mark, "")
)
"""Marks that a word goes on with, as Hindi ones do; what only selects a picture is none."""

_LETTERS = 3  # fewer behind an apostrophe are rather an ending: "Ahmet'in"
_OPEN = frozenset("aehiouy")
_MARKED = re.compile(
    r"LATIN SMALL (?:LETTER (?:DOTLESS )?|LIGATURE )(?P<letters>[A-Z]{1,2})(?: WITH .*)?"
)


def bare(word: str) -> str:
    """Write a case-folded word without accents, and ø, ł, đ, ı or æ by plain letters."""
    split = without_accents(word)
    return split if split.isascii() else "".join(map(_plain, split))


def unelided(word: str) -> str:
    """Return what carries the meaning of "d'Orléans"; "don't" and "O'Brien" stay whole.

    Words are elided before a vowel, an h or a number.
    """
    parts = re.split("['’]", word)
    first = parts[-1][:1]
    if len(parts) < 2 or not (first.isdigit() or bare(first.casefold())[:1] in _OPEN):
        return word
    return max(enumerate(parts), key=lambda part: (min(len(part[1]), _LETTERS), part[0]))[1]


def without_accents(word: str) -> str:
    """Leave out what Unicode takes off a letter: é, but not the stroke of ø."""
    split = unicodedata.normalize("NFKD", word)
    return "".join(character for character in split if not unicodedata.combining(character))


@lru_cache(maxsize=1_000)
def _plain(character: str) -> str:
    marked = _MARKED.fullmatch(unicodedata.name(character, ""))
    return marked["letters"].lower() if marked else character
