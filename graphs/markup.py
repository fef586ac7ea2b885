"""Take the marks off a text that only say how it looks: emphasis and tags."""

from __future__ import annotations

import re

FENCES = ("```", "~~~")
"""What begins and ends a block of code, where no marker may stand."""

_CODE = r"(?P<code>`[^`\n]*`)"
_EMPHASISED = re.compile(
    rf"{_CODE}|(?<![\w*])(?P<mark>\*{{1,3}}|_{{1,3}})(?=[^\s*_])(?P<said>.{{0,500}}?[^\s*_])(?P=mark)(?![\w*])"
)
_TAGGED = re.compile(
    rf"{_CODE}|<(?P<mark>[a-z][a-z0-9]*)\b[^<>]*>(?P<said>.{{0,2000}}?)</(?P=mark)>",
    re.IGNORECASE | re.DOTALL,
)
_BREAK = re.compile(r"(?:<br\s*/?>|\s)+|(?<=>)(?=<)", re.IGNORECASE)


def without_markup(text: str) -> str:
    """Return what a text says, in one line; a block of code stays as it is.

    A mark that opens nothing is a part of what is said: `retention_days`, 2 * 3, `<file>`.
    """
    if text.startswith(FENCES):
        return text
    left, before = _BREAK.sub(" ", text), ""
    while left != before:
        before = left
        for marks in (_TAGGED, _EMPHASISED):
            left = marks.sub(lambda found: found["code"] or found["said"], left)
    return " ".join(left.split())


def is_emphasised(text: str) -> bool:
    """Tell whether a text is emphasised from its first to its last character."""
    found = _EMPHASISED.fullmatch(text)
    return found is not None and bool(found["said"]) and found["mark"] not in found["said"]
