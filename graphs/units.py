"""Cut text by structure into units: a sentence, a list item, a table row, a field of a record.

A unit is what a claim is checked against and what a citation quotes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from graphs.leads import FIELD, Lead
from graphs.tables import Table, cells, is_rule, is_table_header, later_rows, tables
from graphs.text import STOPWORDS, Span, sentences, trimmed

LONGEST = 300  # characters of a quote; a longer unit is cut where its lines end
PROSE = 60  # characters; a line at least so long may be wrapped, a shorter one stands by itself

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
    def record(self) -> str:
        """The unit, of a row each cell behind what heads its column."""
        if not self.is_row:
            return self.shown
        head, *begun = self.header.split("\n")
        heads, said = cells(head), cells(" ".join([*begun, self.text]))
        cut = head.rstrip().endswith("|") and not self.text.endswith("|")
        if not (len(heads) == len(said) or (len(heads) > len(said) and cut)):
            return self.text
        pairs = zip(heads, said, strict=False)
        return "; ".join(f"{name}: {cell}" if name else cell for name, cell in pairs)

    @property
    def whole(self) -> str:
        """The unit with what it cannot be understood without."""
        return f"{self.before} {self.shown}" if self.points_back else self.shown

    @property
    def points_back(self) -> bool:
        """Whether it begins with a word for what the unit before names."""
        return bool(self.before) and bool(_POINTS_BACK.match(self.text))


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
        if joined and _goes_on(text[joined[-1][0] : joined[-1][1]], text[start:end]):
            joined[-1] = joined[-1][0], end
        else:
            joined.append((start, end))
    return joined


def _goes_on(line: str, below: str) -> bool:
    """Tell a line that its sentence does not end with: by a comma or a word such as "in"."""
    said, after = line.rstrip().rpartition("\n")[2], below.lstrip()
    if "|" in said + after or FIELD.match(after) or _ITEM.match(after):
        return False
    last = said.rpartition(" ")[2]
    if said.endswith(",") or (last.islower() and last in STOPWORDS):
        return True
    return len(said) >= PROSE // 2 and after[0].islower() and said[-1].isalnum()


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
