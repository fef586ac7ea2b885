"""Word documents come out with what they show, and without what they hide."""

from pathlib import Path
from typing import Any

import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from file_parts import word_bytes
from reading_parts import read

W = nsdecls("w")
VOID = '<w:pStyle w:val="Void"/>'


def run(text: str, properties: str = "") -> str:
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def paragraph(content: str, properties: str = "") -> str:
    return f"<w:p {W}><w:pPr>{properties}</w:pPr>{content}</w:p>"


def text_of(folder: Path, *blocks: str, styles: str = "") -> str:
    def fill(document: Any) -> None:
        for style in parse_xml(f"<w:styles {W}>{styles}</w:styles>"):
            document.styles.element.append(style)
        for block in blocks:
            document.element.body.insert(-1, parse_xml(block))

    return read(folder, "a.docx", word_bytes(fill)).text


def style(key: str, kind: str, properties: str) -> str:
    return (
        f'<w:style w:type="{kind}" w:styleId="{key}"><w:name w:val="{key}"/>{properties}</w:style>'
    )


@pytest.mark.parametrize("mark", ["strike", "dstrike", "vanish"])
def test_what_a_style_strikes_or_hides_is_left_out(tmp_path: Path, mark: str) -> None:
    styles = style("Old", "character", f"<w:rPr><w:{mark}/></w:rPr>")
    styles += style("Older", "character", '<w:basedOn w:val="Old"/>')
    styles += style("Void", "paragraph", f"<w:rPr><w:{mark}/></w:rPr>")
    old, older = (run("500 ", f'<w:rStyle w:val="{key}"/>') for key in ("Old", "Older"))
    kept = run(" still", f'<w:rStyle w:val="Old"/><w:{mark} w:val="0"/>')
    void = paragraph(run("No dogs.") + run("Dogs.", f'<w:{mark} w:val="0"/>'), VOID)
    text = text_of(tmp_path, paragraph(old + older + run("650") + kept), void, styles=styles)
    assert text == "650 still\n\nDogs."
