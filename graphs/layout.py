"""Take an answer apart into claims, and put what is left of it together in its own layout.

Knows an answer's lines, and of passages only what words and documents they have.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from graphs.entries import Entry, Kind, entries, items_below
from graphs.known import Known
from graphs.markers import (
    CITED,
    MARKER,
    cited,
    in_one_form,
    markers_first,
    without_markers,
    without_names,
)
from graphs.protocols import Claim
from graphs.text import sentences, words

__all__ = ["CITED", "Line", "claims", "read_lines", "without_cut_end", "without_markers"]

_LABEL = re.compile(r"\A\W*[^\W\d_]+\W*:")


@dataclass(frozen=True)
class Line:
    """A line of an answer: what it says behind a list's bullet or number, or a block of code."""

    prefix: str
    parts: tuple[Claim | str, ...]
    """Its claims, and between them what claims nothing: a question, the words before a list."""
    heading: str = ""
    """A line that claims nothing: a heading, a table's first row, an empty one."""
    tabular: bool = False
    """Whether it is a part of a table."""

    @property
    def claims(self) -> tuple[Claim, ...]:
        """What it claims."""
        return tuple(part for part in self.parts if isinstance(part, Claim))


def read_lines(answer: str, known: Known | None = None) -> list[Line]:
    """Read an answer's lines; a marker belongs to the claim that it follows.

    A heading that tells more than what is known claims it; where nothing is given, none does.
    """
    documents = known.documents if known else ()
    lines: list[Line] = []
    found = entries(answer)
    for at, entry in enumerate(found):
        if entry.kind == "code":
            lines.append(_block(entry))
            continue
        text = markers_first(in_one_form(entry.text, documents))
        if _is_source(text, documents) and any(line.claims for line in lines):
            continue
        if cited(text) and not words(without_markers(text)):
            _cite_last(lines, cited(text))
        else:
            below = items_below(found, at) if entry.kind in ("label", "lead") else 0
            parts = tuple(_parts(entry.kind, text, known, below))
            lines.append(_line(replace(entry, text=text), parts))
    return lines


def _is_source(text: str, documents: Sequence[str]) -> bool:
    """Tell whether a line only says which documents markers stand for: "[1] boats.md"."""
    if not cited(text) or not words(without_markers(text)):
        return False
    begun = MARKER.match(text) or _LABEL.match(text)
    return bool(begun) and not words(_LABEL.sub("", without_names(text, documents)))


def _line(entry: Entry, parts: tuple[Claim | str, ...]) -> Line:
    tabular = entry.kind in ("head", "rule", "row")
    if any(isinstance(part, Claim) for part in parts):
        return Line(entry.prefix, parts, tabular=tabular)
    heading = entry.prefix + without_markers(entry.text)
    return Line("", (), heading.rstrip(), tabular)


def _block(entry: Entry) -> Line:
    code, fence = entry.text, entry.text[:3]
    closed = code if code[3:].endswith(fence) else f"{code.rstrip()}\n{fence}"
    if words(code):
        return Line(entry.prefix, (Claim(closed),))
    return Line("", (), entry.prefix + closed)


def _parts(kind: Kind, text: str, known: Known | None, below: int) -> Iterator[Claim | str]:
    """Yield a line's sentences, of which the last may be a heading, or a row as one."""
    spans = [(0, len(text))] if kind in ("row", "head", "rule") else sentences(text)
    for start, end in spans:
        said = without_markers(text[start:end])
        heads = kind in ("head", "label", "lead") and end == spans[-1][1]
        if not words(said):
            continue
        if _is_aside(kind if heads else "prose", said, known, below):
            yield said
        else:
            yield Claim(said, cited(text[start:end]))


def _is_aside(kind: Kind, said: str, known: Known | None, below: int) -> bool:
    """Tell whether words claim nothing: a question, or a heading that tells nothing."""
    if known is None:
        return kind != "prose"
    if kind == "prose":
        return known.asks(said)
    if kind == "head":
        return not known.counts_more(said)
    return not known.tells(said, label=kind == "label", below=below)


def _cite_last(lines: list[Line], numbers: tuple[int, ...]) -> None:
    """Give markers that stand alone to the claim before them."""
    at = max((at for at, line in enumerate(lines) if line.claims), default=None)
    if at is None:
        return
    *before, last = lines[at].parts
    if isinstance(last, Claim):
        last = Claim(last.text, (*last.cited, *numbers))
        lines[at] = replace(lines[at], parts=(*before, last))


def write_lines(lines: Sequence[Line], write: Callable[[Claim], str | None]) -> str:
    """Write lines with what `write` makes of each claim, None leaving it out.

    A line that lost all its claims goes, and so does a heading that nothing follows.
    """
    written: list[str] = []
    waiting: list[Line] = []  # headings and empty lines, until something follows
    for line in lines:
        if not line.tabular:  # a table that lost its rows has no use for the first
            waiting = [above for above in waiting if not above.tabular]
        if not line.claims:
            waiting.append(line)
            continue
        text = " ".join(_said(line, write))
        if text:
            written += [*(above.heading for above in waiting), line.prefix + text]
            waiting = []
    return "\n".join(written).strip()


def _said(line: Line, write: Callable[[Claim], str | None]) -> Iterator[str]:
    """Yield what is written of a line: each claim that stays, with what stands before it.

    What stands behind the last claim is written if any stays.
    """
    asides, stays = list[str](), False
    for part in line.parts:
        if isinstance(part, str):
            asides.append(part)
            continue
        text = write(part)
        if text is not None:
            stays = True
            yield from (*asides, text)
        asides = []
    yield from asides if stays else ()


def claims(answer: str) -> list[Claim]:
    """Return all claims of an answer in order."""
    return [claim for line in read_lines(answer) for claim in line.claims]


def without_cut_end(answer: str) -> str:
    """Leave out the last sentence of an answer that reached its token limit, unless it is all."""
    spans = sentences(answer)
    if len(spans) < 2:
        return answer
    end = spans[-2][1]
    markers = re.compile(rf"(?:{MARKER.pattern})*").match(answer, end)
    return answer[: markers.end() if markers else end]
