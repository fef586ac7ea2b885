"""Write dates, times and durations in one section of a number format."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta

from app.ingest.number_formats.sections import ELAPSED, HALF, LETTER, Section, Token, kinds_of

_FIRST_DAY = datetime(1899, 12, 30)
_NAMES = {"m": {3: "%b", 4: "%B"}, "d": {3: "%a", 4: "%A"}}
_DECIMAL = re.compile(r"[se]\.(0+)$")  # of seconds; "e" stands for those of a whole duration
_UNITS = {"h": 3600, "m": 60, "s": 1}
_SMALLEST = timedelta(milliseconds=1)  # of what a spreadsheet keeps in parts of a day

Moment = datetime | date | time | timedelta


def moment_of(days: float, section: Section) -> Moment | None:
    """Return what a spreadsheet counts in days, or None for what no calendar has."""
    try:
        length = timedelta(days=days)
        if ELAPSED in kinds_of(section.tokens):
            return length
        return _FIRST_DAY + length if days >= 0 else None
    except (OverflowError, ValueError):
        return None


def written_moment(value: Moment, section: Section) -> str | None:
    """Write a moment as a section shows it, or return None for what is no form of one."""
    if not section.is_moment or LETTER in kinds_of(section.tokens):
        return None
    length = abs(value) if isinstance(value, timedelta) else _dated(value) - _FIRST_DAY
    try:
        written = "".join(_parts(section.tokens, round(length / _SMALLEST) * _SMALLEST))
    except OverflowError:  # beyond the year 9999
        return None
    sign = "-" if isinstance(value, timedelta) and value < timedelta() else ""
    return " ".join(f"{sign}{written}".split())


def _dated(value: datetime | date | time) -> datetime:
    if isinstance(value, datetime):
        return value.replace(tzinfo=None)
    if isinstance(value, time):
        return datetime.combine(_FIRST_DAY, value.replace(tzinfo=None))
    return datetime.combine(value, time())


def _parts(tokens: Sequence[Token], elapsed: timedelta) -> Iterator[str]:
    moment, kinds = _FIRST_DAY + elapsed, kinds_of(tokens)
    for at, (kind, text) in enumerate(tokens):
        if kind == ELAPSED:
            yield str(elapsed // timedelta(seconds=_UNITS[text[0].lower()])).zfill(len(text))
        elif decimal := _DECIMAL.search(kinds[: at + 1]):
            yield f"{moment.microsecond:06}"[len(decimal[1]) - 1]
        elif kind in "ymdhs":
            unit = "minute" if _is_minute(tokens, at) else kind
            yield _field(moment, unit, text, halved=HALF in kinds)
        else:
            yield _half(moment, text) if kind == HALF else text


def _is_minute(tokens: Sequence[Token], at: int) -> bool:
    """Tell minutes from months, which have the same letter, by the hours or seconds beside."""
    if tokens[at].kind != "m" or len(tokens[at].text) > 2:
        return False
    before = [unit for token in tokens[:at] if (unit := _unit(token))]
    after = [unit for token in tokens[at + 1 :] if (unit := _unit(token))]
    return before[-1:] == ["h"] or after[:1] == ["s"]


def _unit(token: Token) -> str:
    return token.text[0].lower() if token.kind in f"ymdhs{ELAPSED}" else ""


def _half(moment: datetime, text: str) -> str:
    before, _, after = text.partition("/")
    return before if moment.hour < 12 else after


def _field(moment: datetime, unit: str, text: str, *, halved: bool) -> str:
    """Write a number with as many digits as its letters, or a name."""
    if unit == "y":
        return f"{moment.year:04}" if len(text) > 2 else f"{moment.year % 100:02}"
    if unit in "md" and len(text) > 2:
        name = moment.strftime(_NAMES[unit][min(len(text), 4)])
        return name[0] if (unit, len(text)) == ("m", 5) else name
    hour = (moment.hour + 11) % 12 + 1 if halved else moment.hour
    numbers = {"m": moment.month, "d": moment.day, "h": hour, "s": moment.second}
    return str(numbers.get(unit, moment.minute)).zfill(min(len(text), 2))
