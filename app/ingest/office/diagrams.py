"""Write the texts of a diagram (SmartArt) of an office document as a list."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from app.ingest.office.slide_text import paragraph_text

_DIAGRAM = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}"
DIAGRAM = f"{_DIAGRAM}relIds"
"""The element that stands for a diagram in a drawing, and names its parts."""

_PARAGRAPH = "{http://schemas.openxmlformats.org/drawingml/2006/main}p"
_DEEPEST = 20  # levels; a broken file may nest any number


def read_diagram(root: Any) -> list[str]:
    """Return an item for each point of a diagram, set in below the one that it belongs to."""
    points = _Points(root)
    return [item for point in points.in_order() for item in points.items(point)]


class _Points:
    """The points of a diagram, each of which is written once."""

    def __init__(self, root: Any) -> None:
        self._texts = {point.get("modelId"): _text(point) for point in root.iter(f"{_DIAGRAM}pt")}
        self._inside = _inside(root)
        self._written: set[str] = set()

    def in_order(self) -> list[str]:
        """Return all points, first those that belong to no other."""
        belonging = {point for points in self._inside.values() for point in points}
        return sorted(self._texts, key=lambda point: point in belonging)

    def items(self, point: str, depth: int = 0) -> Iterator[str]:
        """Yield a point that has a text and is not written yet, and those that belong to it."""
        if point in self._written or depth > _DEEPEST:
            return
        self._written.add(point)
        text = self._texts.get(point, "")
        if text:
            yield f"{'  ' * depth}- {text}"
        for child in self._inside.get(point, ()):
            yield from self.items(child, depth + bool(text))


def _inside(root: Any) -> dict[str, list[str]]:
    """Return the points that belong to each, in their order."""
    found: defaultdict[str, list[tuple[int, str]]] = defaultdict(list)
    for link in root.iter(f"{_DIAGRAM}cxn"):
        if link.get("type", "parOf") == "parOf":
            found[link.get("srcId")].append((int(link.get("srcOrd", "0")), link.get("destId")))
    return {point: [child for _, child in sorted(links)] for point, links in found.items()}


def _text(point: Any) -> str:
    return " ".join(filter(None, map(paragraph_text, point.iter(_PARAGRAPH))))
