"""Read an answer that is a JSON document."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from graphs.markers import cited, in_one_form, without_markers
from graphs.text import words

_FENCED = re.compile(r"```[^`\n]*\n(?P<json>.*?)\n?\s*```", re.DOTALL)
_STRING = re.compile(r"\"(?P<said>(?:[^\"\\]|\\.)*)\"")
_STRING_OR_MARKERS = re.compile(
    rf"(?P<string>{_STRING.pattern})|(?<=[\w\"}}\]])(?:\s*\[\d{{1,3}}(?:\s*,\s*\d{{1,3}})*\])+"
)
_SEVERAL = re.compile(r"\s*\[[^\[\]]*,")
_DECODER = json.JSONDecoder(parse_float=str, parse_int=str)  # 14.20 is written so in passages


@dataclass(frozen=True)
class Record:
    """A JSON object or list, as it was written and read."""

    text: str
    """Without markers, also inside strings, in its block of code if it was in one."""
    value: dict[str, Any] | list[Any]
    """Its numbers as they were written."""


def read_record(answer: str) -> Record | None:
    """Read an answer, its markers aside, as one JSON object or list; None if it is neither.

    One number in brackets is a marker.
    """
    if not without_markers(answer) and not _SEVERAL.match(answer):
        return None
    bare = answer.strip()
    return _read(bare) or _read(_STRING_OR_MARKERS.sub(lambda found: found["string"] or "", bare))


def _read(text: str) -> Record | None:
    fenced = _FENCED.match(text)
    try:
        value, end = _DECODER.raw_decode(fenced["json"].strip() if fenced else text)
    except (ValueError, RecursionError):  # weak models repeat one bracket up to the limit
        return None
    if fenced and end < len(fenced["json"].strip()):
        return None
    end = fenced.end() if fenced else end
    alone = not words(without_markers(text[end:]))
    if not alone or not value or not isinstance(value, dict | list):
        return None
    return Record(_STRING.sub(_unmarked, text[:end]), value)


def _unmarked(string: re.Match[str]) -> str:
    """Remove the markers of a string, unless it holds nothing else."""
    said = string["said"]
    return f'"{without_markers(said) or said}"' if cited(in_one_form(said)) else string[0]


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield each value of a JSON document as text, under its path of keys."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, f"{path} {key}".strip())
    elif isinstance(value, list):
        for inner in value:
            yield from leaves(inner, path)
    elif value is not None:
        yield path, {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)
