"""Read the equations and charts that an OpenDocument file keeps in parts of their own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple
from zipfile import ZipFile

from bs4 import BeautifulSoup
from bs4.element import Tag
from lxml import etree

from app.ingest.extracted import clean_line
from app.ingest.markup.equations import MATH, write_equation
from app.ingest.office.chart_tables import Chart, measured
from app.ingest.office.odf_tables import laid
from app.ingest.office.odf_xml import local_name, odf, parsed

EMBEDDED = (odf("draw:object"), odf("draw:object-ole"))
_REFERENCE = "{http://www.w3.org/1999/xlink}href"
_CONTENT = "/content.xml"
_VALUE, _MISSING = odf("office:value"), "NaN"


class Objects:
    """What lies in the parts of a file, by the names that its text uses."""

    def __init__(self, parts: Mapping[str, bytes]) -> None:
        self._parts = parts
        self._read: dict[str, _Object] = {}

    @classmethod
    def of(cls, package: ZipFile) -> Objects:
        """Take the parts out of a package; each is read when it is asked for, and once."""
        names = [name for name in package.namelist() if name.endswith(_CONTENT)]
        return cls({name.removesuffix(_CONTENT): package.read(name) for name in names})

    def equation(self, element: Any) -> str:
        """Write an object in one line; "" for one that is no equation."""
        return self._object(element).equation

    def is_chart(self, element: Any) -> bool:
        """Tell a chart from other objects."""
        return self._object(element).chart is not None

    def chart(self, element: Any) -> Chart | None:
        """Return a chart's title and table; None for other objects."""
        chart = self._object(element).chart
        return None if chart is None else _read_chart(chart)

    def is_unknown(self, element: Any) -> bool:
        """Tell an object with a part of its own that is neither an equation nor a chart."""
        known = self.is_chart(element) or self.equation(element)
        return bool(element.get(_REFERENCE)) and not known

    def _object(self, element: Any) -> _Object:
        name = (element.get(_REFERENCE) or "").removeprefix("./")
        if name not in self._read:
            self._read[name] = _read_object(self._parts.get(name, b""))
        return self._read[name]


class _Object(NamedTuple):
    equation: str = ""
    chart: Any = None


def _read_object(part: bytes) -> _Object:
    """Read a part; one that is broken or missing is taken for another object."""
    try:
        root = parsed(part)
    except etree.XMLSyntaxError:
        return _Object()
    return _Object(_equation(root), next(root.iter(odf("chart:chart")), None))


def _equation(root: Any) -> str:
    if local_name(root) != "math":
        return ""
    math = BeautifulSoup(etree.tostring(root), "lxml").find(MATH)
    if not isinstance(math, Tag):
        return ""
    write_equation(math)
    return math.get_text()


def _read_chart(chart: Any) -> Chart:
    titles = {
        axis.get(odf("chart:dimension")): _title(axis)
        for axis in reversed(list(chart.iter(odf("chart:axis"))))
    }
    table = next(chart.iter(odf("table:table")), None)
    rows = [] if table is None else laid(table, lambda cell, style, is_hidden: _said(cell)).rows
    if not any(rows):
        return _title(chart), []
    head, *names = rows[0]
    named = [measured(name, titles.get("y", "")) for name in names]
    return _title(chart), [[head or titles.get("x") or "Category", *named], *rows[1:]]


def _title(element: Any) -> str:
    title = element.find(odf("chart:title"))
    return "" if title is None else _said(title)


def _said(element: Any) -> str:
    """Return the paragraphs of a cell, beside which may stand where its value comes from."""
    paragraphs = element.findall(odf("text:p"))
    text = clean_line(" ".join("".join(paragraph.itertext()) for paragraph in paragraphs))
    return "" if element.get(_VALUE) == _MISSING else text
