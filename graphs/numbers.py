"""Tell which numbers of two texts are the same, though they are written differently.

Only numbers that a text lacks as they are written are compared by value.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from graphs.notation import MIXED, SPACE, VULGAR, with_decimals, with_point
from graphs.signs import Signs, contradict, signs
from graphs.text import content, stem

_HOURS = 24
_LONG = 10  # digits, of which nobody says "and a half"
_OTHER = "〇"  # a numeral that is equal to none in digits
_NUMBER = re.compile(
    rf"(?<![^\W_])(?:(?P<fraction>{MIXED}|{VULGAR})"
    r"|(?P<half>(?:(?P<whole>[^\W_]+) and a )?half\b)"
    rf"|(?P<hours>\d{{1,2}}){SPACE}?h(?:{SPACE}?(?P<minutes>\d{{2}}))?\b"
    r"|(?P<written>\d+(?:[.,:'’]\d+)*))",
    re.IGNORECASE,
)
_SPACED = re.compile(
    rf"(?<![^\W_])(?P<written>[1-9]\d{{0,2}}(?:{SPACE}\d{{3}})+(?:[.,]\d{{1,2}})?)(?!\d)"
)
_HALF_OF_DAY = re.compile(rf"{SPACE}?(?P<half>[ap])(?:m\b|\.m\.)", re.IGNORECASE)
_GROUPS = re.compile(r"[1-9]\d{0,2}(?:([.,'’])\d{3})(?:\1\d{3})*")
_NO_DECIMALS = re.compile(r"\.0{1,2}\Z")
_PARTS = re.compile(r"\d+([.:])\d+(?:\1\d+)+")
_CLOCK = re.compile(r"(?P<hours>\d{1,2})(?:(?P<mark>[.:])(?P<minutes>[0-5]\d))?")
_UNIT = re.compile(rf"{SPACE}?(?P<word>[^\W\d_]+)")


@dataclass(frozen=True)
class Number:
    """A number in a text."""

    start: int
    end: int
    values: frozenset[str]
    """What it can mean: 1.500 is 1500, or 1.5 to three places."""
    signs: Signs


@dataclass(frozen=True)
class Numbers:
    """The numbers of a text, and its stems, amounts without the sign of their currency."""

    all: tuple[Number, ...]
    stems: frozenset[str]


@lru_cache(maxsize=256)
def numbers(text: str) -> Numbers:
    """Find the numbers of a text, those of groups with spaces also as one."""
    found = [_number(text, match) for of in (_SPACED, _NUMBER) for match in of.finditer(text)]
    found.sort(key=lambda number: (number.start, -number.end))
    return Numbers(tuple(found), _stems(text))


def as_written(text: str, shown: str) -> str:
    """Write each number that another text lacks as that text writes the same: 9 am as 09:00."""
    known = numbers(shown)
    parts, end = [""], 0
    for number in numbers(text).all:
        if number.start < end or _stems(text[number.start : number.end]) <= known.stems:
            continue
        same = next((other for other in known.all if other.values & number.values), None)
        if same:
            parts += [text[end : number.start], shown[same.start : same.end]]
            end = number.end
    return "".join([*parts, text[end:]])


def without_others(shown: str, said: str) -> str:
    """Make those numbers of a text others that are none of those said, but for their digits.

    -18 °C where 18 °C is said, < 7 where > 7 is, €9 where $9 is. Everything keeps its place.
    """
    told = numbers(said).all
    for number in numbers(shown).all:
        same = [one for one in told if one.values & number.values]
        if same and all(contradict(number.signs, one.signs, said) for one in same):
            other = _OTHER * (number.end - number.start)
            shown = shown[: number.start] + other + shown[number.end :]
    return shown


def _stems(text: str) -> frozenset[str]:
    return frozenset(word.lstrip("£$€") for word in content(text))


def _number(text: str, match: re.Match[str]) -> Number:
    said = match.groupdict("")
    if said["written"]:
        return _in_digits(text, match)
    if said["hours"]:
        value = f"{int(said['hours'])}:{said['minutes'] or '00'}"
    else:
        value = with_decimals(f"{_whole(said['whole'])} 1/2" if said["half"] else match[0])
    return Number(*match.span(), frozenset({value}), signs(text, *match.span()))


def _in_digits(text: str, match: re.Match[str]) -> Number:
    written = re.sub(SPACE, "", match["written"])
    half = _HALF_OF_DAY.match(text, match.end())
    start, end = match.start(), (half or match).end()
    beside, word = signs(text, start, end), _UNIT.match(text, end)
    unit = word["word"].casefold() if word else ""
    amounts = () if half else _amounts(written, beside, unit)
    clocks = _clocks(written, half["half"] if half else "", unit)
    return Number(start, end, frozenset({*amounts, *clocks}), beside)


def _whole(word: str) -> int:
    """Read the number before "and a half"."""
    digits = "1" if word.casefold() == "one" else stem(word.casefold())
    return int(digits) if digits.isdecimal() and len(digits) < _LONG else 0


def _amounts(written: str, beside: Signs, unit: str) -> Iterator[str]:
    number = with_point(written)
    yield number
    yield from _without_decimals(number, beside, unit)
    if (beside.money or beside.share) and re.fullmatch(r"\d+\.\d0", number):
        yield number.removesuffix("0")  # elsewhere 4.10 may be a section, which is not 4.1
    if _GROUPS.fullmatch(written):
        yield re.sub(r"\D", "", written)
    if _PARTS.fullmatch(written):
        yield re.sub(r"\b0+(?=\d)", "", written)


def _without_decimals(number: str, beside: Signs, unit: str) -> Iterator[str]:
    """Yield a whole number by what it counts, so that £9.00 is 9 pounds but not room 9."""
    whole = _NO_DECIMALS.sub("", number)
    if not whole.isdigit():
        return
    if unit:
        yield f"{whole} {unit}"
    if beside.share:
        yield f"{whole} %"
    if beside.money or (unit and whole == number):  # the unit may name a currency
        yield f"{whole} ¤"


def _clocks(written: str, half: str, unit: str) -> Iterator[str]:
    """Yield the time of day that a number may be: 9 Uhr is 9:00 Uhr, 9 pm 21:00."""
    clock = _CLOCK.fullmatch(written)
    if clock is None or int(clock["hours"]) > _HOURS:
        return
    hours = int(clock["hours"])
    if half:
        hours = hours % 12 + 12 * (half.lower() == "p")
    time = f"{hours}:{clock['minutes'] or '00'}"
    if half or clock["mark"] == ":":
        yield time
    if unit:
        yield f"{time} {unit}"
