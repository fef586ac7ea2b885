"""Write what the paragraphs of a slide or a drawing show; knows nothing of shapes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from app.ingest.extracted import clean_line
from app.ingest.office.equations import equation
from app.ingest.office.numbering import letter, roman
from app.ingest.raised import raised

_DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}oMath"
_NUMERALS: dict[str, Callable[[int], str]] = {
    "arabic": str,
    "alphaLc": letter,
    "alphaUc": lambda count: letter(count).upper(),
    "romanLc": roman,
    "romanUc": lambda count: roman(count).upper(),
}
_SHAPES = {"Period": "{}.", "ParenR": "{})", "ParenBoth": "({})", "Plain": "{}"}
_KIND = re.compile(f"({'|'.join(_NUMERALS)})({'|'.join(_SHAPES)})")
_STRUCK = {"sngStrike", "dblStrike"}


def text_of(frame: Any) -> str:
    """Return the text of a frame in one line."""
    return " ".join(lines_of(frame))


def lines_of(frame: Any, bullet: str = "") -> list[str]:
    """Return the text of each paragraph that has any, after its number or `bullet`."""
    steps = _Steps()
    lines = []
    for paragraph in frame.paragraphs:
        text = paragraph_text(paragraph._p)
        label = steps.label(paragraph) if text or paragraph.text.strip() else ""
        if text:
            lines.append(f"{label or bullet} {text}".strip())
    return lines


def paragraph_text(element: Any) -> str:
    """Return what a paragraph's element shows, in one line."""
    return clean_line("".join(_pieces(element)))


class _Steps:
    """The counters of the numbered paragraphs of a frame, one for each level."""

    def __init__(self) -> None:
        self._counts: dict[int, tuple[str, int, int]] = {}

    def label(self, paragraph: Any) -> str:
        """Count a paragraph and return its number, "" for one that has none."""
        level = paragraph.level
        before = self._counts.get(level)
        self._counts = {at: count for at, count in self._counts.items() if at < level}
        mark = paragraph._p.find(f"{_DRAWING}pPr/{_DRAWING}buAutoNum")
        if mark is None:
            return ""
        kind, start = mark.get("type", ""), int(mark.get("startAt", "1"))
        count = before[2] + 1 if before and before[:2] == (kind, start) else start
        self._counts[level] = kind, start, count
        return _numbered(kind, count)


def _numbered(kind: str, count: int) -> str:
    match = _KIND.fullmatch(kind)
    if match is None:
        return f"{count}."
    return _SHAPES[match[2]].format(_NUMERALS[match[1]](count))


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
