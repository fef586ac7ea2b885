"""Write the events of an iCalendar text as lines; knows nothing of e-mails."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta

_FOLD = re.compile(r"\r?\n[ \t]")
_PROPERTY = re.compile(r"""([\w-]+)((?:;[\w-]+=(?:"[^"]*"|[^":;]*))*):(.*)""")
_PARAMETER = re.compile(r""";([\w-]+)=(?:"([^"]*)"|([^";]*))""")
_TIME = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)\d\d(Z?))?")
_DAY = re.compile(r"\d{8}")
_ESCAPED = re.compile(r"\\(.)")
_LABELS = {
    "METHOD": "Method",
    "SUMMARY": "Event",
    "DTSTART": "Start",
    "DTEND": "End",
    "DUE": "Due",
    "LOCATION": "Location",
    "STATUS": "Status",
    "ORGANIZER": "Organizer",
    "ATTENDEE": "Attendee",
    "RRULE": "Repeats",
    "DESCRIPTION": "Description",
}
_TECHNICAL = {"VTIMEZONE", "VALARM"}


def calendar_lines(text: str) -> Iterator[str]:
    """Yield what is said of each event, one property a line."""
    inside: list[str] = []
    for line in _FOLD.sub("", text).splitlines():
        found = _PROPERTY.fullmatch(line.strip())
        name, parameters, value = found.groups() if found else ("", "", "")
        if name == "BEGIN":
            inside.append(value)
        elif name == "END":
            inside = inside[:-1]
        elif name in _LABELS and value and not _TECHNICAL.intersection(inside):
            told = {key: quoted or bare for key, quoted, bare in _PARAMETER.findall(parameters)}
            yield f"{_LABELS[name]}: {_said(_last_day(name, value), told)}"


def _last_day(name: str, value: str) -> str:
    """Return the last day of an event of whole days, which ends before the day that is written."""
    if name != "DTEND" or not _DAY.fullmatch(value):
        return value
    return f"{date.fromisoformat(value) - timedelta(days=1):%Y%m%d}"


def _said(value: str, parameters: dict[str, str]) -> str:
    """Write a time, a person or a text as people do."""
    if time := _TIME.fullmatch(value):
        year, month, day, hour, minute, universal = time.groups()
        zone = "UTC" if universal else parameters.get("TZID", "")
        clock = f" {hour}:{minute} {zone}" if hour else ""
        return f"{year}-{month}-{day}{clock}".strip()
    text = _ESCAPED.sub(lambda found: " " if found[1] in "nN" else found[1], value)
    address = text.removeprefix("mailto:").removeprefix("MAILTO:")
    return f"{parameters['CN']} <{address}>" if "CN" in parameters else address
