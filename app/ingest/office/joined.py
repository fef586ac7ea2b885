"""Join the paragraphs of a Word document that are shown as one."""

from __future__ import annotations

from typing import Any

from docx.oxml.ns import qn

from app.ingest.office.styles import is_on

_PARAGRAPH, _PROPERTIES = qn("w:p"), qn("w:pPr")
_MARK, _SECTION = f"{_PROPERTIES}/{qn('w:rPr')}", f"{_PROPERTIES}/{qn('w:sectPr')}"
_FRAME, _INITIAL = f"{_PROPERTIES}/{qn('w:framePr')}", qn("w:dropCap")
_TEXT, _GONE = qn("w:t"), (qn("w:del"), qn("w:moveFrom"))
_MARKS = ("Start", "End", "}proofErr")


def join_paragraphs(element: Any) -> None:
    """Let each paragraph inside an element go on in the next one if its own end is deleted.

    So does an initial that hangs over several lines, which Word keeps as a paragraph. What comes
    out has the next one's style and number, as it is that one's end that stays.
    """
    for paragraph in list(element.iter(_PARAGRAPH)):
        following = _following(paragraph) if _goes_on(paragraph) else None
        if following is not None:
            _move(paragraph, following)


def _goes_on(paragraph: Any) -> bool:
    mark, frame = paragraph.find(_MARK), paragraph.find(_FRAME)
    is_deleted = any(is_on(mark, name) for name in ("w:del", "w:moveFrom"))
    is_initial = frame is not None and frame.get(_INITIAL) in ("drop", "margin")
    if not (is_deleted or is_initial) or paragraph.find(_SECTION) is not None:
        return False  # a section's headers hang on its last paragraph
    return any(_is_left(text) for text in paragraph.iter(_TEXT))


def _is_left(text: Any) -> bool:
    return next(text.iterancestors(*_GONE), None) is None


def _following(paragraph: Any) -> Any:
    """Return the paragraph that comes next, but for marks of where something begins or ends."""
    others = (one for one in paragraph.itersiblings() if not str(one.tag).endswith(_MARKS))
    following = next(others, None)
    return following if following is not None and following.tag == _PARAGRAPH else None


def _move(paragraph: Any, following: Any) -> None:
    at = len(following.findall(_PROPERTIES))
    following[at:at] = [child for child in paragraph if child.tag != _PROPERTIES]
    paragraph.getparent().remove(paragraph)
