"""Take an answer apart into claims, and put what is left of it together in its own layout.

Knows an answer's lines, and of passages only what words and documents they have.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from graphs.entries import Entry, Kind, counters, entries, items_below
from graphs.inline_markers import in_words, read_claim
from graphs.known import Counts, Known
from graphs.loops import looped
from graphs.markers import (
    CITED,
    MARKER,
    WIDEST,
    behind_markers,
    cited,
    in_one_form,
    markers_first,
    without_markers,
    without_names,
)
from graphs.markup import FENCES, with_behind
from graphs.places import Places
from graphs.protocols import Claim
from graphs.text import sentences, words

__all__ = ["CITED", "Line", "claims", "read_lines", "without_cut_end", "without_markers"]

UNFOUND = "(not found in the documents)"

_HEADS: tuple[Kind, ...] = ("head", "label", "lead")
_LABEL = re.compile(r"\A\W*[^\W\d_]+\W*[:：]")


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
    leads: bool = False
    """Whether it claims something that lines below it stand under."""

    @property
    def claims(self) -> tuple[Claim, ...]:
        """What it claims."""
        return tuple(part for part in self.parts if isinstance(part, Claim))


def read_lines(answer: str, known: Known | None = None) -> list[Line]:
    """Read an answer's lines; a marker belongs to the claim that it follows.

    A heading that tells more than what is known claims it; where nothing is given, none does.
    """
    documents, shown = known.documents if known else (), _shown(known)
    lines: list[Line] = []
    found = entries(answer)
    counted, places = counters(found), Places(found)
    for at, entry in enumerate(found):
        if entry.kind == "code":
            lines.append(_block(entry))
            continue
        text = markers_first(in_one_form(entry.text, documents, shown))
        bare = without_markers(text, shown)
        if _is_source(text, bare, documents) and any(line.claims for line in lines):
            continue
        if cited(text) and not words(bare):
            _cite_last(lines, cited(text))
        else:
            below = items_below(found, at) if entry.kind in ("label", "lead") else 0
            counts = Counts({str(below)} if below else set(), counted.get(at, frozenset()))
            said = _parts(entry.kind, text, known, counts)
            parts = tuple(_placed(part, places, at) for part in said)
            lines.append(_line(replace(entry, text=in_words(_read(text, known))), parts))
    return lines


def _shown(known: Known | None) -> int:
    """Count the passages that markers may cite."""
    return len(known.passages) if known and known.passages else WIDEST


def _is_source(text: str, bare: str, documents: Sequence[str]) -> bool:
    """Tell whether a line only says which documents markers stand for: "[1] boats.md"."""
    if not cited(text) or not words(bare):
        return False
    begun = MARKER.match(text) or _LABEL.match(text)
    return bool(begun) and not words(_LABEL.sub("", without_names(text, documents)))


def _line(entry: Entry, parts: tuple[Claim | str, ...]) -> Line:
    tabular = entry.kind in ("head", "rule", "row")
    if any(isinstance(part, Claim) for part in parts):
        return Line(entry.prefix, parts, tabular=tabular, leads=entry.kind in _HEADS)
    return Line("", (), entry.whole.rstrip(), tabular)


def _block(entry: Entry) -> Line:
    code, fence = entry.text, entry.text[: _leading(entry.text, entry.text[0])]
    ended = not code.startswith(FENCES) or code[len(fence) :].endswith(fence)
    closed = code if ended else f"{code.rstrip()}\n{fence}"
    if words(code):
        return Line(entry.prefix, (Claim(closed),))
    return Line("", (), entry.prefix + closed)


def _leading(text: str, mark: str) -> int:
    """Count the marks that a text begins with: a fence's, or those of a title's depth."""
    return len(text) - len(text.lstrip(mark))


def _parts(kind: Kind, text: str, known: Known | None, counts: Counts) -> Iterator[Claim | str]:
    """Yield a line's sentences, of which the last may be a heading, or a row as one."""
    spans = [(0, len(text))] if kind in ("row", "head", "rule") else sentences(text)
    for start, end in spans:
        said = without_markers(text[start:end], _shown(known))
        heads = kind in _HEADS and end == spans[-1][1]
        if not words(said):
            continue
        claim = _read(text[start:end], known)
        aside = _is_aside(kind if heads else "prose", said, known, counts)
        yield in_words(claim) if aside else claim


def _read(text: str, known: Known | None) -> Claim:
    return read_claim(text, _shown(known), known.shown if known else frozenset[str]())


def _is_aside(kind: Kind, said: str, known: Known | None, counts: Counts) -> bool:
    """Tell whether words claim nothing: a question, or a heading that tells nothing."""
    if known is None:
        return kind != "prose"
    if kind == "prose":
        return known.asks(said)
    if kind == "head":
        return not known.counts_more(said)
    return not known.tells(said, label=kind == "label", counts=counts)


