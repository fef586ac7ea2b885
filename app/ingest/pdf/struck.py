"""Leave out the words of a page that a line strikes through."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pypdfium2.raw as pdfium

from app.ingest.pdf.glyphs import THIN, Rule, Word

_INSIDE = 0.3  # of a word's height; a line further from its edges goes through it
_COVERED = 0.8  # of a word's width
_MISSED = 0.5  # of the type's size; rules of tables and drawings go on further than the words


def marks_of(page: Any) -> Iterator[Rule]:
    """Yield the lines that a reader of the PDF struck out, which are annotations.

    A page that was flattened has none.
    """
    height = page.get_height()
    for at in range(pdfium.FPDFPage_GetAnnotCount(page.raw)):
        mark = pdfium.FPDFPage_GetAnnot(page.raw, at)
        if pdfium.FPDFAnnot_GetSubtype(mark) == pdfium.FPDF_ANNOT_STRIKEOUT:
            yield from lines_of(mark, height)
        pdfium.FPDFPage_CloseAnnot(mark)


def lines_of(mark: Any, height: float) -> Iterator[Rule]:
    """Yield a line through the middle of each line of text that an annotation marks."""
    corners = pdfium.FS_QUADPOINTSF()
    for line in range(pdfium.FPDFAnnot_CountAttachmentPoints(mark)):
        pdfium.FPDFAnnot_GetAttachmentPoints(mark, line, corners)
        yield _middle(corners, height)


def _middle(corners: Any, height: float) -> Rule:
    """Return the line in the middle of corners; text runs along the first two of them."""
    xs = (corners.x1, corners.x2, corners.x3, corners.x4)
    ys = [height - y for y in (corners.y1, corners.y2, corners.y3, corners.y4)]
    x, y = (min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2
    if abs(xs[0] - xs[1]) < abs(ys[0] - ys[1]):
        return Rule(x, x, min(ys), max(ys))
    return Rule(min(xs), max(xs), y, y)


def unstruck(words: Sequence[Word], rules: Sequence[Rule]) -> list[Word]:
    """Empty the words that a line strikes through, which begins and ends where they do.

    They keep their places, by which the lines of a paragraph and the columns of a table are told.
    """
    flat = [rule for rule in rules if rule.flat and rule.bottom - rule.top <= THIN]
    struck = {id(word) for rule in flat for word in _struck(rule, words)}
    return [word._replace(text="") if id(word) in struck else word for word in words]


def _struck(rule: Rule, words: Sequence[Word]) -> list[Word]:
    through = [word for word in words if _goes_through(rule, word)]
    if not through:
        return []
    begin, end = min(word.x0 for word in through), max(word.x1 for word in through)
    missed = _MISSED * max(word.height for word in through)
    fits = abs(rule.x0 - begin) < missed and abs(rule.x1 - end) < missed
    return through if fits else []


def _goes_through(rule: Rule, word: Word) -> bool:
    middle, height = (rule.top + rule.bottom) / 2, word.bottom - word.top
    over = min(rule.x1, word.x1) - max(rule.x0, word.x0)
    inside = word.top + _INSIDE * height < middle < word.bottom - _INSIDE * height
    return inside and over > _COVERED * (word.x1 - word.x0)
