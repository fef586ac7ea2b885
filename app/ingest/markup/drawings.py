"""Write what drawings and icons of an HTML page say as text; knows nothing of image files."""

from __future__ import annotations

from collections.abc import Callable

from bs4.element import PageElement, Tag

from app.ingest.extracted import clean_line
from app.ingest.markup.tables import text_of

ICONS = ["i", "span", "em", "b", "div"]
"""What a style may draw as an icon, where it holds nothing."""

_WORDS = ["text", "foreignobject"]
_NOT_DRAWN = ["defs", "symbol", "marker", "pattern", "mask", "clippath"]
_INVISIBLE = ("hidden", "collapse")
_KNOWN = {"http://www.w3.org/1999/xhtml", "http://www.w3.org/1998/Math/MathML"}  # to browsers
_CONTROLS = ["a", "button"]  # their icons say what they do, not what the page says


def write_drawings(root: Tag, is_left_out: Callable[[Tag], bool]) -> None:
    """Put into each drawing the words that are drawn, else its name.

    `is_left_out` tells what the page does not show.
    """
    drawings = root.find_all("svg")
    for drawing in [drawing for drawing in drawings if drawing.find_parent("svg") is None]:
        name = label_of(drawing)
        _leave_drawn(drawing, is_left_out)
        drawing.string = f" {_words(drawing) or name} "


def _leave_drawn(drawing: Tag, is_left_out: Callable[[Tag], bool]) -> None:
    for part in drawing.find_all(True):
        if part.name == "switch":
            _leave_chosen(part)
        hidden = part.get("display") == "none" or part.get("visibility") in _INVISIBLE
        if hidden or part.name in _NOT_DRAWN or is_left_out(part):
            part.clear()


def _leave_chosen(switch: Tag) -> None:
    """Leave of a switch what browsers show: the first part that asks only for what they can.

    A part for readers of one language gives way to one for everybody.
    """
    parts = switch.find_all(True, recursive=False)
    able = [part for part in parts if _KNOWN.issuperset(_wanted(part))]
    everybody = (part for part in able if not part.has_attr("systemlanguage"))
    chosen = next(everybody, able[0] if able else None)
    for part in parts:
        if part is not chosen:
            part.clear()


def _wanted(part: Tag) -> list[str]:
    return str(part.get("requiredextensions", "")).split()


def _words(drawing: Tag) -> str:
    return "; ".join(filter(None, map(_in_line, drawing.find_all(_WORDS))))


def _in_line(part: Tag) -> str:
    """Return the words of a part, which may stand in several lines."""
    for line in part.find_all("tspan"):
        if line.has_attr("x") or line.has_attr("dy"):
            line.insert(0, " ")
    return text_of(part)


def label_of(icon: Tag) -> str:
    """Return the name of what shows no text, for those who cannot see it or point at it."""
    title = icon.find("title", recursive=False) if icon.name == "svg" else None
    told = icon.get("aria-label") or icon.get("title") or (title.get_text() if title else "")
    unsaid = icon.get("aria-hidden") == "true" or (icon.name == "div" and icon.get("role") != "img")
    if not told or unsaid or icon.find_parent(_CONTROLS) is not None:
        return ""
    return clean_line(str(told))


def is_empty(tag: Tag) -> bool:
    """Tell an element that holds nothing, or others that hold nothing."""
    return all(map(_says_nothing, tag.contents))


def _says_nothing(node: PageElement) -> bool:
    return not node.contents if isinstance(node, Tag) else not str(node).strip()
