"""Write letters without the marks that they carry; knows no words."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_MARKED = re.compile(
    r"LATIN SMALL (?:LETTER (?:DOTLESS )?|LIGATURE )(?P<letters>[A-Z]{1,2})(?: WITH .*)?"
)


def bare(word: str) -> str:
    """Write a case-folded word without accents, and ø, ł, đ, ı or æ by plain letters."""
    split = without_accents(word)
    return split if split.isascii() else "".join(map(_plain, split))


def without_accents(word: str) -> str:
    """Leave out what Unicode takes off a letter: é, but not the stroke of ø."""
    split = unicodedata.normalize("NFKD", word)
    return "".join(character for character in split if not unicodedata.combining(character))


@lru_cache(maxsize=1_000)
def _plain(character: str) -> str:
    marked = _MARKED.fullmatch(unicodedata.name(character, ""))
    return marked["letters"].lower() if marked else character
