"""Write what the paragraphs of a slide show; knows nothing of shapes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from app.ingest.extracted import one_line
from app.ingest.office.equations import equation
from app.ingest.raised import raised

_DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}oMath"
_STRUCK = {"sngStrike", "dblStrike"}


def text_of(frame: Any) -> str:
    """Return the text of a frame in one line."""
    return " ".join(lines_of(frame))


def lines_of(frame: Any) -> list[str]:
    """Return the text of each paragraph that has any."""
    texts = (one_line("".join(_pieces(paragraph._p))) for paragraph in frame.paragraphs)
    return [text for text in texts if text]


def _pieces(element: Any) -> Iterator[str]:
    for child in element:
        if child.tag == f"{_DRAWING}t":
            yield child.text or ""
        elif child.tag == f"{_DRAWING}br":
            yield " "
        elif child.tag == _MATH:
            yield equation(child)
        elif _format(child, "strike") not in _STRUCK:
            inner = "".join(_pieces(child))
            yield raised(inner) if _is_raised(child) else inner


def _is_raised(run: Any) -> bool:
    """Tell a superscript run by how far it stands above the line, in thousandths or percent."""
    return _format(run, "baseline").strip("0%")[:1] not in ("", "-")


def _format(run: Any, name: str) -> str:
    properties = run.find(f"{_DRAWING}rPr")
    return "" if properties is None else str(properties.get(name, ""))
