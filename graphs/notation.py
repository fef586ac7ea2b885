"""Write numbers in one notation; knows nothing of the words around them.

What stays ambiguous: 1,500 and 100,200 are read as thousands, 1,2 as a decimal.
"""

from __future__ import annotations

import re
import unicodedata
from fractions import Fraction

SPACE = "[ \u00a0\u2007\u2009\u202f]"
VULGAR = "[¼-¾⅐-⅞]"
"""Fractions that are one character."""
SLASH = "[/\u2044]"
MIXED = (
    rf"(?<![\w.,:/-])(?:\d{{1,15}}{SPACE}?{VULGAR}"
    rf"|\d{{1,3}}{SPACE}[1-9]{SLASH}[2-9](?!\d|{SLASH}|[.,]\d))"
)
"""A whole number with a fraction behind it: 1½, 2 3/4."""
_FRACTION = re.compile(rf"{MIXED}|{VULGAR}")
_PLACES = 4  # decimals of a third

_THOUSANDS = r"[1-9]\d{0,2}(?:,\d{2,3})*,\d{3}"
"""12,500, and 1,50,000 as in India."""
_THOUSANDS_BY_POINTS = r"[1-9]\d{0,2}(?:\.\d{3})+(?=,\d)"
_ONE = re.compile(rf"\d+,\d+|{_THOUSANDS}(?:[.:]\d+)*|{_THOUSANDS_BY_POINTS},\d+")
_JOINED = re.compile(rf"(?<![\d.,:])(?:{_THOUSANDS}(?![\d,])|{_THOUSANDS_BY_POINTS})")
_CHAIN = re.compile(r"(?<!\d)\d++(?:[.,:]\d+)+")


def apart(text: str) -> str:
    """Write the numbers of a list apart that has no spaces: rooms 1,2,3."""
    return _CHAIN.sub(lambda chain: chain[0].replace(",", _between(chain[0])), text)


def _between(chain: str) -> str:
    parts = chain.split(",")
    several = len(parts) > 2 or all(not part.isdigit() for part in parts)
    return ", " if several and not _ONE.fullmatch(chain) else ","


def with_point(number: str) -> str:
    """Write a number with a point for its decimals, and nothing between its thousands.

    A number that has no comma stays as it is: 1.500 may be a decimal, a date or a section.
    """
    if "," not in number:
        return number
    joined = _JOINED.sub(lambda groups: re.sub(r"[.,]", "", groups[0]), number)
    return joined.replace(",", ".")


def with_decimals(text: str) -> str:
    """Write fractions as decimals, with a whole number before them as one: 1½ and 1 1/2 as 1.5."""
    return _FRACTION.sub(_decimal, text)


def _decimal(fraction: re.Match[str]) -> str:
    *whole, part = re.sub(rf"{SPACE}|(?={VULGAR})", " ", fraction[0]).split()
    over, under = map(int, re.split(SLASH, unicodedata.normalize("NFKC", part)))
    if over >= under:
        return fraction[0]
    value = sum(map(int, whole), Fraction(over, under))
    before = fraction.string[max(0, fraction.start() - 1) : fraction.start()]
    gap = " " if before.isalnum() else ""  # 2,500½ is not 2,5000.5
    return gap + f"{float(value):.{_PLACES}f}".rstrip("0").rstrip(".")
