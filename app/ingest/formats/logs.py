"""Read logs entry by entry; knows no program that writes them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from app.ingest.extracted import TextBuilder, clean
from app.ingest.formats.plain import decode

_TERMINAL = re.compile(  # what tells a terminal about colours, the cursor and titles (ECMA-48)
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b\n]*(?:\x07|\x1b\\)|[(-/][0-~]|[0-Z\\^-~])"
)
_LINE = re.compile(r"^(?=\S)", re.MULTILINE)
_MOMENT = re.compile(r"[^\n]{0,60}?(?<![\w.:])(?:\d{1,2}:\d\d(?!\d)|\d{4}-\d\d-\d\d)")

_NEAR = 3  # lines between an entry and the first indented one of its exception


def read_log(data: bytes, builder: TextBuilder) -> None:
    """Add each entry as a record: a line with what belongs to it below."""
    builder.records = True
    for entry in _entries(clean(without_colours(decode(data)))):
        builder.add("\n".join(line for line in entry.split("\n") if line.strip()))


def without_colours(text: str) -> str:
    """Leave out what a terminal does not show."""
    return _TERMINAL.sub("", text) if "\x1b" in text else text


def _entries(text: str) -> Iterator[str]:
    """Yield each line with the indented ones below it, and the exception that it tells of.

    An exception stands below a line with a moment, has none itself, and holds indented lines.
    """
    parts = _LINE.split(text)
    dated = [at for at, part in enumerate(parts) if _MOMENT.match(part)]
    yield from parts[: dated[0]] if dated else parts
    for at, following in pairwise([*dated, len(parts)]):
        end = at + 1 + _end_of_exception(parts[at + 1 : following])
        yield from ["".join(parts[at:end]), *parts[end:following]]


def _end_of_exception(parts: Sequence[str]) -> int:
    """Return how many lines, each with those below it, tell of an exception; the last names it."""
    set_in = [at for at, part in enumerate(parts) if "\n" in part.strip()]
    return min(set_in[-1] + 2, len(parts)) if set_in and set_in[0] < _NEAR else 0
