"""Read what stands at a number and makes it another one: a sign, a bound, a currency.

What is left out makes none: 18 may be "at least 18", 9 "€9", and -5 % is told as a fall by 5 %. Of
degrees alone the minus must be told.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from graphs.notation import SPACE

_MONEY = "[$¢-¥₠-₿]"
_MINUS = "-"
_MAYBE = "?"  # a dash where a line begins may be an item's

_NEAR = 10  # characters before a number that are looked at
_BEFORE = re.compile(
    rf"(?P<bound>(?<![-=])[<>≤≥]=?)?{SPACE}*"
    rf"(?P<sign>(?<![\w)\]])(?<!\d\s)[-−–+])?(?:(?P<money>{_MONEY}){SPACE}?)?\Z"
)
_AFTER = re.compile(rf"{SPACE}?(?:(?P<money>{_MONEY})(?!\d)|(?P<degrees>[°º℃℉])|(?P<share>[%‰]))")
_TOLD = re.compile(r"\b(?:minus|moins|zero|null|zéro)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Signs:
    """What stands at a number, each empty where nothing does."""

    sign: str = ""
    bound: str = ""
    """< also for ≤, > also for ≥."""
    money: str = ""
    degrees: bool = False
    share: bool = False
    """Whether it is a percentage."""


def signs(text: str, start: int, end: int) -> Signs:
    """Return what stands at the number in a span of a text."""
    near = max(0, start - _NEAR)
    before, after = _BEFORE.search(text[near:start]), _AFTER.match(text, end)
    if before is None:
        return Signs()
    behind = after.groupdict("") if after else {}
    at = near + before.start()
    first = not text[text.rfind("\n", 0, at) + 1 : at].strip()
    sign, bound = before["sign"] or "", before["bound"] or ""
    return Signs(
        sign and (_MAYBE if first else "+" if sign == "+" else _MINUS),
        "" if first or not bound else "<" if bound[0] in "<≤" else ">",
        before["money"] or behind.get("money", ""),
        bool(behind.get("degrees")),
        bool(behind.get("share")),
    )


def contradict(shown: Signs, said: Signs, text: str) -> bool:
    """Tell whether what stands at a number makes it another one than the same digits in a text."""
    pairs = ((shown.sign, said.sign), (shown.bound, said.bound), (shown.money, said.money))
    others = any(
        one and other and _MAYBE not in (one, other) and one != other for one, other in pairs
    )
    dropped = shown.degrees and shown.sign == _MINUS and not said.sign
    return others or (dropped and not _TOLD.search(text))
