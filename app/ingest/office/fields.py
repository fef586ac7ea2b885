"""Empty the code of a Word document's fields, of which a reader sees the result alone."""

from __future__ import annotations

from typing import Any

from docx.oxml.ns import qn

_MARK, _TEXT, _KIND = qn("w:fldChar"), qn("w:t"), qn("w:fldCharType")


class _Field:
    def __init__(self) -> None:
        self.code: list[Any] = []
        self.has_result = False


def empty_codes(element: Any) -> None:
    """Take out what stands in the code of fields that have a result: values that it compares.

    A field that does not end, in a broken file, keeps all texts.
    """
    fields: list[_Field] = []
    for child in element.iter(_MARK, _TEXT):
        kind = child.get(_KIND)
        if child.tag == _TEXT:
            for field in fields:
                field.code += [] if field.has_result else [child]
        elif kind == "begin":
            fields.append(_Field())
        elif fields and kind == "separate":
            fields[-1].has_result = True
        elif fields and kind == "end":
            _empty(fields.pop())


def _empty(field: _Field) -> None:
    for text in field.code if field.has_result else ():
        text.text = ""
