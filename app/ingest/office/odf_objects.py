"""Read the equations and charts that an OpenDocument file keeps in parts of their own."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any
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


def is_linked(element: Any) -> bool:
    """Tell an object that has a part of its own."""
    return bool(element.get(_REFERENCE))


class Objects:
    """What lies in the parts of a file, by the names that its text uses."""

    def __init__(self, roots: Mapping[str, Any]) -> None:
        self._roots = roots

    @classmethod
    def of(cls, package: ZipFile) -> Objects:
        """Parse the parts; those that are broken are taken for other objects."""
        roots: dict[str, Any] = {}
        for name in package.namelist():
            if name.endswith(_CONTENT):
                with suppress(etree.XMLSyntaxError):
                    roots[name.removesuffix(_CONTENT)] = parsed(package.read(name))
        return cls(roots)

    def equation(self, element: Any) -> str:
        """Write an object in one line; "" for one that is no equation."""
        root = self._root(element)
        if root is None or local_name(root) != "math":
            return ""
        math = BeautifulSoup(etree.tostring(root), "lxml").find(MATH)
        if not isinstance(math, Tag):
            return ""
        write_equation(math)
        return math.get_text()

    def chart(self, element: Any) -> Chart | None:
        """Return a chart's title and table; None for other objects."""
        chart = self._chart(element)
        return None if chart is None else _read_chart(chart)

    def is_unknown(self, element: Any) -> bool:
        """Tell an object that is neither an equation nor a chart."""
        known = self._chart(element) is not None or self.equation(element)
        return is_linked(element) and not known

    def _chart(self, element: Any) -> Any:
        root = self._root(element)
        return None if root is None else next(root.iter(odf("chart:chart")), None)

    def _root(self, element: Any) -> Any:
        return self._roots.get((element.get(_REFERENCE) or "").removeprefix("./"))


def _read_chart(chart: Any) -> Chart:
    titles = {
        axis.get(odf("chart:dimension")): _title(axis)
        for axis in reversed(list(chart.iter(odf("chart:axis"))))
    }
    table = next(chart.iter(odf("table:table")), None)
    rows = [] if table is None else laid(table, lambda cell, style: _said(cell)).rows
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
