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
_NUMERAL = re.compile(r"[-−–+]?\d+\W*\Z")  # not 5<sup>th</sup>
_BREAK = re.compile(r"(?:<br\s*/?>|\s)+|(?<=>)(?=<)", re.IGNORECASE)


def without_markup(text: str) -> str:
    """Return what a text says, in one line; a block of code stays as it is.

    A mark that opens nothing is a part of what is said: `retention_days`, 2 * 3, `<file>`. Digits
    raised by a tag stay apart from the number before them: 10<sup>6</sup> becomes 10^6.
    """
    if text.startswith(FENCES):
        return text
    left, before = _BREAK.sub(" ", text), ""
    while left != before:
        before = left
        for marks in (_TAGGED, _EMPHASISED):
            left = marks.sub(_said, left)
    return " ".join(left.split())


def _said(found: re.Match[str]) -> str:
    raised = found["mark"] and found["mark"].lower() == "sup" and _NUMERAL.match(found["said"])
    behind = found.string[max(0, found.start() - 1) : found.start()].isdigit()
    return found["code"] or f"{'^' if raised and behind else ''}{found['said']}"


def is_emphasised(text: str) -> bool:
    """Tell whether a text is emphasised from its first to its last character."""
    found = _EMPHASISED.fullmatch(text)
    return found is not None and bool(found["said"]) and found["mark"] not in found["said"]
