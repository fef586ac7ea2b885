"""Know the marks of a text: those that only say how it looks, and those of code and formulas."""

from __future__ import annotations

import re

FENCES = ("```", "~~~")
"""What begins and ends a block of code, where no marker may stand."""
CODE_BLOCK = (
    r"(?ms:(?<!\S)(?P<ticks>`{3,}+)[^`\n]*\n.*?(?:(?P=ticks)`*|\Z)"
    r"|^(?P<tildes>~{3,}+)[^\n]*\n.*?(?:^[^\S\n]*(?P=tildes)~*|\Z))"
)
"""A block of code, which the end of a text ends as well."""
_IN_DOLLARS = r"(?:(?!\n\s*\n)[^$])+"
_IN_BRACKETS = r"\\\[(?:(?!\n\s*\n|\\[\[\]])[\s\S])*\\\]"
_AMOUNT = r"\d[\d.,]*[^\w\s]?(?:\s|$)"  # a dollar before it begins no formula: "$5 [1]"
_COMMAND = r"\\[a-zA-Z]+(?:\[[^\[\]\n]*\](?=[\w{\\]))?(?:[^\S\n]?\{[^{}\n]*\})*"
MATH_BLOCK = (
    rf"(?m:(?<!\S)(?:\$\$(?=[^$\n]*\n){_IN_DOLLARS}\$\$"
    rf"|(?=\\\[(?:(?!\\\])[^\n])*\n){_IN_BRACKETS})(?=[^\S\n]*(?:$|\[)))"
)
"""A formula over several lines, between `$$` and `$$` or `\\[` and `\\]`."""
MATH = (
    rf"(?<![\w$\\])\$(?!\s|{_AMOUNT})[^$\n]+(?<![\s\\])\$(?![\w$])"
    rf"|(?<!\$)\$\$(?![$\s]*\[\d+\]){_IN_DOLLARS}\$\$(?!\$)"
    rf"|\\\((?:(?!\\[()])[^\n])*\\\)|{_IN_BRACKETS}|{_COMMAND}"
)
"""A formula of TeX, or a command of one with what it is given: `\\sqrt[3]{27}`."""

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


def is_block(text: str) -> bool:
    """Tell whether a text is a block of code or a formula in lines of its own."""
    return text.startswith(FENCES) or re.fullmatch(MATH_BLOCK, text) is not None


def with_behind(text: str, behind: str, *, tabular: bool = False, indent: str = "") -> str:
    """Write markers or a remark behind a text, where Markdown shows them.

    Within the last cell of a table's row, as one more is dropped. Below a block of code, which does
    not end in a line that goes on, as far in as the block.
    """
    if behind and is_block(text):
        return f"{text}\n{indent}{behind.lstrip()}"
    row = text.rstrip()
    if behind and tabular and row.endswith("|") and not row.endswith(r"\|"):
        return f"{row[:-1].rstrip()}{behind} |"
    return text + behind


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
