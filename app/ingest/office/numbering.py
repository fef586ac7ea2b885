"""Count the numbered paragraphs of a Word document as Word does."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from docx.oxml.ns import qn

from app.ingest.office.styles import is_on, lineage, value_of

_PLACE = re.compile(r"%(\d)")
_ROMAN = {1000: "m", 900: "cm", 500: "d", 400: "cd", 100: "c", 90: "xc", 50: "l", 40: "xl"}
_ROMAN |= {10: "x", 9: "ix", 5: "v", 4: "iv", 1: "i"}
_MOST_ROMAN = 4000  # no numeral is written for more


def roman(number: int) -> str:
    """Write a number as a Roman numeral."""
    if not 0 < number < _MOST_ROMAN:
        return str(number)
    written = ""
    for value, letters in _ROMAN.items():
        count, number = divmod(number, value)
        written += letters * count
    return written


def letter(number: int) -> str:
    """Write a number as a letter, after the alphabet's end as a letter repeated."""
    if number < 1:
        return str(number)
    return chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 + 1)


_FORMATS: dict[str, Callable[[int], str]] = {
    "lowerLetter": letter,
    "upperLetter": lambda number: letter(number).upper(),
    "lowerRoman": roman,
    "upperRoman": lambda number: roman(number).upper(),
    "decimalZero": lambda number: f"{number:02}",
    "bullet": lambda number: "-",
    "none": lambda number: "",
}


class Numbering:
    """The counters of a document's lists."""

    def __init__(self, document: Any) -> None:
        self._styles = {style.style_id: style for style in document.styles}
        self._levels: dict[str, dict[int, Any]] = {}
        self._lists: dict[str, str] = {}
        self._starts: dict[tuple[str, int], int] = {}
        self._counts: defaultdict[str, dict[int, int]] = defaultdict(dict)
        self._begun: set[str] = set()
        with suppress(KeyError, NotImplementedError):  # a document without lists has no such part
            self._read(document.part.numbering_part.element)

    def label(self, paragraph: Any) -> str:
        """Count a paragraph and return its number or bullet; "" for one that has none."""
        place = self._of(paragraph)
        if place is None:
            return ""
        number, level = place
        shape = self._levels.get(number, {}).get(level)
        if shape is None:
            return "-"
        self._count(number, level)
        return self._written(number, shape)

    def _read(self, root: Any) -> None:
        shapes = {one.get(qn("w:abstractNumId")): one for one in root.findall(qn("w:abstractNum"))}
        named = {
            style: key for key, one in shapes.items() if (style := value_of(one, "w:styleLink"))
        }
        for number in root.findall(qn("w:num")):
            key = number.get(qn("w:numId"))
            abstract = value_of(number, "w:abstractNumId")
            # a list may take its levels from the one that a style names
            abstract = named.get(value_of(shapes.get(abstract), "w:numStyleLink"), abstract)
            self._lists[key] = abstract
            self._levels[key] = _levels(shapes.get(abstract))
            for override in number.findall(qn("w:lvlOverride")):
                self._levels[key] |= _levels(override)
                if start := value_of(override, "w:startOverride"):
                    self._starts[key, int(override.get(qn("w:ilvl")))] = int(start)

    def _of(self, paragraph: Any) -> tuple[str, int] | None:
        """Return a paragraph's list and level, of its own or of its style."""
        place = _listed(paragraph.pPr)
        for style in lineage(self._styles.get(paragraph.style)):
            if place and place[0]:
                break
            of_style = _listed(style.element.pPr)
            if of_style and of_style[0]:
                place = of_style[0], of_style[1] if place is None else place[1]
        return None if place is None or place[0] in ("", "0") else place

    def _count(self, number: str, level: int) -> None:
        counts = self._counts[self._lists[number]]
        start = self._starts.get((number, level))
        if start is not None and f"{number} {level}" not in self._begun:
            self._begun.add(f"{number} {level}")
            counts.pop(level, None)
        if level in counts:
            counts[level] += 1
        else:
            counts[level] = self._start(number, level) if start is None else start
        for deeper in [other for other in counts if level < self._restart(number, other)]:
            del counts[deeper]

    def _restart(self, number: str, level: int) -> int:
        """Return the level below which each paragraph lets the counter of `level` begin anew."""
        restart = value_of(self._levels[number].get(level), "w:lvlRestart")
        return min(int(restart), level) if restart else level

    def _start(self, number: str, level: int) -> int:
        return int(value_of(self._levels[number].get(level), "w:start") or 1)

    def _written(self, number: str, shape: Any) -> str:
        if value_of(shape, "w:numFmt") == "bullet":
            return "-"
        counts = self._counts[self._lists[number]]
        in_digits = is_on(shape, "w:isLgl")

        def written(match: re.Match[str]) -> str:
            at = int(match[1]) - 1
            count = counts.get(at, self._start(number, at))
            style = value_of(self._levels[number].get(at), "w:numFmt")
            return str(count) if in_digits else _FORMATS.get(style, str)(count)

        return _PLACE.sub(written, value_of(shape, "w:lvlText")).strip()


def _levels(element: Any) -> dict[int, Any]:
    levels = [] if element is None else element.findall(qn("w:lvl"))
    return {int(level.get(qn("w:ilvl"))): level for level in levels}


def _listed(properties: Any) -> tuple[str, int] | None:
    numbering = None if properties is None else properties.find(qn("w:numPr"))
    if numbering is None:
        return None
    return value_of(numbering, "w:numId"), int(value_of(numbering, "w:ilvl") or 0)
