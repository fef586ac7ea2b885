"""Leave of a Word document's fields what a reader sees: their result, or what their code shows."""

from __future__ import annotations

from typing import Any

from docx.oxml.ns import qn

from app.ingest.office.field_codes import shown_by

_MARK, _TEXT, _KIND = qn("w:fldChar"), qn("w:t"), qn("w:fldCharType")
_CODE = qn("w:instrText")


class _Field:
    def __init__(self) -> None:
        self.code: list[Any] = []
        self.instructions: list[Any] = []
        self.has_result = False
        self.shows = False
        """Whether its result has a text."""


def empty_codes(element: Any) -> None:
    """Take out what stands in the code of fields that have a result: values that it compares.

    A field that does not end, in a broken file, keeps all texts.
    """
    fields: list[_Field] = []
    for child in list(element.iter(_MARK, _TEXT, _CODE)):
        kind = child.get(_KIND)
        if child.tag == _CODE:
            for field in fields[-1:]:
                field.instructions.append(child)
        elif child.tag == _TEXT:
            _take(child, fields)
        elif kind == "begin":
            fields.append(_Field())
        elif fields and kind == "separate":
            fields[-1].has_result = True
        elif fields and kind == "end":
            _end(fields.pop())


def _take(text: Any, fields: list[_Field]) -> None:
    for field in fields:
        field.code += [] if field.has_result else [text]
        field.shows |= field.has_result


def _end(field: _Field) -> None:
    for text in field.code if field.has_result else ():
        text.text = ""
    shown = "" if field.shows else shown_by("".join(one.text or "" for one in field.instructions))
    if shown:
        field.instructions[0].tag, field.instructions[0].text = _TEXT, shown
