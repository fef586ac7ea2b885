"""Glyphs as they are drawn, and words whose letters are spaced apart; knows nothing of lines."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise
from statistics import median_low
from typing import Any, NamedTuple

import pypdfium2.raw as pdfium

_FEWEST = 4  # letters; fewer may be names of columns
_LETTERS = 0.75  # of what is spaced; the others are digits and marks
_FAR = 1.0  # of a glyph's height; letters of a word are spaced no further
_WIDER = 1.6  # times the gap between letters; such a gap parts two words
_SHIFT = 0.1  # of a glyph's height; spaced letters stand on one line
_SPACES = {0x20, 0xA0}


class Glyph(NamedTuple):
    """A character and its box; it has no text where it only parts others."""

    text: str
    x0: float
    x1: float
    top: float
    bottom: float
    turn: int
    at: int


Run = list[Glyph]


def object_of(text: Any, glyph: Glyph) -> int | None:
    """Return which part of a page's content a glyph is drawn by."""
    return ctypes.cast(pdfium.FPDFText_GetTextObject(text, glyph.at), ctypes.c_void_p).value


def without_letter_spacing(runs: Sequence[Run], text: Any) -> Iterator[Run]:
    """Join the letters of words that are spaced apart, where a text is drawn so in one go.

    Letters between which a space is written stay apart.
    """
    for _, drawn in groupby(runs, key=lambda run: object_of(text, run[0])):
        together = list(drawn)
        yield from _joined(together, text) if _are_spaced(together) else together


def _are_spaced(runs: Sequence[Run]) -> bool:
    letters = sum(run[0].text.isalpha() for run in runs)
    return all(len(run) == 1 for run in runs) and letters >= max(_FEWEST, _LETTERS * len(runs))


def _joined(runs: Sequence[Run], text: Any) -> Iterator[Run]:
    glyphs = [run[0] for run in runs]
    usual = median_low(other.x0 - one.x1 for one, other in pairwise(glyphs))
    word = glyphs[:1]
    for last, glyph in pairwise(glyphs):
        if not _belongs(last, glyph, usual) or _is_space_between(last, glyph, text):
            yield word
            word = []
        word.append(glyph)
    yield word


def _belongs(last: Glyph, glyph: Glyph, usual: float) -> bool:
    height = last.bottom - last.top
    gap = glyph.x0 - last.x1
    on_line = abs(glyph.bottom - last.bottom) < _SHIFT * height
    return on_line and 0 <= gap < min(_FAR * height, _WIDER * usual)


def _is_space_between(last: Glyph, glyph: Glyph, text: Any) -> bool:
    """Tell a space that the file writes from one that PDFium supposes in a gap."""
    return any(
        pdfium.FPDFText_GetUnicode(text, at) in _SPACES
        and not pdfium.FPDFText_IsGenerated(text, at)
        for at in range(last.at + 1, glyph.at)
    )
