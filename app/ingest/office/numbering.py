"""Count the numbered paragraphs of a Word document as Word does."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from docx.oxml.ns import qn

from app.ingest.office.styles import lineage, value_of

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
        abstract = self._lists.get(number, "")
        shape = self._levels.get(abstract, {}).get(level)
        if shape is None:
            return "-"
        self._count(number, abstract, level)
        return self._written(abstract, level, shape)

    def _read(self, root: Any) -> None:
        for abstract in root.findall(qn("w:abstractNum")):
            key = abstract.get(qn("w:abstractNumId"))
            levels = abstract.findall(qn("w:lvl"))
            self._levels[key] = {int(one.get(qn("w:ilvl"))): one for one in levels}
        for number in root.findall(qn("w:num")):
            key = number.get(qn("w:numId"))
            self._lists[key] = number.find(qn("w:abstractNumId")).get(qn("w:val"))
            for override in number.findall(qn("w:lvlOverride")):
                start = override.find(qn("w:startOverride"))
                if start is not None:
                    level = int(override.get(qn("w:ilvl")))
                    self._starts[key, level] = int(start.get(qn("w:val")))

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

    def _count(self, number: str, abstract: str, level: int) -> None:
        counts = self._counts[abstract]
        start = self._starts.get((number, level))
        if start is not None and f"{number} {level}" not in self._begun:
            self._begun.add(f"{number} {level}")
            counts.pop(level, None)
        if level in counts:
            counts[level] += 1
        else:
            counts[level] = self._start(abstract, level) if start is None else start
        for deeper in [other for other in counts if other > level]:
            del counts[deeper]

    def _start(self, abstract: str, level: int) -> int:
        shape = self._levels[abstract].get(level)
        start = None if shape is None else shape.find(qn("w:start"))
        return 1 if start is None else int(start.get(qn("w:val")))

    def _written(self, abstract: str, level: int, shape: Any) -> str:
        if value_of(shape, "w:numFmt") == "bullet":
            return "-"
        counts = self._counts[abstract]

        def number(match: re.Match[str]) -> str:
            at = int(match[1]) - 1
            count = counts.get(at, self._start(abstract, at))
            style = value_of(self._levels[abstract].get(at), "w:numFmt")
            return _FORMATS.get(style, str)(count)

        return _PLACE.sub(number, value_of(shape, "w:lvlText")).strip()


def _listed(properties: Any) -> tuple[str, int] | None:
    numbering = None if properties is None else properties.find(qn("w:numPr"))
    if numbering is None:
        return None
    return value_of(numbering, "w:numId"), int(value_of(numbering, "w:ilvl") or 0)