def _placed(part: Claim | str, places: Places, at: int) -> Claim | str:
    if isinstance(part, str):
        return part
    return replace(part, places=places.of(at, part.text))


def _cite_last(lines: list[Line], numbers: tuple[int, ...]) -> None:
    """Give markers that stand alone to the claim before them."""
    at = max((at for at, line in enumerate(lines) if line.claims), default=None)
    if at is None:
        return
    *before, last = lines[at].parts
    if isinstance(last, Claim):
        last = replace(last, cited=(*last.cited, *numbers))
        lines[at] = replace(lines[at], parts=(*before, last))


Write = Callable[[Claim], tuple[str, str] | None]
"""Says what becomes of a claim, and what stands behind it; None leaves it out."""


def write_lines(lines: Sequence[Line], write: Write) -> str:
    """Write lines with what `write` makes of each claim.

    What is said in a loop is written once. A line that lost all its claims goes. So does a heading
    that nothing follows, or that lost what stood below it. A heading that is itself left out is
    written as `UNFOUND` where what stands below it would come under the heading before.
    """
    page = _Page(write)
    for line in _without_loops(lines):
        if not line.tabular:  # a table that lost its rows has no use for the first
            page.waiting = [above for above in page.waiting if not above.tabular]
        if line.claims:
            page.tell(line)
        else:
            page.head(line)
    return "\n".join(page.written).strip()


def _without_loops(lines: Sequence[Line]) -> Iterator[Line]:
    """Yield lines without claims that are said in a loop; headings tell claims apart."""
    told = [_told(line) for line in lines]
    again = iter(looped([said for line in told for said in line]))
    for line, said in zip(lines, told, strict=True):
        looping = list(islice(again, len(said)))
        if not looping or not all(looping):
            yield _without(line, looping)


def _told(line: Line) -> list[tuple[str, bool]]:
    """Return a line's claims, or its heading; the two are never the same."""
    if line.claims:
        return [(claim.text, True) for claim in line.claims]
    return [(line.heading, False)] if words(line.heading) else []


def _without(line: Line, left_out: Sequence[bool]) -> Line:
    """Leave claims out of a line, each with what stands before it."""
    parts, since, fate = list[Claim | str](), list[Claim | str](), iter(left_out)
    for part in line.parts:
        since.append(part)
        if isinstance(part, Claim):
            parts += [] if next(fate) else since
            since = []
    return replace(line, parts=(*parts, *since))


@dataclass
class _Page:
    """What is written so far, and what waits for something to follow it."""

    write: Write
    written: list[str] = field(default_factory=list)
    waiting: list[Line] = field(default_factory=list)
    """Headings and empty lines."""
    heading: str = ""
    """The last one that has words, whether it claims something or not."""
    fell: bool = False
    """Whether the last line with claims below the last heading lost them all."""

    def head(self, line: Line) -> None:
        if words(line.heading) and not line.tabular:
            if self.fell:
                del self.waiting[self._emptied(_leading(line.heading, "#")) :]
            self.heading, self.fell = line.heading, False
        self.waiting.append(line)

    def _emptied(self, level: int) -> int:
        """Tell from where on waiting headings are over: titles as high, or the last heading."""
        over = [
            at
            for at, above in enumerate(self.waiting)
            if (_leading(above.heading, "#") >= level if level else words(above.heading))
        ]
        return over[0 if level else -1] if over else len(self.waiting)

    def tell(self, line: Line) -> None:
        text = " ".join(_said(line, self.write))
        if line.leads and not line.tabular and not text and self.heading:
            self.head(Line("", (), f"{line.prefix}{_whole(line)} {UNFOUND}"))
            return
        if line.leads and text:
            last = line.parts[-1]
            self.heading = last.text if isinstance(last, Claim) else last
        self.fell = not text
        if text:
            self.written += [*(above.heading for above in self.waiting), line.prefix + text]
            self.waiting = []


def _whole(line: Line) -> str:
    return " ".join(in_words(part) if isinstance(part, Claim) else part for part in line.parts)


def _said(line: Line, write: Write) -> Iterator[str]:
    """Yield what is written of a line: each claim that stays, with what stands before it.

    What stands behind the last claim is written if any stays.
    """
    asides, stays = list[str](), False
    for part in line.parts:
        if isinstance(part, str):
            asides.append(part)
            continue
        written = write(part)
        if written is not None:
            stays, indent = True, re.sub(r"\S", " ", line.prefix)
            text = with_behind(*written, tabular=line.tabular, indent=indent)
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
    return answer[: behind_markers(answer, end)]
