"""Take an answer apart into claims, and put what is left of it together in its own layout.

Knows text, markers, lists, code and JSON; knows nothing of passages.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from graphs.protocols import Claim
from graphs.text import sentences, words

CITED = re.compile(r"\[(\d+)\]")
"""One marker of one citation; its number is the group."""
FENCE = "```"
"""What ends a block of code, where no marker may stand."""
MARKER = re.compile(r"[^\S\n]*\[(\d+(?:\s*,\s*\d+)*)\]")

_PREFIX = re.compile(r"\s*(?:(?:[-*•]|\d{1,3}[.)])[^\S\n]+(?=\S))?")
_FENCED = re.compile(r"```[^\n]*\n.*?(?:```|\Z)", re.DOTALL)
_STOP_THEN_MARKERS = re.compile(rf"([.!?。！？])((?:{MARKER.pattern})+)[.。]?")


@dataclass(frozen=True)
class Line:
    """A line of an answer: its claims behind a list's bullet or number, or a block of code."""

    prefix: str
    claims: tuple[Claim, ...]
    heading: str = ""
    """Text that claims nothing: a heading, the words before a list, a table's rule."""


def read_lines(answer: str) -> list[Line]:
    """Read an answer's lines; a marker belongs to the claim that it follows."""
    tidy = _STOP_THEN_MARKERS.sub(r"\2\1", answer)
    lines: list[Line] = []
    position = 0
    for block in _FENCED.finditer(tidy):
        _append_prose(lines, tidy[position : block.start()].removesuffix("\n"))
        lines.append(_block(block[0]))
        position = block.end()
    _append_prose(lines, tidy[position:].removeprefix("\n") if position else tidy)
    return lines


def _append_prose(lines: list[Line], text: str) -> None:
    for raw in text.split("\n"):
        stripped = without_markers(raw)
        cited = _cited(raw)
        if cited and not words(stripped):
            _cite_last(lines, cited)
        elif not words(stripped) or _is_heading(stripped):
            lines.append(Line("", (), heading=stripped))
        else:
            lines.append(_line(raw))


def _block(code: str) -> Line:
    closed = code if code.endswith(FENCE) else f"{code.rstrip()}\n{FENCE}"
    return Line("", (Claim(closed),)) if words(code) else Line("", (), heading=closed)


def _is_heading(text: str) -> bool:
    return text.startswith("#") or text.endswith(":")


def _line(raw: str) -> Line:
    match = _PREFIX.match(raw)
    assert match is not None, "the prefix may be empty"
    rest = raw[match.end() :]
    if "|" in rest:
        return Line(match[0], (Claim(without_markers(rest), _cited(rest)),))
    return Line(match[0], tuple(_claims(rest)))


def _claims(text: str) -> Iterator[Claim]:
    for start, end in sentences(text):
        said = without_markers(text[start:end])
        if words(said):
            yield Claim(said, _cited(text[start:end]))


def _cite_last(lines: list[Line], cited: tuple[int, ...]) -> None:
    """Give markers that stand alone to the claim before them."""
    for at in reversed(range(len(lines))):
        if lines[at].claims:
            line = lines[at]
            last = line.claims[-1]
            claims = (*line.claims[:-1], Claim(last.text, (*last.cited, *cited)))
            lines[at] = Line(line.prefix, claims)
            return


def _cited(text: str) -> tuple[int, ...]:
    numbers = ",".join(match[1] for match in MARKER.finditer(text))
    return tuple(int(number) - 1 for number in numbers.split(",") if number)


def write_lines(lines: Sequence[Line], write: Callable[[Claim], str | None]) -> str:
    """Write lines with what `write` makes of each claim, None leaving it out.

    A line that lost all its claims goes, and so does a heading that nothing follows.
    """
    written: list[str] = []
    waiting: list[str] = []  # headings and blank lines, until something follows
    for line in lines:
        texts = [text for claim in line.claims if (text := write(claim)) is not None]
        if texts:
            written += [*waiting, line.prefix + " ".join(texts)]
            waiting = []
        elif not line.claims:
            waiting.append(line.heading)
    return "\n".join(written).strip()


def read_json(answer: str) -> dict[str, Any] | list[Any] | None:
    """Read an answer, its markers aside, as one JSON object or list; None if it is neither."""
    try:
        record = json.loads(without_markers(answer))
    except (ValueError, RecursionError):  # weak models repeat one bracket up to the limit
        return None
    return record if isinstance(record, dict | list) and record else None


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


def claims(answer: str) -> list[Claim]:
    """Return all claims of an answer in order."""
    return [claim for line in read_lines(answer) for claim in line.claims]


def without_markers(answer: str) -> str:
    """Remove every `[n]`, and those that removing one leaves, as of `[[1]2]`."""
    left = MARKER.sub("", answer).strip()
    return left if left == answer else without_markers(left)


def without_cut_end(answer: str) -> str:
    """Leave out the last sentence of an answer that reached its token limit, unless it is all."""
    spans = sentences(answer)
    if len(spans) < 2:
        return answer
    end = spans[-2][1]
    markers = re.compile(rf"(?:{MARKER.pattern})*").match(answer, end)
    return answer[: markers.end() if markers else end]
