"""Write the parts of a Word document as XML, and read them."""

from pathlib import Path
from typing import Any

from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from file_parts import word_bytes
from reading_parts import read

W = nsdecls("w")
MC = "http://schemas.openxmlformats.org/markup-compatibility/2006"
NUMBERED = '<w:numPr><w:ilvl w:val="0"/><w:numId w:val="78"/></w:numPr>'

LEVELS = (
    '<w:lvl w:ilvl="0"><w:numFmt w:val="upperRoman"/><w:lvlText w:val="Part %1"/></w:lvl>'
    '<w:lvl w:ilvl="1"><w:numFmt w:val="decimal"/>{}<w:lvlText w:val="%1.%2"/></w:lvl>'
)
SHAPES = (
    f'<w:abstractNum w:abstractNumId="77">{LEVELS.format("")}</w:abstractNum>'
    '<w:num w:numId="78"><w:abstractNumId w:val="77"/></w:num>'
)


def run(text: str, properties: str = "") -> str:
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def paragraph(content: str, properties: str = "") -> str:
    return f"<w:p {W}><w:pPr>{properties}</w:pPr>{content}</w:p>"


def text_of(folder: Path, *blocks: str, styles: str = "", numbering: str = "") -> str:
    def fill(document: Any) -> None:
        append(document.styles.element, styles)
        append(document.part.numbering_part.element, numbering)
        for block in blocks:
            document.element.body.insert(-1, parse_xml(block))

    return read(folder, "a.docx", word_bytes(fill)).text


def append(parent: Any, content: str) -> None:
    parent.extend(list(parse_xml(f"<w:any {W}>{content}</w:any>")))


def style(key: str, kind: str, properties: str) -> str:
    return (
        f'<w:style w:type="{kind}" w:styleId="{key}"><w:name w:val="{key}"/>{properties}</w:style>'
    )


def cell(text: str, properties: str = "") -> str:
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{paragraph(run(text))}</w:tc>"


def table(*rows: str) -> str:
    return f"<w:tbl {W}><w:tblPr/>{''.join(f'<w:tr>{row}</w:tr>' for row in rows)}</w:tbl>"


def item(text: str, level: int = 0) -> str:
    return paragraph(run(text), NUMBERED.replace('"0"', f'"{level}"'))


def box(*blocks: str) -> str:
    """Write a text box as Word does, in a new form and an old one."""
    inner = f"<w:txbxContent>{''.join(blocks)}</w:txbxContent>"
    return (
        f'<w:r><mc:AlternateContent xmlns:mc="{MC}"><mc:Choice><w:drawing>{inner}</w:drawing>'
        f"</mc:Choice><mc:Fallback><w:pict>{inner}</w:pict></mc:Fallback></mc:AlternateContent></w:r>"
    )
