"""Tell what a chunk stands under that begins inside a table, a record or a list."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import chain, islice, pairwise

from app.ingest.extracted import ExtractedDocument, clean_line
from graphs.leads import FIELD, ITEM, MORE
from graphs.tables import tables
from graphs.text import sentences
from graphs.units import paragraphs

FIELD_BREAK = re.compile(r"(?<=;)\s(?=[^:;\n]{1,60}: \S)")

_NEXT_FIELD = re.compile(rf"\n|{FIELD_BREAK.pattern}")
_LINE = re.compile(r"([^\S\n]*)(\S[^\n]*)")
_KEYS = 2  # fields that tell which record it is: a number and a name
_LONGEST = 60  # characters of such a field; a longer one is text
_MOST_PARENTS, _DEEPEST = 5, 20  # items above an item, and spaces before one
_LONGEST_LEAD = 300

Span = tuple[int, int]


class Headers:
    """What stands above each place of a text that cannot be understood without it."""

    def __init__(self, extracted: ExtractedDocument) -> None:
        """Find all tables, records and lists once."""
        self._text = extracted.text
        records, prose = list[Span](), list[Span]()
        for span in paragraphs(self._text):
            (records if extracted.is_record(span[0]) else prose).append(span)
        self._records = records
        self._tables = [table for span in prose for table in tables(self._text, *span)]
        self._leads = _Lists(self._text, _between(extracted.records, len(self._text))).leads

    def at(self, offset: int) -> str:
        """Return the header of a chunk that begins at an offset; "" where it needs none."""
        return self._of_record(offset) or self._of_table(offset) or self._of_list(offset)

    def _of_record(self, offset: int) -> str:
        at = bisect_left(self._records, (offset,)) - 1
        start, end = self._records[at] if at >= 0 else (0, 0)
        return _keys(self._text[start:end], offset - start) if start < offset < end else ""

    def _of_table(self, offset: int) -> str:
        at = bisect_left(self._tables, offset, key=lambda table: table.body) - 1
        return self._tables[at].above(self._text, offset) if at >= 0 else ""

    def _of_list(self, offset: int) -> str:
        at = bisect_right(self._leads, offset, key=lambda lead: lead[0]) - 1
        return self._leads[at][1] if at >= 0 else ""


def _between(records: Sequence[Span], length: int) -> Iterator[Span]:
    edges = [0, *chain.from_iterable(records), length]
    return zip(edges[::2], edges[1::2], strict=True)


def _keys(record: str, offset: int) -> str:
    """Return a record's first short fields, and the name of the field that an offset lies in."""
    starts = _field_starts(record)
    at = bisect_right(starts, offset) - 1
    keys = list(islice(_short_fields(record, starts[: at + 1]), _KEYS))
    name = FIELD.match(record, starts[at]) if starts[at] < offset else None
    return "; ".join([*keys, *([f"{name[1]}: {MORE}"] if name else [])])


def _short_fields(record: str, starts: list[int]) -> Iterator[str]:
    for left, right in pairwise(starts):
        if right - left <= _LONGEST and "|" not in record[left:right]:
            yield clean_line(record[left:right]).rstrip(";")


@lru_cache(maxsize=1)  # each chunk of a long record asks for them
def _field_starts(record: str) -> list[int]:
    return [0, *(match.end() for match in _NEXT_FIELD.finditer(record))]


class _Lists:
    """The lists of a text: of each item the lead-in and the items that it stands under."""

    def __init__(self, text: str, prose: Iterable[Span]) -> None:
        self.leads: list[tuple[int, str]] = []
        """What holds from an offset on."""
        self._text = text
        self._lead = ""
        for start, end in prose:
            self._add(start, end)
            self.leads.append((end, ""))

    def _add(self, start: int, end: int) -> None:
        self._parents: list[tuple[int, str]] = []
        self._above = (start, start)  # the paragraph before a list
        self._ended = False  # whether the line above ends a sentence
        for apart, line in _lines(self._text, start, end):
            if ITEM.match(line[2]):
                self._add_item(line)
            else:
                self._add_line(line, apart=apart)
            self._ended = line[2].rstrip().endswith((".", "!", "?"))

    def _add_item(self, line: re.Match[str]) -> None:
        indent, said = len(line[1]), line[2]
        if not self._parents:
            self._lead = _lead_in(self._text[slice(*self._above)])
        self._parents = [parent for parent in self._parents if parent[0] < indent]
        near = self._parents[-_MOST_PARENTS:]
        above = [f"{' ' * min(left, _DEEPEST)}{clean_line(item)}" for left, item in near]
        self.leads.append((line.start(2), "\n".join(filter(None, [self._lead, *above]))))
        self._parents.append((indent, said[:_LONGEST_LEAD]))

    def _add_line(self, line: re.Match[str], *, apart: bool) -> None:
        """Go on with an item where the line is set in, or the line above ends no sentence."""
        if self._parents and (line[1] or not (apart or self._ended)):
            return
        if self._parents:
            self._parents = []
            self.leads.append((line.start(), ""))
        self._above = (line.start() if apart else self._above[0], line.end())


def _lines(text: str, start: int, stop: int) -> Iterator[tuple[bool, re.Match[str]]]:
    """Yield each line that holds text, and whether a blank one stands above it."""
    end = start
    for line in _LINE.finditer(text, start, stop):
        yield text.count("\n", end, line.start()) > 1 or end == start, line
        end = line.end()


def _lead_in(paragraph: str) -> str:
    """Return the last sentence of a paragraph, if it ends with a colon."""
    if not paragraph.rstrip().endswith(":"):
        return ""
    said = clean_line(paragraph[slice(*sentences(paragraph)[-1])])
    return said if len(said) <= _LONGEST_LEAD and "|" not in said and said[0] != "#" else ""
