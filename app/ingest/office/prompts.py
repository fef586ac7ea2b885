"""Empty the fields of a Word form that still show what asks for them: "Choose an item."."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import parse_xml
from docx.oxml.ns import qn

from app.ingest.extracted import clean_line
from app.ingest.office.styles import is_on, value_of


class Prompts:
    """What a document's fields show before they are filled in, by name."""

    def __init__(self, part: Any) -> None:
        self._texts: dict[str, str] = {}
        with suppress(KeyError):  # a document without such fields has no such part
            glossary = part.part_related_by(RELATIONSHIP_TYPE.GLOSSARY_DOCUMENT)
            for entry in parse_xml(glossary.blob).iter(qn("w:docPart")):
                self._texts[value_of(entry.find(qn("w:docPartPr")), "w:name")] = _text(entry)

    def empty(self, element: Any) -> None:
        """Take the text out of each field inside an element that still shows its prompt."""
        for field in element.iter(qn("w:sdt")) if self._texts else ():
            if self._is_prompt(field):
                for text in field.iter(qn("w:t")):
                    text.text = ""

    def _is_prompt(self, field: Any) -> bool:
        """Compare the texts too, for programs that fill in a field may leave its mark."""
        properties = field.find(qn("w:sdtPr"))
        if not is_on(properties, "w:showingPlcHdr"):
            return False
        name = value_of(properties.find(qn("w:placeholder")), "w:docPart")
        return self._texts.get(name) == _text(field)


def _text(element: Any) -> str:
    return clean_line("".join(element.itertext(qn("w:t"))))
