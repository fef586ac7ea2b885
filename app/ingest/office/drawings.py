"""Add the charts and diagrams that Word and PowerPoint keep alike, and name other objects."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from docx.oxml import parse_xml
from docx.oxml.ns import qn

from app.ingest.extracted import TextBuilder
from app.ingest.office.chart_tables import Chart
from app.ingest.office.charts import read_chart
from app.ingest.office.diagrams import DIAGRAM, read_diagram
from app.ingest.office.new_charts import read_new_chart
from app.ingest.tables.grid import add_table

_CHARTS: list[tuple[str, str, Callable[[Any], Chart]]] = [
    ("{http://schemas.openxmlformats.org/drawingml/2006/chart}chart", "chart", read_chart),
    ("{http://schemas.microsoft.com/office/drawing/2014/chartex}chart", "chartEx", read_new_chart),
]


def add_drawn(element: Any, part: Any, builder: TextBuilder) -> None:
    """Add the charts and diagrams (SmartArt) that are drawn inside an element of a part."""
    for tag, kind, read in _CHARTS:
        for root in _related(element.iter(tag), part, kind, "id"):
            title, rows = read(root)
            builder.add(title)
            add_table(builder, rows, header=True)
    for root in _related(element.iter(DIAGRAM), part, "diagramData", "dm"):
        builder.add_lines(read_diagram(root))


def note_objects(count: int, builder: TextBuilder) -> None:
    """Name what other programs have embedded, such as parts of a workbook: it is not read."""
    if count:
        builder.note(f"{count} embedded object{'s' if count > 1 else ''}")


def _related(elements: Iterator[Any], part: Any, kind: str, key: str) -> Iterator[Any]:
    """Yield what lies in the parts of a kind inside the package that elements name by a key."""
    for element in elements:
        link = part.rels.get(element.get(qn(f"r:{key}")))
        if link is not None and link.reltype.endswith(f"/{kind}") and not link.is_external:
            yield parse_xml(link.target_part.blob)
