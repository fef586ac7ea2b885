"""Point out personal data in examples, which a model may learn by heart.

Knows forms of writing, not people: a number in a handbook may be meant for everyone to call.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from finetune.data.examples import Example

SHOWN = 3  # masked instances of each kind
MIN_IBAN = 15  # Norway's
MIN_PHONE, MAX_PHONE = 9, 15  # digits; the most are E.164's, the fewest spare dates of 8


@dataclass(frozen=True)
class Personal:
    """Occurrences of one kind of personal data."""

    kind: str
    count: int
    """Occurrences in all messages, prompts included."""
    rows: tuple[str, ...]
    """Ids of the examples."""
    masked: tuple[str, ...]
    """A few of the values, all but the ends hidden."""


@dataclass
class _Found:
    count: int = 0
    rows: dict[str, None] = field(default_factory=dict)
    masked: dict[str, None] = field(default_factory=dict)


def personal_data(examples: Iterable[Example]) -> list[Personal]:
    """Find e-mail addresses, account, card and phone numbers and IPv4 addresses, by kind.

    Account and card numbers must pass their check digits. A phone number needs a plus, brackets or
    separators: bare digits may be anything. Addresses of private networks lead to nobody.
    """
    finds = {kind: _Found() for kind in PATTERNS}
    for example in examples:
        for message in example.messages:
            for kind, value in _values(message.content):
                finds[kind].count += 1
                finds[kind].rows[example.id] = None
                finds[kind].masked[_masked(value)] = None
    return [
        Personal(kind, of_kind.count, tuple(of_kind.rows), tuple(of_kind.masked)[:SHOWN])
        for kind, of_kind in finds.items()
        if of_kind.count
    ]


def _values(text: str) -> Iterator[tuple[str, str]]:
    """Yield each value once: what one pattern took is blank to those after it."""
    text = _OTHER_NUMBERS.sub(lambda match: " " * len(match[0]), text)
    for kind, (pattern, check) in PATTERNS.items():
        left, end = [], 0
        for match in pattern.finditer(text):
            value = check(match[0])
            if value:
                yield kind, value
                left += [text[end : match.start()], " " * len(value)]
                end = match.start() + len(value)
        text = "".join([*left, text[end:]])


def _masked(value: str) -> str:
    return f"{value[:2]}…{value[-2:]}"


# Each check returns the beginning of a match that is such a value, or nothing.


def _iban(text: str) -> str:
    """Check by ISO 7064, mod 97; words in capitals may have followed the number."""
    words = text.split(" ")
    for count in range(len(words), 0, -1):
        compact = "".join(words[:count])
        if len(compact) >= MIN_IBAN and _mod_97(compact[4:] + compact[:4]) == 1:
            return " ".join(words[:count])
    return ""


def _mod_97(text: str) -> int:
    return int("".join(str(int(char, 36)) for char in text)) % 97


def _card(text: str) -> str:
    """Check by Luhn's algorithm."""
    digits = [int(char) for char in text if char.isdigit()][::-1]
    doubled = (sum(divmod(2 * digit, 10)) for digit in digits[1::2])
    return text if (sum(digits[::2]) + sum(doubled)) % 10 == 0 else ""


def _address(text: str) -> str:
    try:
        return text if ipaddress.IPv4Address(text).is_global else ""
    except ValueError:
        return ""


def _phone(text: str) -> str:
    groups = re.findall(r"\d+", text)
    timetable = all(_CLOCK.fullmatch(group) for group in groups)
    amount = groups[-1] == "000"
    fits = MIN_PHONE <= sum(map(len, groups)) <= MAX_PHONE
    return text if fits and not timetable and not amount else ""


_CLOCK = re.compile(r"(?:[01]\d|2[0-3])[0-5]\d")  # 0930
_OTHER_NUMBERS = re.compile(
    r"\bISBN(?:-1[03])?:?\s?[\dX -]{10,17}"
    r"|\b(?:v|version|release|section|chapter|clause)\.?\s?\d+(?:\.\d+)+",
    re.IGNORECASE | re.ASCII,
)
_PHONE = re.compile(
    r"""(?<![\w+.,/-])
    (?: \+\d{1,3} (?:[ .-]?\(\d{1,4}\))? (?:[ ./-]?\d{1,12}){1,5}        # +44 (0)20 7946 0958
      | (?:\(0\d{1,5}\)|0\d{2,5}) [ ]?[ /-] \d{2,8} (?:[ -]\d{2,6}){0,3} # 01632 960 123
      | \(0\d{1,5}\)\d{4,8}
      | 0\d (?:[ .]\d{2}){4}                                             # 01 42 68 53 00
      | (?:\([2-9]\d{2}\)[ ]?|[2-9]\d{2}[.-]) \d{3}[.-]\d{4}             # (555) 123-4567
    ) (?!\w|[.,/:-]\d)""",
    re.VERBOSE | re.ASCII,
)

PATTERNS: dict[str, tuple[re.Pattern[str], Callable[[str], str]]] = {
    # The letters before @ begin where nothing of an address precedes, or long texts take for ever.
    "e-mail address": (
        re.compile(r"(?<![\w.+-])[\w.+-]+@(?:[\w-]+\.)+[^\W\d_]{2,}(?![\w-])"),
        str,
    ),
    "IBAN": (
        re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b", re.ASCII),
        _iban,
    ),
    # Issuers' numbers begin with 2 to 6; bar codes of books with 9, seconds since 1970 with 1.
    "card number": (re.compile(r"(?<![\w.+-])[2-6]\d{3}(?:[ -]?\d){9,15}\b", re.ASCII), _card),
    "IPv4 address": (
        re.compile(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?!\w|\.\d)", re.ASCII),
        _address,
    ),
    "phone number": (_PHONE, _phone),
}
