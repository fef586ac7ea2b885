"""Tell the number of a list's item from a number in a wrapped sentence; knows no layouts."""

from __future__ import annotations

import re

from graphs.abbreviations import cut_off

_COUNT = re.compile(r"\s*(\d{1,3})[.)]\s")
_FAR = 2000  # characters within which a list's other numbers are looked for


def counts_nothing(text: str, start: int) -> bool:
    """Tell whether the line at an offset begins with a number that is no item's.

    An item's is 1, follows on a sentence, or has one before or after it that is next to it.
    """
    count = _COUNT.match(text, start)
    if not count or int(count[1]) <= 1:
        return False
    before = text[max(0, start - _FAR) : start].rstrip()
    if not before or (not before[-1].isalnum() and not cut_off(before)):
        return False
    around = f"{before}\n{text[count.end() : count.end() + _FAR]}"
    beside = f"{int(count[1]) - 1}|{int(count[1]) + 1}"
    return not re.search(rf"^\W*(?:{beside})[.)]\s", around, re.MULTILINE)
