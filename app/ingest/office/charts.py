"""Read the charts of office documents; knows nothing of where they are drawn."""

from __future__ import annotations

from itertools import islice
from typing import Any

from app.ingest.office.chart_tables import (
    MOST_SPANNED,
    Chart,
    Points,
    Series,
    chart_of,
    joined,
    measured,
    point_text,
    title_of,
)

_CHART = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
_DAYS_TO_1904 = 1462  # from the end of 1899, as old programs for the Mac count
_VALUES = f"{_CHART}valAx"
_AXES = [_VALUES, *(f"{_CHART}{kind}Ax" for kind in ("cat", "date", "ser"))]


def read_chart(root: Any) -> Chart:
    """Return a chart's title, and a row for each category with the value of each series."""
    days, axes = _days_before(root), _axes(root)
    series = [_series(one, days, axes) for one in root.iter(f"{_CHART}ser")]
    return chart_of(title_of(root.find(f"{_CHART}chart"), _CHART), series)


def _series(element: Any, days: int, axes: dict[str, Any]) -> Series:
    across, up = _axis_titles(element.getparent(), axes)
    name = " ".join(_points(element.find(f"{_CHART}tx")).values())
    columns = [(measured(name, up), _points(_first(element, "val", "yVal"), days))]
    if sizes := _points(element.find(f"{_CHART}bubbleSize")):
        columns.append((measured(name, "size"), sizes))
    return Series(across, _points(_first(element, "cat", "xVal"), days), columns)


def _axes(root: Any) -> dict[str, Any]:
    """Return the axes of a chart by their keys."""
    return {_key(axis.find(f"{_CHART}axId")): axis for axis in root.iter(*_AXES)}


def _axis_titles(plot: Any, axes: dict[str, Any]) -> tuple[str, str]:
    """Return the titles of the axes of categories and of values that series are drawn on."""
    drawn = [axes.get(_key(one)) for one in plot.findall(f"{_CHART}axId")][:2]
    drawn.sort(key=lambda axis: axis is not None and axis.tag == _VALUES)
    across, up, *_ = [*map(_axis_title, drawn), "", ""]
    return across, up


def _axis_title(axis: Any) -> str:
    """Return an axis's title, unless it tells of other values than those that are stored."""
    scaled = axis is not None and axis.find(f"{_CHART}dispUnits") is not None
    return "" if scaled else title_of(axis, _CHART)


def _key(element: Any) -> str:
    return "" if element is None else str(element.get("val"))


def _days_before(root: Any) -> int:
    """Return how many days lie before the first one that a chart counts: of 1904, or none."""
    since = root.find(f"{_CHART}date1904")
    return _DAYS_TO_1904 if since is not None and since.get("val", "1") in ("1", "true") else 0


def _first(series: Any, *names: str) -> Any:
    return next((f for name in names if (f := series.find(_CHART + name)) is not None), None)


def _points(element: Any, days: int = 0) -> Points:
    if element is None:
        return {}
    levels = [_level(level, days) for level in element.iter(f"{_CHART}lvl")]
    values = joined(levels) if levels else _level(element, days)
    return values or dict(enumerate(v.text or "" for v in element.iter(f"{_CHART}v")))


def _level(element: Any, days: int) -> Points:
    """Return the stored points, numbers as their format shows them."""
    usual = next((code.text or "" for code in element.iter(f"{_CHART}formatCode")), None)
    points = islice(element.iter(f"{_CHART}pt"), MOST_SPANNED)
    return {
        int(point.get("idx")): point_text(
            point.findtext(f"{_CHART}v", ""), point.get("formatCode", usual), days
        )
        for point in points
    }
