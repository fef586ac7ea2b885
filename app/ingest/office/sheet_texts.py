"""Read what stands beside a sheet's cells: text boxes, and what is printed on each page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from zipfile import ZipFile

from docx.oxml import parse_xml

from app.ingest.extracted import clean_line
from app.ingest.office.slide_text import paragraph_text

_SHAPE = "{http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing}"
_TEXT = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_PRINTED = [
    f"{pages}{place}" for place in ("Header", "Footer") for pages in ("odd", "first", "even")
]
_AMPERSAND = "\ue000"  # stands for the two that mean one, while codes are looked for
_PAGE = re.compile(r"&(?:[PN](?:[+-]\d+)?|\[Pages?\])")
_CODE = re.compile(r"&(?:\[\w+\]|[A-Z])")  # dates, names of files and looks


def text_boxes(package: ZipFile, sheet: Any) -> Iterator[list[str]]:
    """Yield the paragraphs of each text box and shape that is drawn on a sheet."""
    for relation in sheet._rels:
        if relation.Type.endswith("/drawing"):
            drawing = parse_xml(package.read(relation.target))
            yield from map(_paragraphs, filter(_is_seen, drawing.iter(f"{_SHAPE}sp")))


def printed(sheet: Any) -> Iterator[str]:
    """Yield the texts of a sheet's printed headers and footers."""
    for name in _PRINTED:
        item = getattr(sheet, name)
        for part in (item.left, item.center, item.right):
            for line in (part.text or "").splitlines():
                yield from _without_codes(line)


def _is_seen(shape: Any) -> bool:
    return all(place.get("hidden") != "1" for place in shape.iter(f"{_SHAPE}cNvPr"))


def _paragraphs(shape: Any) -> list[str]:
    return [text for text in map(paragraph_text, shape.iter(f"{_TEXT}p")) if text]


def _without_codes(line: str) -> Iterator[str]:
    """Yield what a line says beside its codes; one word beside a page's number is its name."""
    coded = line.replace("&&", _AMPERSAND)
    parts = [
        clean_line(_CODE.sub("", part).replace(_AMPERSAND, "&")) for part in _PAGE.split(coded)
    ]
    yield from (part for part in parts if part and (len(parts) == 1 or " " in part))
