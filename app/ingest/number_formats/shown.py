"""Write a spreadsheet's values as its number formats show them; knows no file format."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from app.ingest.number_formats.moments import Moment, moment_of, written_moment
from app.ingest.number_formats.numbers import plain, written_number
from app.ingest.number_formats.sections import (
    AS_TEXT,
    LONGEST,
    Section,
    section_of,
    sections,
    text_section,
)


def shown(value: object, shape: str) -> str:
    """Write a value in the form of a number format such as `#,##0.00 "euro"` or `dd/mm/yyyy`.

    A format that makes no sense gives the value without any form.
    """
    shape = shape if 0 < len(shape) <= LONGEST else "General"
    match value:
        case None:
            return ""
        case bool():
            return str(value).upper()
        case datetime() | date() | time() | timedelta():
            return _moment(value, shape)
        case int() | float():
            return _number(value, shape)
    return _text(str(value), shape)


def _moment(value: Moment, shape: str) -> str:
    written = written_moment(value, sections(shape)[0])
    if written is not None:
        return written
    return str(value) if isinstance(value, datetime | timedelta) else value.isoformat()


def _number(value: float, shape: str) -> str:
    section = section_of(value, shape)
    if section is None:
        return plain(value)
    written = _in_days(value, section) if section.is_moment else written_number(value, section)
    return plain(value) if written is None else written


def _in_days(value: float, section: Section) -> str | None:
    moment = moment_of(value, section)
    return None if moment is None else written_moment(moment, section)


def _text(value: str, shape: str) -> str:
    section = text_section(shape)
    if section is None:
        return value
    return "".join(value if kind == AS_TEXT else text for kind, text in section.tokens).strip()
