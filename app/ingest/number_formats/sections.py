"""Cut a number format into its sections and their tokens; writes no values."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

LONGEST = 255  # characters, as in the programs; a longer format is none

TEXT, GENERAL, ELAPSED, HALF, LETTER, AS_TEXT = "t", "G", "e", "p", "c", "@"
_CONDITION, _COLOUR = "?=", "?c"
_SECTION = ";"
PLACES = "0#?"

# A letter that means nothing stays as it is in a number, and makes a date of no known form; only
# the T and Z of ISO 8601 are written in dates without quotes.
_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"?|\\(?P<escaped>.)|[_*](?P<filling>.)'
    r"|\[\$(?P<currency>[^\]-]*)[^\]]*\]|\[(?P<elapsed>h+|m+|s+)\]"
    r"|\[(?P<condition>(?:[<>]=?|=|<>)-?\d+(?:\.\d+)?)\]|\[(?P<colour>[^\]]*)\]"
    r"|(?P<general>General)|(?P<half>AM/PM|A/P)|(?P<power>E[+-])"
    r"|(?P<moment>y+|m+|d+|h+|s+)|(?P<letter>[a-su-x])|(?P<mark>.)",
    re.IGNORECASE | re.DOTALL,
)
_KINDS = {"general": GENERAL, "elapsed": ELAPSED, "half": HALF, "power": "E", "letter": LETTER}
_KINDS |= {
    "quoted": TEXT,
    "escaped": TEXT,
    "currency": TEXT,
    "condition": _CONDITION,
    "colour": _COLOUR,
}
_DROPPED = "filling"  # only makes columns even
_MARKS = set(f"{PLACES}.,%/{AS_TEXT}{_SECTION}")
_COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
    "=": operator.eq, "<>": operator.ne,
}  # fmt: skip


class Token(NamedTuple):
    """A part of a format that means one thing."""

    kind: str
    """One character, so that the kinds of a section can be searched as a string."""
    text: str


class Section(NamedTuple):
    """The tokens of one section, and the values it is for."""

    tokens: tuple[Token, ...]
    condition: str = ""
    colour: str = ""

    @property
    def is_moment(self) -> bool:
        """Tell a form of dates and times from one of numbers."""
        return not set(kinds_of(self.tokens)).isdisjoint(f"ymdhs{ELAPSED}{HALF}")

    @property
    def is_negative(self) -> bool:
        """Tell a section for values below zero, which writes its own sign."""
        return self.condition in ("<0", "<=0")

    def is_recoloured(self, other: Section) -> bool:
        """Tell a section that shows amounts as another one does, but for the colour."""
        shows = not set(kinds_of(self.tokens)).isdisjoint(f"{PLACES}{GENERAL}")
        return shows and self.colour != other.colour and self._words == other._words

    @property
    def _words(self) -> str:
        return plain_text([token for token in self.tokens if token.kind == TEXT])

    def holds(self, value: float) -> bool:
        """Tell whether the section's condition is true of a value."""
        sign = self.condition.rstrip("-.0123456789")
        compare = _COMPARISONS.get(sign)
        return compare is not None and compare(value, float(self.condition[len(sign) :]))


def kinds_of(tokens: Sequence[Token]) -> str:
    """Return the kinds of tokens, one character each."""
    return "".join(token.kind for token in tokens)


def plain_text(tokens: Sequence[Token]) -> str:
    """Return tokens as they are written in the format."""
    return "".join(token.text for token in tokens)


@lru_cache(maxsize=1_000)
def sections(shape: str) -> tuple[Section, ...]:
    """Return the sections of a format: for positive and negative numbers, for zero and text."""
    parts: list[list[Token]] = [[]]
    for token in _tokens(shape):
        if token.kind == _SECTION:
            parts.append([])
        else:
            parts[-1].append(token)
    return tuple(map(_section, parts))


def section_of(value: float, shape: str) -> Section | None:
    """Return the section for a number, or None where a format has none for it.

    One for values below zero that only colours them has no condition, so that a sign is written.
    """
    numeric = _numeric(sections(shape))
    section = _chosen(value, numeric)
    if section is None or not section.is_negative:
        return section
    positive = _chosen(-value, numeric)
    coloured = positive is not None and section.is_recoloured(positive)
    return section._replace(condition="") if coloured else section


def _chosen(value: float, numeric: Sequence[Section]) -> Section | None:
    if any(section.condition for section in numeric):
        return _conditional(value, numeric)
    if len(numeric) > 2 and value == 0:
        return numeric[2]
    if len(numeric) > 1 and value < 0:
        return numeric[1]._replace(condition="<0")
    return numeric[0]


def text_section(shape: str) -> Section | None:
    """Return the section for text, or None where a format leaves text as it is."""
    *_, last = every = sections(shape)
    return last if len(every) > 3 or AS_TEXT in kinds_of(last.tokens) else None


def _conditional(value: float, numeric: Sequence[Section]) -> Section | None:
    for section in numeric[:2]:
        if section.condition and section.holds(value):
            return section
    return next((section for section in numeric if not section.condition), None)


def _numeric(every: tuple[Section, ...]) -> tuple[Section, ...]:
    """Leave out the section for text."""
    return every[:-1] if 1 < len(every) < 4 and AS_TEXT in kinds_of(every[-1].tokens) else every[:3]


def _section(tokens: list[Token]) -> Section:
    shown = tuple(token for token in tokens if token.kind not in (_CONDITION, _COLOUR))
    condition, colour = (
        next((token.text for token in tokens if token.kind == kind), "")
        for kind in (_CONDITION, _COLOUR)
    )
    return Section(shown, condition, colour)


def _tokens(shape: str) -> Iterator[Token]:
    for match in _TOKEN.finditer(shape):
        name = str(match.lastgroup)
        if name != _DROPPED:
            yield Token(_kind(name, match[name]), match[name])


def _kind(name: str, text: str) -> str:
    if name == "moment":
        return text[0].lower()
    if name == "mark":
        return text if text in _MARKS else "9" if text in "123456789" else TEXT
    return _KINDS[name]
