"""Write numbers in one notation; knows nothing of the words around them.

What stays ambiguous: 1,500 and 100,200 are read as thousands, 1,2 as a decimal.
"""

from __future__ import annotations

import re

_THOUSANDS = r"[1-9]\d{0,2}(?:,\d{2,3})*,\d{3}"
"""12,500, and 1,50,000 as in India."""
_THOUSANDS_BY_POINTS = r"[1-9]\d{0,2}(?:\.\d{3})+(?=,\d)"
_ONE = re.compile(rf"\d+,\d+|{_THOUSANDS}(?:[.:]\d+)*|{_THOUSANDS_BY_POINTS},\d+")
_JOINED = re.compile(rf"(?<![\d.,:])(?:{_THOUSANDS}(?![\d,])|{_THOUSANDS_BY_POINTS})")
_CHAIN = re.compile(r"\d+(?:[.,:]\d+)+")


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
