"""Take words and ruling lines with their places from a page; knows nothing of their order."""

from __future__ import annotations

import ctypes
import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import groupby, pairwise
from typing import Any, NamedTuple, TypeVar

import pypdfium2.raw as pdfium

from app.ingest.pdf.spacing import Glyph, object_of, without_letter_spacing
from app.ingest.raised import raised

_GAP = 0.22  # of a glyph's height; wider gaps part words even where no space was written
_SHIFT = 0.5  # of a glyph's height; further up or down another word begins
_SAME = 0.4  # of a glyph's width; a glyph printed again so near makes it bold
_SMALL, _LIFT = 0.8, 0.08  # of a word's tallest glyph: a smaller one that stands higher is raised
_SLANT = math.radians(5)  # from a right angle; text that is turned further is no line of the page
INITIAL = 1.8  # times the size of type; a letter so much larger begins a text
_LEADER = re.compile(r"[.…·]{4,}")  # dots that lead the eye from one column to another
_HYPHENS = {0x02: "-", 0xAD: "-", 0xFFFE: "-"}  # as PDFium gives those at lines' ends
_LIGATED = "ft"  # these stand twice at one place where one glyph is both
_PRIVATE = range(0xE000, 0xF900)  # where symbol fonts keep bullets and ticks
THIN = 3.0  # points; what is thinner is a line
_LONG = 6.0  # points; what is shorter is no rule of a table
_MOST_SHAPES = 3000  # more are a drawing
_BOX_SEGMENTS = 6
_NAME_BYTES = 200


class Word(NamedTuple):
    """A word and its box; y grows downwards."""

    text: str
    x0: float
    x1: float
    top: float
    bottom: float
    height: float
    """Size of its type."""
    bold: bool = False


class Rule(NamedTuple):
    """A ruling line, or an edge of a box."""

    x0: float
    x1: float
    top: float
    bottom: float

    @property
    def flat(self) -> bool:
        """Whether it is horizontal."""
        return self.x1 - self.x0 >= self.bottom - self.top


class Direction(NamedTuple):
    """The words of a page that are written in one direction, as if it were from left to right."""

    words: list[Word]
    turn: int
    """Of as many right angles; where it is slanted the words stand as on the page."""


_Box = TypeVar("_Box", Glyph, Rule)


def directions_of(page: Any) -> list[Direction]:
    """Return the words of a page by the directions they are written in, most of them first."""
    text = page.get_textpage()
    glyphs = _shown(list(_glyphs(text.raw, page.get_height())), page, text.raw)
    turns = [
        turn for turn, _ in Counter(glyph.turn for glyph in glyphs if glyph.text).most_common()
    ]
    return [
        Direction(list(_written_in([g for g in glyphs if g.turn == turn], turn, text.raw)), turn)
        for turn in turns
    ]


def _shown(glyphs: list[Glyph], page: Any, text: Any) -> list[Glyph]:
    """Empty what stands outside the part of a page that is shown: it is the printer's own.

    What begins inside goes on over the edge.
    """
    edges = edges_of(page)
    inside = [_is_within(edges, glyph) for glyph in glyphs]
    if all(inside):
        return glyphs
    begun = {
        object_of(text, glyph)
        for glyph, within in zip(glyphs, inside, strict=True)
        if glyph.text and within
    }
    return [
        glyph if within or object_of(text, glyph) in begun else glyph._replace(text="")
        for glyph, within in zip(glyphs, inside, strict=True)
    ]


def edges_of(page: Any) -> Rule:
    """Return the part of a page that is shown."""
    box, height = pdfium.FS_RECTF(), page.get_height()
    pdfium.FPDF_GetPageBoundingBox(page.raw, box)
    return Rule(box.left, box.right, height - box.top, height - box.bottom)


def _is_within(edges: Rule, glyph: Glyph) -> bool:
    x, y = (glyph.x0 + glyph.x1) / 2, (glyph.top + glyph.bottom) / 2
    seen = edges.x0 <= x <= edges.x1 and edges.top <= y <= edges.bottom
    return seen or not glyph.text


def _written_in(glyphs: list[Glyph], turn: int, text: Any) -> Iterator[Word]:
    if turn not in range(4):
        return _slanted(glyphs)
    return _words([turned(glyph, turn) for glyph in glyphs], text)


def rules_of(page: Any) -> list[Rule]:
    """Return the lines and the edges of boxes that are drawn on a page."""
    height = page.get_height()
    shapes = list(page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_PATH], max_depth=1))
    if len(shapes) > _MOST_SHAPES:
        return []
    return [rule for shape in shapes for rule in _edges(shape, height)]


def _glyphs(text: Any, height: float) -> Iterator[Glyph]:
    box = pdfium.FS_RECTF()
    seen: defaultdict[tuple[str, int], list[float]] = defaultdict(list)
    for at in range(pdfium.FPDFText_CountChars(text)):
        code = pdfium.FPDFText_GetUnicode(text, at)
        character = _HYPHENS.get(code) or (chr(code) if 0x20 <= code < 0x110000 else "")
        character = "•" if code in _PRIVATE else character
        if not character or character.isspace() or 0xD800 <= code < 0xE000:
            character = ""
        elif pdfium.FPDFText_GetLooseCharBox(text, at, box):
            printed = seen[character, round(box.top / 2)]
            near = _SAME * (box.right - box.left)
            ligated = character in _LIGATED and printed and printed[-1] == box.left
            if any(abs(box.left - left) < near for left in printed) and not ligated:
                continue
            printed.append(box.left)
        turn = _turn(pdfium.FPDFText_GetCharAngle(text, at)) if character else 0
        yield Glyph(character, box.left, box.right, height - box.top, height - box.bottom, turn, at)


