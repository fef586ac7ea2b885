"""Leave out the points of shapes in GeoJSON (RFC 7946) and TopoJSON, of which nothing is asked."""

from __future__ import annotations

from typing import Any

from app.ingest.extracted import TextBuilder

_POINTS_OF = {
    "MultiPoint": "coordinates",
    "LineString": "coordinates",
    "MultiLineString": "coordinates",
    "Polygon": "coordinates",
    "MultiPolygon": "coordinates",
    "Topology": "arcs",
}
_FEW = 10  # points that are shown


def without_shapes(tree: Any, builder: TextBuilder) -> Any:
    """Write how many points a shape has, and tell the builder that they are left out."""
    if isinstance(tree, list):
        return [without_shapes(item, builder) for item in tree]
    if not isinstance(tree, dict):
        return tree
    kind = tree.get("type")
    name = _POINTS_OF.get(kind, "") if isinstance(kind, str) else ""
    count = _points(tree.get(name))
    if count > _FEW:
        builder.note("points of shapes on maps")
        tree = tree | {name: f"({count:,} points)"}
    return {key: without_shapes(item, builder) for key, item in tree.items()}


def _points(value: Any) -> int:
    """Count the lists that hold no lists."""
    if not isinstance(value, list):
        return 0
    return sum(map(_points, value)) or 1
