"""Read the charts that Office knows since 2016: waterfalls, trees, funnels and others."""

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

_CHART = "{http://schemas.microsoft.com/office/drawing/2014/chartex}"
_SCALES = ("catScaling", "valScaling")


def read_new_chart(root: Any) -> Chart:
    """Return a chart's title, and a row for each category with the value of each series."""
    data = {one.get("id"): one for one in root.iter(f"{_CHART}data")}
    across, up = (_axis_title(root, scale) for scale in _SCALES)
    series = []
    for one in root.iter(f"{_CHART}series"):
        key = one.find(f"{_CHART}dataId")
        if key is not None and key.get("val") in data:
            series.append(_series(one, data[key.get("val")], across, up))
    return chart_of(title_of(root.find(f"{_CHART}chart"), _CHART), series)


def _series(element: Any, data: Any, across: str, up: str) -> Series:
    name = " ".join(value.text or "" for value in element.iterfind(f".//{_CHART}tx//{_CHART}v"))
    categories = joined([_level(level) for level in data.iterfind(f"{_CHART}strDim/{_CHART}lvl")])
    numbers = [joined([_level(level) for level in one]) for one in data.iter(f"{_CHART}numDim")]
    return Series(across, categories, [(measured(name, up), values) for values in numbers])


def _axis_title(root: Any, scale: str) -> str:
    axes = (axis for axis in root.iter(f"{_CHART}axis") if axis.find(_CHART + scale) is not None)
    return next(filter(None, (title_of(axis, _CHART) for axis in axes)), "")


def _level(element: Any) -> Points:
    """Return the stored points of a level; only those of numbers have a format."""
    shape = element.get("formatCode")
    points = islice(element.iter(f"{_CHART}pt"), MOST_SPANNED)
    return {int(point.get("idx")): point_text(point.text or "", shape) for point in points}
