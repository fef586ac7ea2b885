"""Write what OpenDocument paragraphs and cells say; knows nothing of where they stand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from app.ingest.extracted import clean_line
from app.ingest.office.odf_controls import Controls, old_field
from app.ingest.office.odf_lists import Lists
from app.ingest.office.odf_objects import Objects
from app.ingest.office.odf_styles import PLAIN, RAISED, Look, Styles, is_seen
from app.ingest.office.odf_tables import laid
from app.ingest.office.odf_xml import local_name, odf
from app.ingest.raised import raised
from app.ingest.ruby import with_reading

SKIPPED = {"tracked-changes", "sequence-decls", "forms", "variable-decls", "note-citation"}
SKIPPED |= {"content-validations", "number"}

_DESCRIPTIONS = {odf(f"svg-compatible:{name}") for name in ("title", "desc")}  # of what is drawn
_BLOCKS = {"p", "h", "list", "table"}
_BLANKS = {"s", "tab", "line-break"}
_VALUES = ("string-value", "value", "date-value", "time-value", "boolean-value")


class Text:
    """Writes paragraphs, cells and whole boxes, each in one line and without what is unseen."""

    def __init__(self, styles: Styles, lists: Lists, objects: Objects, controls: Controls) -> None:
        self._styles = styles
        self._lists = lists
        self._objects = objects
        self._charts: list[Any] = []
        self._controls = controls
        self._called: dict[str, Callable[[Any, Look], str]] = {
            "note": self._note,
            "annotation": self.comment,
            "object": self._object,
            "ruby": self._ruby,
            "control": self.control,
            "fieldmark": lambda mark, look: old_field(mark) if is_seen(look) else "",
        }

    def of(self, element: Any, around: Look = PLAIN, boxes: list[Any] | None = None) -> str:
        """Write a paragraph with its notes and comments where they are called.

        Boxes of text that are anchored in it are collected, or written too if `boxes` is None.
        """
        look = self._styles.look(element, around)
        if _holds_blocks(element):
            return self.blocks(element, look)
        return clean_line("".join(self._pieces(element, look, boxes)))

    def blocks(self, parent: Any, look: Look = PLAIN) -> str:
        """Write all blocks inside an element."""
        return " ".join(filter(None, (self._block(child, look) for child in parent)))

    def take_charts(self) -> list[Any]:
        """Return the charts that stand in what was written since the last call."""
        taken, self._charts = self._charts, []
        return taken

    def cell(self, cell: Any, style: str, around: Look = PLAIN, *, is_hidden: bool = False) -> str:
        """Write a cell; `style` is that of its row or column. Charts of a hidden one are left."""
        look = self._styles.look(cell, around, style)
        before = len(self._charts)
        said = self.blocks(cell, look)
        if is_hidden:
            del self._charts[before:]
        comments = (self.comment(c, look) for c in cell if local_name(c) == "annotation")
        return f"{said or _value(cell, look)}{''.join(comments)}".strip()

    def comment(self, comment: Any, look: Look = PLAIN) -> str:
        """Write a comment in brackets."""
        said = " ".join(self._block(b, look) for b in comment if local_name(b) in _BLOCKS)
        return f" [comment: {said}]" if said else ""

    def control(self, control: Any, look: Look = PLAIN) -> str:
        """Write what a field of a form shows, apart from what stands around it."""
        return f" {self._controls.of(control)} " if is_seen(look) else ""

    def _block(self, child: Any, look: Look) -> str:
        name = local_name(child)
        if name == "list":
            return " ".join(self._items(child, look))
        if name == "table":
            rows = laid(child, partial(self.cell, around=look)).rows
            return "; ".join(", ".join(filter(None, row)) for row in rows)
        if name == "control":
            return clean_line(self.control(child, look))
        return "" if name == "annotation" or name in SKIPPED else self.of(child, look)

    def _items(self, element: Any, look: Look) -> Iterator[str]:
        for label, blocks in self._lists.items(element):
            said = " ".join(filter(None, (self._block(block, look) for block in blocks)))
            if said:
                yield f"{label} {said}".strip()

    def _pieces(self, element: Any, look: Look, boxes: list[Any] | None) -> Iterator[str]:
        yield _shown(element.text, look)
        for child in element:
            yield from self._piece(child, look, boxes)
            yield _shown(child.tail, look)

    def _piece(self, child: Any, look: Look, boxes: list[Any] | None) -> Iterator[str]:
        name = local_name(child)
        if name in _BLANKS:
            yield " "
        elif child.tag in _DESCRIPTIONS:
            yield f" {_shown(child.text, self._styles.look(child, look))} "
        elif write := self._called.get(name):
            yield write(child, look - {RAISED})
        elif name not in SKIPPED:
            look = self._styles.look(child, look)
            if not _holds_blocks(child):
                yield from self._pieces(child, look, boxes)
            elif boxes is None:
                yield f" {self.blocks(child, look)} "
            elif is_seen(look):
                boxes.append(child)

    def _object(self, element: Any, look: Look) -> str:
        """Write an equation, and collect a chart: its rows have no place in a line."""
        if not is_seen(look):
            return ""
        if self._objects.is_chart(element):
            self._charts.append(element)
        return self._objects.equation(element)

    def _ruby(self, ruby: Any, look: Look) -> str:
        parts = (ruby.find(odf(f"text:ruby-{name}")) for name in ("base", "text"))
        return with_reading(*("" if part is None else self.of(part, look) for part in parts))

    def _note(self, note: Any, look: Look) -> str:
        said = self.blocks(note.find(odf("text:note-body")), look)
        return f" [{note.get(odf('text:note-class'), 'note')}: {said}]" if said else ""


def _holds_blocks(element: Any) -> bool:
    return any(local_name(child) in _BLOCKS for child in element)


def _shown(text: str | None, look: Look) -> str:
    if not text or not is_seen(look):
        return ""
    return raised(text) if RAISED in look else text


def _value(cell: Any, look: Look) -> str:
    """Return the value of a cell that was saved without its text."""
    if not is_seen(look) or cell.find(odf("text:p")) is not None:
        return ""
    values = (cell.get(odf(f"office:{kind}")) for kind in _VALUES)
    value = next((value for value in values if value), "")
    if value and cell.get(odf("office:value-type")) == "percentage":
        return f"{float(value) * 100:g}%"
    return clean_line(f"{value} {cell.get(odf('office:currency'), '')}")
