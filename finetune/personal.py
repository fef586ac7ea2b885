"""Point out personal data in examples, which a model may learn by heart."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from finetune.examples import Example

SHOWN = 3  # masked instances of each kind


@dataclass(frozen=True)
class Personal:
    """Occurrences of one kind of personal data."""

    kind: str
    rows: tuple[str, ...]
    """Ids of the examples."""
    masked: tuple[str, ...]
    """A few of the values, all but the ends hidden."""


def _is_iban(text: str) -> bool:
    compact = re.sub(r"\s", "", text)
    moved = compact[4:] + compact[:4]
    return int("".join(str(int(char, 36)) for char in moved)) % 97 == 1


def _is_card(text: str) -> bool:
    """Check the last digit by Luhn's algorithm."""
    digits = [int(char) for char in text if char.isdigit()][::-1]
    doubled = (sum(divmod(2 * digit, 10)) for digit in digits[1::2])
    return 13 <= len(digits) <= 19 and (sum(digits[::2]) + sum(doubled)) % 10 == 0


def _is_address(text: str) -> bool:
    try:
        return ipaddress.ip_address(text).is_global
    except ValueError:
        return False


def _is_phone(text: str) -> bool:
    return 8 <= sum(char.isdigit() for char in text) <= 15


PATTERNS: dict[str, tuple[re.Pattern[str], Callable[[str], bool]]] = {
    "e-mail address": (re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"), bool),
    "IBAN": (re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b"), _is_iban),
    "card number": (re.compile(r"\b\d(?:[ -]?\d){12,18}\b"), _is_card),
    "IP address": (re.compile(r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])"), _is_address),
    # international, or with an area code that begins with 0: not dates, prices or versions
    "phone number": (
        re.compile(r"(?<![\w+.,/-])(?:\+\d{1,3}[ -]?|\(?0)\d[\d ()-]{6,16}\d(?![\w.,/-]*\d)"),
        _is_phone,
    ),
}


def personal_data(examples: Iterable[Example]) -> list[Personal]:
    """Find e-mail addresses, phone, card and account numbers and IP addresses, by kind."""
    rows: dict[str, dict[str, None]] = {}
    values: dict[str, dict[str, None]] = {}
    for example in examples:
        text = "\n".join(message.content for message in example.messages)
        for kind, (pattern, is_real) in PATTERNS.items():
            for found in pattern.findall(text):
                if is_real(found):
                    rows.setdefault(kind, {})[example.id] = None
                    values.setdefault(kind, {})[_masked(found)] = None
    return [
        Personal(kind, tuple(rows[kind]), tuple(values[kind])[:SHOWN])
        for kind in PATTERNS
        if kind in rows
    ]


def _masked(value: str) -> str:
    return f"{value[:2]}…{value[-2:]}"
