"""The parts of an equation in one line: a fraction as "a/b", a power as "x^2"."""

import re
from collections.abc import Iterable
from itertools import groupby
from operator import itemgetter

_UNSEEN = re.compile("[\u2061-\u2064]")  # signs of operations that are not written
_SIMPLE = re.compile(r"[\d.,]+|\w")  # a number or a letter, which needs no blank before a letter
_LAST = re.compile(rf"(?:{_SIMPLE.pattern})$")
_LETTER = re.compile(r"[^\W\d_](?![^\W_])")
_OPERATORS = re.compile(r"[-+/=\s]")


def without_unseen(text: str) -> str:
    """Leave out the signs of operations that are not written."""
    return _UNSEEN.sub("", text)


def seen(text: str) -> str:
    """Return an equation without what is not written, and with single blanks."""
    return " ".join(without_unseen(text).split())


def in_line(*parts: str) -> str:
    """Join parts, with a blank where they would make another number or word: 3 1/2, but 2x."""
    text = last = ""
    for part in filter(None, map(without_unseen, parts)):
        text, last = f"{text}{_gap(last, part)}{part}", part
    return text


def texts_in_line(pieces: Iterable[tuple[bool, str]]) -> str:
    """Join pieces so, of which some are plain text, which goes on in the next if that is such."""
    text = last = ""
    for plain, group in groupby(pieces, key=itemgetter(0)):
        parts = [without_unseen(piece) for _, piece in group]
        for part in filter(None, ["".join(parts)] if plain else parts):
            end = _LAST.search(part) if plain else None
            text, last = f"{text}{_gap(last, part)}{part}", end[0] if end else part
    return text


def _gap(last: str, part: str) -> str:
    near = _SIMPLE.fullmatch(last) and _LETTER.match(part)
    return " " if last[-1:].isalnum() and part[0].isalnum() and not near else ""


def grouped(text: str) -> str:
    """Put brackets around what is more than one number or name."""
    return text if text.isalnum() or len(text) < 2 or _is_grouped(text) else f"({text})"


def _is_grouped(text: str) -> bool:
    return text[0] == "(" and text.find(")") == len(text) - 1


def fraction(above: str, below: str) -> str:
    """Write a fraction."""
    return f"{grouped(above)}/{grouped(below)}"


def script(text: str, below: str = "", above: str = "") -> str:
    """Write what stands below and above at the end of something."""
    return (grouped(text) if _OPERATORS.search(text) else text) + limits(below, above)


def limits(below: str, above: str) -> str:
    """Write what stands below and above without what it belongs to."""
    return (f"_{grouped(below)}" if below else "") + (f"^{grouped(above)}" if above else "")


def root(text: str, degree: str = "") -> str:
    """Write a square root, or one of another degree."""
    return f"root({degree}, {text})" if degree else f"sqrt({text})"
