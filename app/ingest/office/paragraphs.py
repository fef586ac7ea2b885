"""Write what a paragraph of a Word document shows; knows nothing of blocks and tables."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import parse_xml
from docx.oxml.ns import qn

from app.ingest.extracted import clean_line
from app.ingest.office.equations import equation
from app.ingest.office.fields import empty_codes
from app.ingest.office.joined import join_paragraphs
from app.ingest.office.styles import Styles, is_on, value_of
from app.ingest.office.symbols import sign, with_signs
from app.ingest.raised import raised
from app.ingest.ruby import with_reading
from app.ingest.ticks import tick

_SPACES = re.compile(" {2,}")  # what was struck leaves one on each side
_COMPATIBILITY = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
FIRST_FORM = {f"{_COMPATIBILITY}AlternateContent", f"{_COMPATIBILITY}Choice"}
"""What wraps content that stands in two forms, for new programs and for old ones."""
_MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}oMath"
_WATERMARK = "{urn:schemas-microsoft-com:vml}textpath"
_OBJECTS = ("{urn:schemas-microsoft-com:office:office}OLEObject", qn("w:control"))
_RUBY = qn("w:ruby")
_RUN, _BOX = qn("w:r"), qn("w:txbxContent")
_FONTS = f"{qn('w:rPr')}/{qn('w:rFonts')}"
_SKIPPED = {qn("w:pPr"), qn("w:moveFrom"), qn("w:del"), f"{_COMPATIBILITY}Fallback"}
_TEXT = {qn("w:tab"): "\t", qn("w:br"): "\n", qn("w:cr"): "\n", qn("w:p"): "\n"}
_TEXT |= {qn("w:noBreakHyphen"): "-", qn("w:ptab"): "\t"}
_NOTES = {"footnote": RELATIONSHIP_TYPE.FOOTNOTES, "endnote": RELATIONSHIP_TYPE.ENDNOTES}
_NOTES |= {"comment": RELATIONSHIP_TYPE.COMMENTS}


class ParagraphText:
    """Writes what a paragraph shows, with notes and comments where they are called."""

    def __init__(self, part: Any, styles: Styles) -> None:
        self.styles = styles
        self.notes = {kind: _notes(part, kind, type_) for kind, type_ in _NOTES.items()}
        calls = {qn(f"w:{kind}Reference"): partial(self._note, kind) for kind in _NOTES}
        own = {_RUBY: self._ruby} | dict.fromkeys(_OBJECTS, self._object)
        self.writers: dict[Any, Callable[[Any], str]] = _WRITERS | calls | own
        self.objects: set[Any] = set()
        """What other programs have embedded where text was written; its picture alone is shown."""

    def of(self, element: Any) -> str:
        """Return the text of a paragraph, or of all paragraphs of an element."""
        return _SPACES.sub(" ", "".join(self._pieces(element))).strip("\n")

    def boxes(self, paragraph: Any) -> list[Any]:
        """Return the contents of the text boxes that are anchored in a paragraph and seen."""
        boxes = ((box, list(box.iterancestors())) for box in paragraph.iter(_BOX))
        return [box for box, around in boxes if self._is_seen_in(paragraph, around)]

    def _is_seen_in(self, paragraph: Any, around: list[Any]) -> bool:
        within = around[: around.index(paragraph)]
        return not any(element.tag == _BOX or self._is_unseen(element) for element in within)

    def _pieces(self, element: Any) -> Iterator[str]:
        for child in element:
            if write := self.writers.get(child.tag):
                yield write(child)
            elif not self._is_unseen(child):
                inner = "".join(self._pieces(child))
                yield _TEXT.get(child.tag, "")
                yield raised(inner) if self._is_raised(child) else inner

    def _is_unseen(self, element: Any) -> bool:
        """Tell what is deleted, or a run that is struck or hidden."""
        return element.tag in _SKIPPED or (element.tag == _RUN and self.styles.is_unseen(element))

    def _is_raised(self, element: Any) -> bool:
        return element.tag == _RUN and self.styles.is_raised(element)

    def _object(self, element: Any) -> str:
        self.objects.add(element)
        return ""

    def _ruby(self, element: Any) -> str:
        parts = (element.find(qn(f"w:{name}")) for name in ("rubyBase", "rt"))
        return with_reading(*("" if part is None else self.of(part) for part in parts))

    def _note(self, kind: str, call: Any) -> str:
        element = self.notes[kind].get(call.get(qn("w:id")))
        text = "" if element is None else clean_line(self.of(element))
        return f" [{kind}: {text}]" if text else ""


def _notes(part: Any, kind: str, type_: str) -> dict[str, Any]:
    try:
        root = parse_xml(part.part_related_by(type_).blob)
    except KeyError:
        return {}
    empty_codes(root)
    join_paragraphs(root)
    return {note.get(qn("w:id")): note for note in root.findall(qn(f"w:{kind}"))}


def _legacy_box(box: Any) -> str:
    state = "w:default" if box.find(qn("w:checked")) is None else "w:checked"
    return tick(is_on=is_on(box, state)) + " "


def _letters(element: Any) -> str:
    text = element.text or ""
    fonts = None if text.isascii() else element.getparent().find(_FONTS)
    return text if fonts is None else with_signs(text, fonts.get(qn("w:ascii"), ""))


def _sign(element: Any) -> str:
    code = int(element.get(qn("w:char"), "0"), 16)
    return sign(element.get(qn("w:font"), ""), code)


def _choice(element: Any) -> str:
    """Return the chosen entry of an old drop-down field."""
    entries = [entry.get(qn("w:val")) for entry in element.findall(qn("w:listEntry"))]
    return "".join(entries[int(value_of(element, "w:result") or 0) :][:1])


def _equation(element: Any) -> str:
    text, previous = equation(element), element.getprevious()
    if previous is None or not text:
        return text
    if previous.tag == _MATH:
        return f"; {text}"
    # 3 of the sentence and 1/2 of the equation are not 31/2
    told = "".join(previous.itertext()) if previous.tag == _RUN else ""
    return f" {text}" if told[-1:].isdigit() and text[0].isdigit() else text


_WRITERS: dict[Any, Callable[[Any], str]] = {
    qn("w:t"): _letters,
    qn("w:sym"): _sign,
    qn("w:checkBox"): _legacy_box,
    qn("w:ddList"): _choice,
    _WATERMARK: lambda element: f" {element.get('string', '')} ",
    _MATH: _equation,
    _BOX: lambda element: "",  # its blocks come after the paragraph
}
