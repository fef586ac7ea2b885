"""Put words into rows and rows into segments by the gaps between them."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from statistics import median
from unicodedata import bidirectional

from app.ingest.pdf.glyphs import Word
from graphs.text import sentences

GUTTER = 0.9  # of a row's size of type; a wider gap is more than a space between two words
_SPACE = 0.3  # of a row's size of type; between two words

_LEANS = {"R": 1, "AL": 1, "L": -1}  # what Unicode tells of letters
_PHRASES = {True: re.compile("L(?:n*L)+"), False: re.compile("R(?:n*R)+")}
_OVERLAP = 0.5  # of the lower of two words: so much stands side by side


@dataclass(frozen=True)
class Segment:
    """Words of a row that stand closely together."""

    words: tuple[Word, ...]

    @cached_property
    def text(self) -> str:
        """The words in the order of reading, without those that are struck."""
        return " ".join(filter(None, (word.text for word in _in_order(self.words))))

    @cached_property
    def x0(self) -> float:
        """Its left edge."""
        return self.words[0].x0

    @cached_property
    def x1(self) -> float:
        """Its right edge."""
        return max(word.x1 for word in self.words)


@dataclass(frozen=True)
class Row:
    """Words side by side, from left to right."""

    words: tuple[Word, ...]

    @cached_property
    def top(self) -> float:
        """Its upper edge."""
        return min(word.top for word in self.words)

    @cached_property
    def bottom(self) -> float:
        """Its lower edge."""
        return max(word.bottom for word in self.words)

    @cached_property
    def height(self) -> float:
        """How tall most of its words are."""
        return median(word.height for word in self.words)

    @cached_property
    def segments(self) -> list[Segment]:
        """Its words, parted at wide gaps."""
        parts: list[list[Word]] = []
        end = -math.inf
        for word in self.words:
            if word.x0 - end > GUTTER * self.height:
                parts.append([])
            parts[-1].append(word)
            end = max(end, word.x1) if parts[-1][1:] else word.x1
        return [Segment(tuple(part)) for part in parts]

    @cached_property
    def line(self) -> Segment:
        """Its words as one segment."""
        return Segment(self.words)


def rows_of(words: Sequence[Word]) -> list[Row]:
    """Put words that stand side by side into rows, from top to bottom."""
    rows: list[list[Word]] = []
    for word in sorted(words, key=lambda w: w.top + w.bottom):
        if rows and any(_beside(other, word) for other in rows[-1][-4:]):
            rows[-1].append(word)
        else:
            rows.append([word])
    return [Row(tuple(sorted(row, key=lambda w: w.x0))) for row in rows]


def wrapped_lines(rows: Sequence[Row]) -> list[tuple[Row, Row]]:
    """Return the lines of running text that begin amid a sentence, each behind the one above it.

    Its first word found no room there. Of running text some lines hold the end of a sentence and
    the beginning of the next one, which cells and items hardly ever do.
    """
    right = max((row.line.x1 for row in rows), default=0.0)
    if not any(len(sentences(row.line.text)) > 1 for row in rows):
        return []
    return [(above, row) for above, row in pairwise(rows) if _goes_on(above, row, right)]


def _goes_on(above: Row, row: Row, right: float) -> bool:
    first = row.words[0]
    begins = first.text[:1].isalpha() and not first.text[:1].isupper()
    return begins and above.line.x1 + first.x1 - first.x0 > right - _SPACE * row.height


def _beside(one: Word, other: Word) -> bool:
    shared = min(one.bottom, other.bottom) - max(one.top, other.top)
    return shared >= _OVERLAP * min(one.bottom - one.top, other.bottom - other.top)


def _in_order(words: Sequence[Word]) -> list[Word]:
    """Return the words of a line as they are read: a foreign phrase runs against the others.

    This is rule L2 of Unicode's bidirectional algorithm, for words. A number at the edge of a
    phrase belongs to the line, for its place does not tell.
    """
    leftwards = right_to_left(word.text for word in words)
    ordered = list(words[::-1] if leftwards else words)
    kinds = "".join(map(_kind, ordered))
    for phrase in _PHRASES[leftwards].finditer(kinds):
        ordered[slice(*phrase.span())] = ordered[slice(*phrase.span())][::-1]
    return ordered


def _kind(word: Word) -> str:
    lean = _lean(word.text)
    return "R" if lean > 0 else "L" if lean < 0 else "n"


def right_to_left(texts: Iterable[str]) -> bool:
    """Tell by most of their letters in which direction texts are read."""
    return sum(map(_lean, texts)) > 0


def _lean(text: str) -> int:
    """Count by how many more letters run to the left than to the right."""
    return sum(_LEANS.get(bidirectional(character), 0) for character in text)
