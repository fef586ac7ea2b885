"""Tell what the styles of a Word document say of its paragraphs and runs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from docx.oxml.ns import qn

_HEADING = re.compile(r"heading (\d)", re.IGNORECASE)
_DEPTH = 10  # a broken file can make a style its own ancestor
_OFF = {"0", "false", "off"}
_UNSEEN = {qn(f"w:{name}") for name in ("strike", "dstrike", "vanish")}
_PLACE, _VALUE = qn("w:vertAlign"), qn("w:val")
_PARAGRAPH, _PROPERTIES, _NAME = qn("w:p"), qn("w:rPr"), qn("w:rStyle")


class Styles:
    """The styles of a document, each with what it takes from those that it is based on."""

    def __init__(self, document: Any) -> None:
        self._levels = {style.style_id: _heading_level(style) for style in document.styles}
        self._formats = {style.style_id: _inherited(style) for style in document.styles}
        self._lists = {
            style.style_id for style in document.styles if str(style.name).startswith("List")
        }

    def level(self, paragraph: Any) -> int | None:
        """Return the level of a heading, by its style or its own outline level."""
        level = self._levels.get(paragraph.style)
        return _outline_level(paragraph.pPr) if level is None else level

    def is_listed(self, paragraph: Any) -> bool:
        """Tell whether a paragraph's style is one of lists."""
        return paragraph.style in self._lists

    def has_no_end(self, paragraph: Any) -> bool:
        """Tell a paragraph whose end is deleted or hidden, so that it goes on in the next one."""
        mark = None if paragraph.pPr is None else paragraph.pPr.find(qn("w:rPr"))
        return any(is_on(mark, name) for name in ("w:del", "w:moveFrom", "w:vanish"))

    def is_unseen(self, run: Any) -> bool:
        """Tell a run that is struck or hidden, by itself or by a style."""
        formats = self._of(run)
        return any(formats.get(name, False) for name in _UNSEEN)

    def is_raised(self, run: Any) -> bool:
        """Tell a superscript run."""
        return self._of(run).get(_PLACE, False)

    def _of(self, run: Any) -> dict[str, bool]:
        """Return what is said of a run; its own word counts more than its styles'."""
        paragraph = next(run.iterancestors(_PARAGRAPH), None)
        formats = {} if paragraph is None else self._formats.get(paragraph.style, {})
        properties = run.find(_PROPERTIES)
        if properties is None:
            return formats
        name = properties.find(_NAME)
        by_name = {} if name is None else self._formats.get(name.get(_VALUE), {})
        return formats | by_name | _formats(properties)


def lineage(style: Any) -> Iterator[Any]:
    """Yield a style and those that it is based on, the nearest first."""
    for _ in range(_DEPTH):
        if style is None:
            return
        yield style
        style = getattr(style, "base_style", None)


def value_of(element: Any, name: str) -> str:
    """Return the value of a child, "" where there is none."""
    child = None if element is None else element.find(qn(name))
    return "" if child is None else str(child.get(qn("w:val")) or "")


def is_on(element: Any, name: str) -> bool:
    """Tell whether an element has a switch that is not off."""
    child = None if element is None else element.find(qn(name))
    return child is not None and child.get(qn("w:val")) not in _OFF


def _inherited(style: Any) -> dict[str, bool]:
    formats: dict[str, bool] = {}
    for one in lineage(style):
        formats = _formats(one.element.find(_PROPERTIES)) | formats
    return formats


def _formats(properties: Any) -> dict[str, bool]:
    formats = {}
    for child in () if properties is None else properties:
        said = child.get(_VALUE)
        if child.tag in _UNSEEN:
            formats[child.tag] = said not in _OFF
        elif child.tag == _PLACE:
            formats[_PLACE] = said == "superscript"
    return formats


def _heading_level(style: Any) -> int | None:
    """Find the level by the name of the style or an ancestor; Title is level 0, above all."""
    for one in lineage(style):
        name = str(one.name)
        if match := _HEADING.fullmatch(name):
            return int(match[1])
        level = 0 if name == "Title" else _outline_level(getattr(one.element, "pPr", None))
        if level is not None:
            return level
    return None


def _outline_level(properties: Any) -> int | None:
    level = int(value_of(properties, "w:outlineLvl") or 9)
    return level + 1 if level < 9 else None
