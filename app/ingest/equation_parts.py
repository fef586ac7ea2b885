"""The parts of an equation in one line: a fraction as "a/b", a power as "x^2"."""

import re

_UNSEEN = re.compile("[\u2061-\u2064]")  # signs of operations that are not written
_OPERATORS = re.compile(r"[-+/=\s]")


def without_unseen(text: str) -> str:
    """Leave out the signs of operations that are not written."""
    return _UNSEEN.sub("", text)


def seen(text: str) -> str:
    """Return an equation without what is not written, and with single blanks."""
    return " ".join(without_unseen(text).split())


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