def _turn(angle: float) -> int:
    """Return how many right angles text is turned by, or where it is slanted its degrees."""
    turn = round(angle / (math.pi / 2))
    return turn % 4 if abs(angle - turn * math.pi / 2) < _SLANT else round(math.degrees(angle))


def turned(box: _Box, turn: int) -> _Box:
    """Turn a box so that lines of a direction run from left to right; a slanted one stays."""
    x0, x1, top, bottom = box.x0, box.x1, box.top, box.bottom
    match turn:
        case 3:
            x0, x1, top, bottom = -bottom, -top, x0, x1
        case 2:
            x0, x1, top, bottom = -x1, -x0, -bottom, -top
        case 1:
            x0, x1, top, bottom = top, bottom, -x1, -x0
    return box._replace(x0=x0, x1=x1, top=top, bottom=bottom)


def _words(glyphs: list[Glyph], text: Any) -> Iterator[Word]:
    for run in without_letter_spacing(list(_runs(glyphs)), text):
        yield from _parted(run, text)


def _runs(glyphs: list[Glyph]) -> Iterator[list[Glyph]]:
    """Join glyphs that follow each other closely, in either direction of writing."""
    run: list[Glyph] = []
    for glyph in glyphs:
        if run and not _goes_on(run, glyph):
            yield run
            run = []
        if glyph.text:
            run.append(glyph)
    if run:
        yield run


def _parted(run: list[Glyph], text: Any) -> Iterator[Word]:
    """Yield what stands before and behind dots that lead from one to the other."""
    start = 0
    for dots in _LEADER.finditer("".join(glyph.text[0] for glyph in run)):
        if dots.start() > start:
            yield _word(run[start : dots.start()], text)
        start = dots.end()
    if start < len(run):
        yield _word(run[start:], text)


def _slanted(glyphs: list[Glyph]) -> Iterator[Word]:
    """Yield what is written in one go as if it were one word, too small for a heading.

    The boxes of such glyphs overlap, so that only their order tells what follows what.
    """
    starts = [at for at, (one, other) in enumerate(pairwise(glyphs), 1) if other.at > one.at + 2]
    for start, end in pairwise([0, *starts, len(glyphs)]):
        run = glyphs[start:end]
        spaced = [" " * (glyph.at - last.at - 1) + glyph.text for last, glyph in pairwise(run)]
        yield Word(
            run[0].text + "".join(spaced),
            min(glyph.x0 for glyph in run),
            max(glyph.x1 for glyph in run),
            min(glyph.top for glyph in run),
            max(glyph.bottom for glyph in run),
            THIN,
        )


def _goes_on(run: list[Glyph], glyph: Glyph) -> bool:
    """Tell whether a glyph belongs to a word; a large letter is no part of it yet."""
    large = run[-1].bottom - run[-1].top > INITIAL * (glyph.bottom - glyph.top)
    begins = large and len(run) <= 2 and run[-1].text.isalpha() and glyph.text.isalpha()
    return bool(glyph.text) and _follows(run[-1], glyph) and not begins


def _follows(last: Glyph, glyph: Glyph) -> bool:
    height = max(last.bottom - last.top, glyph.bottom - glyph.top)
    gap = max(glyph.x0 - last.x1, last.x0 - glyph.x1)
    return gap < _GAP * height and abs(glyph.bottom - last.bottom) < _SHIFT * height


def _word(run: list[Glyph], text: Any) -> Word:
    return Word(
        _written(run),
        min(glyph.x0 for glyph in run),
        max(glyph.x1 for glyph in run),
        min(glyph.top for glyph in run),
        max(glyph.bottom for glyph in run),
        _size(text, run[0]),
        _is_bold(text, run[0].at),
    )


def _written(run: list[Glyph]) -> str:
    """Return a word's text; small digits above its line as raised ones."""
    base = max(run, key=lambda glyph: glyph.bottom - glyph.top)
    tall = base.bottom - base.top

    def stands_higher(glyph: Glyph) -> bool:
        small = glyph.bottom - glyph.top < _SMALL * tall
        return small and glyph.bottom < base.bottom - _LIFT * tall

    parts = groupby(run, key=stands_higher)
    said = ((higher, "".join(glyph.text for glyph in part)) for higher, part in parts)
    return "".join(raised(part) if higher else part for higher, part in said)


def _size(text: Any, glyph: Glyph) -> float:
    """Return the size of type as it shows on the page; a font's own is scaled by a matrix."""
    matrix = pdfium.FS_MATRIX()
    if not pdfium.FPDFText_GetMatrix(text, glyph.at, matrix):
        return glyph.bottom - glyph.top
    size = pdfium.FPDFText_GetFontSize(text, glyph.at) * math.hypot(matrix.c, matrix.d)
    return float(size) or glyph.bottom - glyph.top


def _is_bold(text: Any, at: int) -> bool:
    name, flags = ctypes.create_string_buffer(_NAME_BYTES), ctypes.c_int()
    pdfium.FPDFText_GetFontInfo(text, at, name, _NAME_BYTES, flags)
    return b"bold" in name.value.lower() or pdfium.FPDFText_GetFontWeight(text, at) >= 600


def _edges(shape: Any, height: float) -> Iterator[Rule]:
    left, bottom, right, top = shape.get_bounds()
    rule = Rule(left, right, height - top, height - bottom)
    wide, tall = right - left, top - bottom
    if min(wide, tall) <= THIN:
        if max(wide, tall) >= _LONG:
            yield rule
    elif min(wide, tall) >= _LONG and pdfium.FPDFPath_CountSegments(shape.raw) <= _BOX_SEGMENTS:
        yield from (rule._replace(bottom=rule.top), rule._replace(top=rule.bottom))
        yield from (rule._replace(x1=rule.x0), rule._replace(x0=rule.x1))
