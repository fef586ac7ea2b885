"""Read what is drawn on a workbook's sheet; charts and embedded objects are counted only."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from zipfile import ZipFile

from docx.oxml import parse_xml
from docx.oxml.ns import qn
from openpyxl.packaging.relationship import get_dependents, get_rels_path

from app.ingest.office.choices import take_choices
from app.ingest.office.diagrams import DIAGRAM, read_diagram
from app.ingest.office.slide_text import paragraph_text

_SHAPE = "{http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing}"
_TEXT = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_NEW_CHART = "{http://schemas.microsoft.com/office/drawing/2014/chartex}chart"
_DRAWING = "/drawing"  # ends of the types of relations
_EMBEDDED = ("/oleObject", "/package", "/control")


class Drawings:
    """The shapes of one sheet, in their forms for new programs."""

    def __init__(self, package: ZipFile, sheet: Any) -> None:
        """Parse the sheet's drawing."""
        self._package = package
        self._roots: dict[str, Any] = {}
        for relation in sheet._rels:
            if relation.Type.endswith(_DRAWING):
                root = self._roots[relation.target] = parse_xml(package.read(relation.target))
                take_choices(root)
        kinds = [relation.Type for relation in sheet._rels]
        self.objects = sum(kind.endswith(_EMBEDDED) for kind in kinds)
        """What other programs have embedded, of which a picture alone is shown."""
        self.charts = len(sheet._charts) + sum(1 for _ in self._seen(_NEW_CHART))

    def texts(self) -> Iterator[list[str]]:
        """Yield the paragraphs of each text box and shape, and the items of each diagram."""
        for _, shape in self._seen(f"{_SHAPE}sp"):
            yield [text for text in map(paragraph_text, shape.iter(f"{_TEXT}p")) if text]
        for path, ids in self._seen(DIAGRAM):
            yield self._diagram(path, ids.get(qn("r:dm")))

    def _diagram(self, path: str, key: str) -> list[str]:
        relations = get_rels_path(path)
        known = relations in self._package.namelist()
        found = get_dependents(self._package, relations) if known else []
        models = [self._package.read(one.target) for one in found if one.Id == key]
        return [item for model in models for item in read_diagram(parse_xml(model))]

    def _seen(self, tag: str) -> Iterator[tuple[str, Any]]:
        """Yield elements that nobody hid, each with the path of its drawing."""
        for path, root in self._roots.items():
            yield from ((path, element) for element in root.iter(tag) if _is_seen(element))


def _is_seen(element: Any) -> bool:
    around = [element, *element.iterancestors()]
    places = (place for one in around for place in one.findall(f"*/{_SHAPE}cNvPr"))
    return not any(place.get("hidden") in ("1", "true") for place in places)
