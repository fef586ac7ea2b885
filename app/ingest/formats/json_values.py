"""Parse JSON as programs and people write it: several values in a file, remarks, a last comma."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from typing import Any, NamedTuple

from app.ingest.extracted import UnreadableFile
from app.ingest.formats.trees import repeated

_GAP = re.compile(r"[\s,\x1e\ufeff]*")  # between values; RS parts those of a sequence (RFC 7464)
_REMARK = r"//[^\n]*|/\*.*?\*/"
_ASIDE = re.compile(  # what is never closed hides nothing, and is looked through once
    rf'"(?:\\.|[^"\\])*+(?:"|\\?\Z)|(?P<aside>{_REMARK}|,(?=(?:\s|{_REMARK})*+[}}\]]))|/\*.*',
    re.DOTALL,
)
_SHOWN = re.compile(r"\S")


class Values(NamedTuple):
    """The values of a text, and the keys of which it gives a value again."""

    found: list[Any]
    doubled: list[str]


def values_of(text: str, *, first_line: int = 1) -> Values:
    """Return what JSON holds, numbers as they are written: 1.10 must not be quoted as 1.1."""
    with suppress(json.JSONDecodeError):
        return _parsed(text)
    try:
        return _parsed(_ASIDE.sub(_blanked, text))
    except json.JSONDecodeError as error:
        place = f"line {first_line + error.lineno - 1} column {error.colno}"
        raise UnreadableFile(f"is not valid JSON: {place}") from error


def _blanked(part: re.Match[str]) -> str:
    """Leave out a remark or a last comma, so that all else keeps its place."""
    return part[0] if part["aside"] is None else _SHOWN.sub(" ", part[0])


def _parsed(text: str) -> Values:
    doubled: list[str] = []

    def keep(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        tree = dict(pairs)
        if len(tree) < len(pairs):
            doubled.extend(repeated(key for key, _ in pairs))
        return tree

    decoder = json.JSONDecoder(
        strict=False, parse_int=str, parse_float=str, parse_constant=str, object_pairs_hook=keep
    )
    found: list[Any] = []
    at = _after_gap(text, 0)
    while at < len(text) or not found:
        value, end = decoder.raw_decode(text, at)
        found.append(value)
        at = _after_gap(text, end)
    return Values(found, doubled)


def _after_gap(text: str, at: int) -> int:
    gap = _GAP.match(text, at)
    return gap.end() if gap else at
