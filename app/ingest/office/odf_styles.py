"""Tell how the styles of an OpenDocument file show text; knows nothing of what it says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from app.ingest.office.odf_xml import local_name, odf

Look = frozenset[str]
"""The marks of a piece of text: whether it is struck, hidden or raised."""

RAISED = "raised"
PLAIN: Look = frozenset()

_HIDDEN = frozenset({"hidden"})
_UNSEEN = _HIDDEN | {"struck"}
_LINES = (odf("style:text-line-through-style"), odf("style:text-line-through-type"))
_DISPLAY = odf("text:display")
_IS_HIDDEN = odf("text:is-hidden")
_HIDDEN_PARAGRAPH = odf("text:hidden-paragraph")
_POSITION = odf("style:text-position")
_FAMILIES = {"p": "paragraph", "h": "paragraph", "span": "text", "a": "text"}
_FAMILIES |= {"page": "drawing-page", "covered-table-cell": "table-cell"}
_STYLE_NAMES = tuple(odf(f"{space}:style-name") for space in ("text", "table", "draw"))
_RAISED = re.compile(r"super|[0.]*[1-9]")  # as in "33% 58%", but not "sub", "-33% 58%", "0% 100%"
_DEPTH = 10  # a broken file can make a style its own ancestor


def is_seen(look: Look) -> bool:
    """Tell text that is neither struck nor hidden."""
    return not look & _UNSEEN


class Styles:
    """The named and the automatic styles of a document."""

    def __init__(self, *sources: Any) -> None:
        """Collect styles; those of a later source hide those of an earlier one."""
        self._styles = {
            (style.get(odf("style:family")), style.get(odf("style:name"))): style
            for source in sources
            for style in source.iter(odf("style:style"))
        }
        self._marks: dict[tuple[str, str], dict[str, bool]] = {}

    def look(self, element: Any, around: Look = PLAIN, style: str = "") -> Look:
        """Return the look of an element's text, given the look of what it stands in.

        `style` names the style of an element that names none.
        """
        key = _family(element), _named(element) or style
        if key not in self._marks:
            self._marks[key] = self._marks_of(*key)
        marks = self._marks[key]
        if marks:
            around = (around - marks.keys()) | {mark for mark, is_on in marks.items() if is_on}
        return around | _HIDDEN if _is_hidden(element) else around

    def value(self, element: Any, attribute: str) -> str | None:
        """Return an attribute of an element's style, of its properties, or of an ancestor."""
        for style in self._line(_family(element), _named(element)):
            for place in (style, *style):
                found = place.get(odf(attribute))
                if found is not None:
                    return str(found)
        return None

    def _marks_of(self, family: str, name: str) -> dict[str, bool]:
        marks: dict[str, bool] = {}
        for style in self._line(family, name):
            for properties in style.iter(odf("style:text-properties")):
                marks = dict(_marks(properties)) | marks
        return marks

    def _line(self, family: str, name: str) -> Iterator[Any]:
        """Yield a style and its ancestors."""
        for _ in range(_DEPTH):
            style = self._styles.get((family, name))
            if style is None:
                return
            yield style
            name = style.get(odf("style:parent-style-name"), "")


def _family(element: Any) -> str:
    name = local_name(element)
    return _FAMILIES.get(name, name)


def _named(element: Any) -> str:
    return next((name for key in _STYLE_NAMES if (name := element.get(key))), "")


def _marks(properties: Any) -> Iterator[tuple[str, bool]]:
    lines = [line for key in _LINES if (line := properties.get(key)) is not None]
    if lines:
        yield "struck", "none" not in lines
    display = properties.get(_DISPLAY)
    if display is not None:
        yield "hidden", display == "none"
    position = properties.get(_POSITION)
    if position is not None:
        yield RAISED, bool(_RAISED.match(position))


def _is_hidden(element: Any) -> bool:
    """Tell what is hidden by itself or by its condition, or a paragraph by a mark inside it."""
    if element.get(_DISPLAY) == "none" or element.get(_IS_HIDDEN) == "true":
        return True
    mark = element.find(_HIDDEN_PARAGRAPH) if len(element) else None
    return mark is not None and mark.get(_IS_HIDDEN) == "true"
