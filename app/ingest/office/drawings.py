"""Read the charts and diagrams that Word and PowerPoint keep alike, and name other objects."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from docx.oxml import parse_xml

from app.ingest.extracted import TextBuilder
from app.ingest.number_formats.sections import sections
from app.ingest.number_formats.shown import shown
from app.ingest.office.diagrams import read_diagram

_CHART = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
_DIAGRAM = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}"
_TEXT = "{http://schemas.openxmlformats.org/drawingml/2006/main}t"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_DAYS_TO_1904 = 1462  # from the end of 1899, as old programs for the Mac count
_MOST_SPANNED = 10_000  # points of a series; a broken file may name any number


def chart_parts(element: Any, part: Any) -> Iterator[tuple[str, list[list[str]]]]:
    """Yield title and rows of each chart that is drawn inside an element."""
    for chart in element.iter(f"{_CHART}chart"):
        related = _related(part, "chart", chart.get(f"{_RELATION}id"))
        if related is not None:
            yield read_chart(parse_xml(related.blob))


def diagram_items(element: Any, part: Any) -> list[str]:
    """Return the items of the diagrams (SmartArt) that are drawn inside an element."""
    items = []
    for ids in element.iter(f"{_DIAGRAM}relIds"):
        related = _related(part, "diagramData", ids.get(f"{_RELATION}dm"))
        if related is not None:
            items += read_diagram(parse_xml(related.blob))
    return items


def note_objects(count: int, builder: TextBuilder) -> None:
    """Name what other programs have embedded, such as parts of a workbook: it is not read."""
    if count:
        builder.note(f"{count} embedded object{'s' if count > 1 else ''}")


def read_chart(root: Any) -> tuple[str, list[list[str]]]:
    """Return a chart's title, and a row for each category with the value of each series."""
    title = root.find(f"{_CHART}chart/{_CHART}title")
    heading = "" if title is None else "".join(t.text or "" for t in title.iter(_TEXT))
    series, days = list(root.iter(f"{_CHART}ser")), _days_before(root)
    names = ["".join(_points(one.find(f"{_CHART}tx")).values()) or "Value" for one in series]
    categories: dict[int, str] = {}
    for one in series:
        categories |= _points(_first(one, "cat", "xVal"), days)
    values = [_points(_first(one, "val", "yVal"), days) for one in series]
    places = sorted({at for one in values for at in one} | set(categories))
    rows = [
        [categories.get(at, str(at + 1)), *(one.get(at, "") for one in values)] for at in places
    ]
    return heading, [["Category", *names], *rows] if rows else []


def _days_before(root: Any) -> int:
    """Return how many days lie before the first one that a chart counts: of 1904, or none."""
    since = root.find(f"{_CHART}date1904")
    return _DAYS_TO_1904 if since is not None and since.get("val", "1") in ("1", "true") else 0


def _first(series: Any, *names: str) -> Any:
    return next((f for name in names if (f := series.find(_CHART + name)) is not None), None)


def _points(element: Any, days: int = 0) -> dict[int, str]:
    if element is None:
        return {}
    levels = [_level(level, days) for level in element.iter(f"{_CHART}lvl")]
    values = _joined(levels) if levels else _level(element, days)
    return values or dict(enumerate(v.text or "" for v in element.iter(f"{_CHART}v")))


def _level(element: Any, days: int) -> dict[int, str]:
    """Return the stored points, numbers as their format shows them."""
    usual = next((code.text or "" for code in element.iter(f"{_CHART}formatCode")), None)
    points = islice(element.iter(f"{_CHART}pt"), _MOST_SPANNED)
    return {
        int(point.get("idx")): _value(
            point.findtext(f"{_CHART}v", ""), point.get("formatCode", usual), days
        )
        for point in points
    }


def _value(text: str, shape: str | None, days: int) -> str:
    if shape is None:  # of texts
        return text
    try:
        number = float(text)
    except ValueError:  # as #N/A
        return text
    return shown(number + days if sections(shape)[0].is_moment else number, shape)


def _joined(levels: list[dict[int, str]]) -> dict[int, str]:
    """Join the levels of categories, of which the outer ones hold until the next of them."""
    inner, *outer = levels
    joined, above = {}, [""] * len(outer)
    for at in sorted(set().union(*levels)):
        above = [level.get(at, before) for level, before in zip(outer, above, strict=True)]
        joined[at] = " ".join(filter(None, [*reversed(above), inner.get(at, "")]))
    return joined


def _related(part: Any, kind: str, key: str | None) -> Any:
    """Return what a part's relation of a kind leads to inside the package."""
    link = part.rels.get(key)
    of_kind = link is not None and link.reltype.endswith(f"/{kind}") and not link.is_external
    return link.target_part if of_kind else None
