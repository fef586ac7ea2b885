"""Read the boxes of a PDF's form as signs beside their labels; knows nothing of other fields."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from statistics import median
from typing import Any, NamedTuple

import pypdfium2.raw as pdfium

from app.ingest.pdf.glyphs import THIN, Rule, Word, turned
from app.ingest.ticks import tick

_BOXES = {pdfium.FPDF_FORMFIELD_CHECKBOX, pdfium.FPDF_FORMFIELD_RADIOBUTTON}
_UNSEEN = pdfium.FPDF_ANNOT_FLAG_HIDDEN | pdfium.FPDF_ANNOT_FLAG_NOVIEW
_NEAR = 0.2  # of a sign's size; so close it stands to its label, as a word to the next one


class Box(NamedTuple):
    """A box of a form."""

    place: Rule
    ticked: bool


def boxes_of(page: Any, form: Any) -> list[Box]:
    """Return the boxes on a page, which has none after it was flattened."""
    return list(_boxes(page, form.raw)) if form else []


def _boxes(page: Any, form: Any) -> Iterator[Box]:
    rect, height = pdfium.FS_RECTF(), page.get_height()
    for at in range(pdfium.FPDFPage_GetAnnotCount(page.raw)):
        field = pdfium.FPDFPage_GetAnnot(page.raw, at)
        seen = not pdfium.FPDFAnnot_GetFlags(field) & _UNSEEN
        if seen and pdfium.FPDFAnnot_GetFormFieldType(form, field) in _BOXES:
            pdfium.FPDFAnnot_GetRect(field, rect)
            place = Rule(rect.left, rect.right, height - rect.top, height - rect.bottom)
            yield Box(place, bool(pdfium.FPDFAnnot_IsChecked(form, field)))
        pdfium.FPDFPage_CloseAnnot(field)


def with_boxes(
    words: Sequence[Word], boxes: Sequence[Box], turn: int, rules: Sequence[Rule]
) -> list[Word]:
    """Put a sign for each box among the words of a direction, in place of what ticks it."""
    if not words or not boxes:
        return list(words)
    size = median(word.height for word in words)
    placed = [box._replace(place=turned(box.place, turn)) for box in boxes]
    said = [word for word in words if not any(_holds(box.place, word) for box in placed)]
    upright = [rule for rule in (turned(rule, turn) for rule in rules) if not rule.flat]
    return said + _beside_labels([_sign(box, size) for box in placed], said, upright)


def _holds(place: Rule, word: Word) -> bool:
    x, y = (word.x0 + word.x1) / 2, (word.top + word.bottom) / 2
    return place.x0 <= x <= place.x1 and place.top <= y <= place.bottom


def _sign(box: Box, size: float) -> Word:
    """Write a box as a letter of a line through its middle, for it may be taller than the line."""
    place = box.place
    top = (place.top + place.bottom - size) / 2
    return Word(tick(is_on=box.ticked), place.x0, place.x1, top, top + size, size)


def _beside_labels(
    signs: Sequence[Word], words: Sequence[Word], upright: Sequence[Rule]
) -> list[Word]:
    """Move signs to their labels, which all stand on one side of them.

    Where a box stands beside another one or in a cell of its own, its column tells its meaning.
    """
    sides = [_neighbours(sign, [*words, *signs]) for sign in signs]
    to_right = _are_to_right(signs, sides)
    return [
        sign
        if label is None or other in signs or label in signs or _parted(sign, label, upright)
        else _moved(sign, label)
        for sign, both in zip(signs, sides, strict=True)
        for label, other in [both[::-1] if to_right else both]
    ]


def _neighbours(sign: Word, words: Sequence[Word]) -> tuple[Word | None, Word | None]:
    """Return what stands next to a sign on its line, to the left and to the right."""
    middle = (sign.top + sign.bottom) / 2
    line = [word for word in words if word.top < middle < word.bottom and word is not sign]
    left = (word for word in line if word.x0 < sign.x0)
    right = (word for word in line if word.x1 > sign.x1)
    return (
        max(left, key=lambda word: word.x1, default=None),
        min(right, key=lambda word: word.x0, default=None),
    )


def _are_to_right(signs: Sequence[Word], sides: Sequence[tuple[Word | None, Word | None]]) -> bool:
    """Tell on which side of its boxes a form writes labels: there is one beside each of them."""
    alone = sum((right is None) - (left is None) for left, right in sides)
    gaps = sum(
        (sign.x0 - left.x1) - (right.x0 - sign.x1)
        for sign, (left, right) in zip(signs, sides, strict=True)
        if left and right
    )
    return alone < 0 or (alone == 0 and gaps >= 0)


def _parted(sign: Word, label: Word, upright: Sequence[Rule]) -> bool:
    """Tell whether a line stands between a sign and a word, as one between two cells does."""
    begin, end = sorted(((sign.x0 + sign.x1) / 2, (label.x0 + label.x1) / 2))
    middle = (sign.top + sign.bottom) / 2
    return any(
        begin < rule.x0 < end
        and rule.top < middle < rule.bottom
        and not sign.x0 - THIN < rule.x0 < sign.x1 + THIN
        for rule in upright
    )


def _moved(sign: Word, label: Word) -> Word:
    wide = sign.x1 - sign.x0
    if label.x0 > sign.x0:
        end = label.x0 - _NEAR * sign.height
        return sign._replace(x0=end - wide, x1=end)
    begin = label.x1 + _NEAR * sign.height
    return sign._replace(x0=begin, x1=begin + wide)
