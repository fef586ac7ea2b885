"""Write what drawings and icons of an HTML page say as text; knows nothing of image files."""

from __future__ import annotations

from bs4.element import PageElement, Tag

from app.ingest.extracted import clean_line
from app.ingest.markup.tables import text_of

ICONS = ["i", "span", "em", "b", "div"]
"""What a style may draw as an icon, where it holds nothing."""

_WORDS = ["text", "foreignobject"]
_NOT_DRAWN = ["defs", "symbol", "marker", "pattern", "mask", "clippath"]
_CONTROLS = ["a", "button"]  # their icons say what they do, not what the page says


def write_drawings(root: Tag) -> None:
    """Put into each drawing the words that are drawn, else its name."""
    drawings = root.find_all("svg")
    for drawing in [drawing for drawing in drawings if drawing.find_parent("svg") is None]:
        drawing.string = f" {_words(drawing) or label_of(drawing)} "


def _words(drawing: Tag) -> str:
    drawn = (part for part in drawing.find_all(_WORDS) if part.find_parent(_NOT_DRAWN) is None)
    return "; ".join(filter(None, map(_in_line, drawn)))


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
