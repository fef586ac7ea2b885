"""Give the large first letter of a text back to the word that it begins."""

from __future__ import annotations

import re
from collections.abc import Sequence
from statistics import median

from app.ingest.hyphens import words_of
from app.ingest.pdf.glyphs import INITIAL, Word
from app.ingest.pdf.rows import Row, rows_of

_LETTER = re.compile(r"[^\w\s]?[^\W\d_]")  # also behind a quotation mark
_NEAR = 0.5  # of the letter's size; lines beside it begin no further away
_CLOSE = 0.22  # of its size; so near its word follows where only one line stands beside it
_OVER = 0.1  # of its size; more of a line above or below covers it
_SPACE = 0.15  # of the size of type; a first line that begins so much later begins with a space


def with_initials(words: Sequence[Word]) -> list[Word]:
    """Join each large letter and the first word of the lines beside it, where that stands.

    The letter is as tall as several lines, so it would join them into one.
    """
    usual = median(word.height for word in words) if words else 0.0
    large = [w for w in words if w.height > INITIAL * usual and _LETTER.fullmatch(w.text)]
    joined = list(words)
    for initial in large:
        lines = _lines_beside(initial, joined)
        if lines and _begins(initial, lines):
            first = lines[0].words[0]
            joined = [w for w in joined if w is not initial and w is not first]
            joined.append(_whole(initial, lines, words_of(w.text for w in joined)))
    return joined


def _lines_beside(initial: Word, words: Sequence[Word]) -> list[Row]:
    """Return the beginnings of the lines of smaller type that stand to the right of a letter."""
    end = initial.x1 + _NEAR * initial.height
    around = [
        word
        for word in words
        if word.x1 > initial.x0
        and word.x0 < end
        and initial.top < (word.top + word.bottom) / 2 < initial.bottom
        and initial.height > INITIAL * word.height
    ]
    begin = initial.x1 - _OVER * initial.height
    return [row for row in rows_of(around) if row.words[0].x0 > begin]


def _begins(initial: Word, lines: Sequence[Row]) -> bool:
    gap = lines[0].words[0].x0 - initial.x1
    return len(lines) > 1 or gap < _CLOSE * initial.height


def _whole(initial: Word, lines: Sequence[Row], others: frozenset[str]) -> Word:
    """Write a letter before the first word, which keeps its place in its line."""
    first = lines[0].words[0]
    space = " " if _stands_alone(initial.text, lines, others) else ""
    whole = first._replace(text=f"{initial.text}{space}{first.text}")
    return whole if lines[1:] else whole._replace(x0=initial.x0)


def _stands_alone(letter: str, lines: Sequence[Row], others: frozenset[str]) -> bool:
    """Tell a letter that is a word itself, by its gap, its case, or the other words of the page."""
    first = lines[0].words[0]
    if any(first.x0 - line.words[0].x0 > _SPACE * first.height for line in lines[1:2]):
        return True
    if first.text[:1].isupper() and not first.text.isupper():
        return True
    known = words_of([letter, first.text])
    return known <= others and not words_of([letter + first.text]) <= others
