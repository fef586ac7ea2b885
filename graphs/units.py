"""Cut text by structure into units: a sentence, a list item, a table row, a field of a record.

A unit is what a claim is checked against and what a citation quotes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from graphs.abbreviations import cut_off
from graphs.capitals import masked
from graphs.leads import FIELD, Lead
from graphs.numbering import counts_nothing
from graphs.stops import COLONS, ENDS
from graphs.tables import Table, cells, is_rule, is_table_header, later_rows, tables
from graphs.text import Span, ends_open, sentences, trimmed

LONGEST = 300  # characters of a quote; a longer unit is cut where its lines end
PROSE = 60  # characters; a line at least so long may be wrapped, a shorter one stands by itself

_CLAUSE = re.compile(r"\d{1,3}(?:\.\d{1,3})+\.?\s")
_HYPHEN = re.compile(r"[^\W_]-$")
_NUMBER_ENDS = re.compile(r"\d(?:[\d.,]*\d)?[.,;](?:\s|$)")
_LABEL = 20  # characters; a shorter line may name the number below it
_ITEM = re.compile(r"(?:[-*•#]|\(?\w{1,3}[.)])\s")
_POINTS_BACK = re.compile(
    r"(?:it|its|they|their|them|he|his|she|her|this|that|these|those|such|both|members?)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Unit:
    """A span of a text that says one thing, with what it cannot be understood without."""

    start: int
    end: int
    text: str
    header: str = ""
    """The header of the table that a row stands in, or what a record or list begins with."""
    before: str = ""
    """The unit before, in the same paragraph."""

    @property
    def shown(self) -> str:
        """The unit under its header."""
        return f"{self.header}\n{self.text}" if self.header else self.text

    @property
    def is_row(self) -> bool:
        """Whether it stands under the header of a table."""
        return is_table_header(self.header)

    @property
    def fields(self) -> list[tuple[str, str]]:
        """Of a row, what heads each column and its cell; nothing where these do not match."""
        if not self.is_row:
            return []
        head, *begun = self.header.split("\n")
        heads, said = cells(head), cells(" ".join([*begun, self.text]))
        cut = head.rstrip().endswith("|") and not self.text.endswith("|")
        fit = len(heads) == len(said) or (len(heads) > len(said) and cut)
        return list(zip(heads, said, strict=False)) if fit else []

    @property
    def record(self) -> str:
        """The unit, of a row each cell behind what heads its column."""
        if not self.is_row:
            return self.shown
        fields = (f"{name}: {cell}" if name else cell for name, cell in self.fields)
        return "; ".join(fields) or self.text

    @property
    def whole(self) -> str:
        """The unit with what it cannot be understood without."""
        return f"{self.before} {self.shown}" if self.points_back else self.shown

    @property
    def points_back(self) -> bool:
        """Whether it begins with a word for what the unit before names."""
        return bool(self.before) and bool(_POINTS_BACK.match(masked(self.text)))


def units(text: str, header: str = "") -> list[Unit]:
    """Return a text's units in order; together they hold every character but white space.

    `header` is that of the table whose later rows the text begins with, or of the record or list.
    """
    result: list[Unit] = []
    lead = Lead("" if is_table_header(header) else header, text)
    for start, end in paragraphs(text):
        rows_go_on = not start and is_table_header(header)
        found = [later_rows(end, header)] if rows_go_on else [*tables(text, start, end)]
        if start:
            lead.enter(text[start:end])
        before = ""
        for left, right in _spans(text, start, end, found):
            said, above = text[left:right], lead.over(text, left)
            if not is_rule(said):
                rows = filter(None, (table.above(text, left) for table in found))
                result.append(Unit(left, right, said, next(rows, above), before))
                before = said
    return result


def paragraphs(text: str) -> Iterator[Span]:
    """Yield the spans between blank lines."""
    start = 0
    for match in re.finditer(r"\n[ \t]*\n", text):
        yield start, match.start()
        start = match.end()
    yield start, len(text)


def _spans(text: str, start: int, end: int, found: Sequence[Table]) -> Iterator[Span]:
    """Cut a paragraph: at sentences' ends, and at each line's end unless it is wrapped."""
    lines = [m.span() for m in re.compile(r"[^\n]*\S[^\n]*").finditer(text, start, end)]
    if any(not table.drawn for table in found):
        yield from (span for line in lines for span in trimmed(text, *line))
        return
    wrapped = (
        len(lines) > 1
        and all(b - a >= PROSE // 2 for a, b in lines[:-1])
        and any(b - a >= PROSE for a, b in lines)
    )
    for left, right in [(start, end)] if wrapped or len(lines) < 2 else _unwrapped(text, lines):
        for a, b in sentences(text[left:right]):
            yield from _short(text, left + a, left + b)


def _unwrapped(text: str, lines: Sequence[Span]) -> list[Span]:
    """Join each line to those that it cannot do without."""
    joined: list[Span] = []
    for start, end in lines:
        if joined and _goes_on(text, joined[-1], (start, end)):
            joined[-1] = joined[-1][0], end
        else:
            joined.append((start, end))
    return joined


def _goes_on(text: str, block: Span, line: Span) -> bool:
    """Tell a line that what is above it does not end with."""
    above, below = text[slice(*block)].rstrip(), text[slice(*line)]
    said, after = above.rpartition("\n")[2], below.lstrip()
    item = _ITEM.match(after) and not counts_nothing(text, line[0])
    if "|" in said + after or FIELD.match(after) or item:
        return False
    set_in = _indent(below) > _indent(above) and not _CLAUSE.match(after)
    return _is_open(said, after) or (set_in and _is_open_item(above.lstrip()))


def _is_open_item(said: str) -> bool:
    numbered = _ITEM.match(said) or _CLAUSE.match(said)
    return bool(numbered) and not said.endswith((*ENDS, *COLONS))


def _is_open(said: str, after: str) -> bool:
    """Tell a line that ends within a sentence: with a comma, a hyphen, or a word such as "in"."""
    if ends_open(said) or _HYPHEN.search(said):
        return True
    if after[0].isdigit():
        last = said.rpartition(" ")[2]
        named = len(said) >= _LABEL and last.isalpha() and last.islower()
        return cut_off(said) or bool(named and _NUMBER_ENDS.match(after))
    return len(said) >= PROSE // 2 and after[0].islower() and said[-1].isalnum()


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _short(text: str, start: int, end: int) -> Iterator[Span]:
    """Cut what is too long to quote where its lines end, or its fields."""
    if end - start <= LONGEST:
        yield start, end
        return
    cuts = [m.end() for m in re.compile(r"\n|; ").finditer(text, start, end)]
    left = start
    for cut, following in pairwise([*cuts, end]):
        if following - left > LONGEST:
            yield from trimmed(text, left, cut)
            left = cut
    yield from trimmed(text, left, end)
