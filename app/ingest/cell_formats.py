"""Write a spreadsheet's values as its number formats show them; knows no file format."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta

_QUOTED = re.compile(r'"([^"]*)"|\\(.)')
_CURRENCY = re.compile(r"\[\$([^\]-]*)[^\]]*\]")
_BRACKETS = re.compile(r"\[[^\]]*\]|_.|\*.")  # colours and conditions, and what only fills space
_NUMBER = re.compile(r"[#0?][#0?,]*(?:\.([#0?]+))?")
_TOKENS = re.compile(r"yyyy|yy|mmmm|mmm|mm|m|dddd|ddd|dd|d|hh|h|ss|s|am/pm|\"[^\"]*\"|\\.|.", re.I)
_DATE = {"yyyy": "%Y", "yy": "%y", "mmmm": "%B", "mmm": "%b", "dddd": "%A", "ddd": "%a"}
_DATE |= {"mm": "%m", "m": "%m", "dd": "%d", "d": "%d"}
_CLOCK = {"hh": "%H", "h": "%H", "mm": "%M", "m": "%M", "ss": "%S", "s": "%S", "am/pm": "%p"}
_UNPADDED = {"m", "d", "h"}


def shown(value: object, shape: str) -> str:
    """Write a value in the form of a number format such as `#,##0.00 "euro"` or `dd/mm/yyyy`."""
    match value:
        case None:
            return ""
        case bool():
            return str(value).upper()
        case timedelta():
            return str(value)
        case datetime() | date() | time():
            return _moment(value, shape)
        case int() | float():
            return _number(value, shape)
    return str(value)


def _moment(value: datetime | date | time, shape: str) -> str:
    tokens = _TOKENS.findall(_BRACKETS.sub("", shape.partition(";")[0]))
    written, clock = "", False
    for at, token in enumerate(tokens):
        low = token.lower()
        minutes = low in ("m", "mm") and (clock or _before_seconds(tokens[at + 1 :]))
        mark = _CLOCK.get(low) if minutes or low not in _DATE else _DATE[low]
        clock = clock or low in ("h", "hh") or minutes
        if mark is None:
            written += token.strip('"').lstrip("\\")
        else:
            part = value.strftime(mark)
            written += part.lstrip("0") or "0" if low in _UNPADDED and not minutes else part
    if not any(character.isdigit() for character in written):
        return value.isoformat(sep=" ") if isinstance(value, datetime) else value.isoformat()
    return written.strip()


def _before_seconds(tokens: list[str]) -> bool:
    letters = [token.lower() for token in tokens if token.isalpha()]
    return bool(letters) and letters[0] in ("s", "ss")


def _number(value: float, shape: str) -> str:
    positive, _, rest = _CURRENCY.sub(r'"\1"', shape).partition(";")
    part = rest.partition(";")[0] if value < 0 and rest else positive
    part = _BRACKETS.sub("", part)
    match = _NUMBER.search(part)
    if match is None or "general" in part.lower():
        return _plain(value)
    amount = abs(value) if value < 0 and rest else value
    if "%" in part:
        amount *= 100
    decimals = len(match[1] or "")
    grouped = "," if "," in match[0] else ""
    written = f"{amount:{grouped}.{decimals}f}"
    before, after = (
        _QUOTED.sub(r"\1\2", text) for text in (part[: match.start()], part[match.end() :])
    )
    return f"{before}{written}{after}".strip()


def _plain(value: float) -> str:
    return str(int(value)) if float(value).is_integer() and abs(value) < 1e15 else f"{value:.12g}"
