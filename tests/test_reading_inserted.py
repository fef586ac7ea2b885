"""Documents inside or beside a Word document, which Word shows as a part of it, are read or named."""

from pathlib import Path
from typing import Any

import pytest
from docx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from file_parts import word_bytes
from reading_parts import read
from word_parts import W, cell, paragraph, run, table

R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PAGE = "<h1>Fees</h1><p>Rent: 450 euro</p>"
ARCHIVE = (
    'MIME-Version: 1.0\nContent-Type: multipart/related; type="text/html"; boundary="B"\n\n--B\n'
    'Content-Type: text/html; charset="utf-8"\nContent-Location: file:///C:/a.html\n\n'
    f"{PAGE}\n--B--\n"
)
INNER = word_bytes(lambda document: document.add_paragraph("Rent: 450 euro"))
IN_CELL = table(cell("Annex") + "<w:tc>{}</w:tc>")


def with_chunk(folder: Path, name: str, kind: str, content: bytes, block: str = "{}") -> Any:
    def fill(document: Any) -> None:
        part = Part(PackURI(f"/word/{name}"), kind, content, document.part.package)
        key = document.part.relate_to(part, RELATIONSHIP_TYPE.A_F_CHUNK)
        chunk = f'<w:altChunk {W} {nsdecls("r")} r:id="{key}"/>'
        for inserted in (paragraph(run("Before.")), block.format(chunk), paragraph(run("After."))):
            document.element.body.insert(-1, parse_xml(inserted))

    return read(folder, "a.docx", word_bytes(fill))


@pytest.mark.parametrize(
    ("name", "kind", "content", "shown"),
    [
        ("c.html", "text/html", PAGE.encode(), "Fees\n\nRent: 450 euro"),
        ("c.mht", "message/rfc822", ARCHIVE.encode(), "Fees\n\nRent: 450 euro"),
        ("c.txt", "text/plain", b"Rent: 450 euro", "Rent: 450 euro"),
        ("c.rtf", "application/rtf", rb"{\rtf1 Rent: 450 euro\par}", "Rent: 450 euro"),
        ("c.docx", CONTENT_TYPE.WML_DOCUMENT_MAIN, INNER, "Rent: 450 euro"),
    ],
)
def test_documents_that_word_inserts_are_read_in_their_place(
    tmp_path: Path, name: str, kind: str, content: bytes, shown: str
) -> None:
    extracted = with_chunk(tmp_path, name, kind, content)
    assert (extracted.text, extracted.notes) == (f"Before.\n\n{shown}\n\nAfter.", ())


def test_documents_that_word_inserts_in_cells_are_text_of_these(tmp_path: Path) -> None:
    extracted = with_chunk(tmp_path, "c.html", "text/html", PAGE.encode(), IN_CELL)
    assert extracted.text == "Before.\n\nAnnex: Fees Rent: 450 euro\n\nAfter."


def test_inserted_documents_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    extracted = with_chunk(tmp_path, "c.docx", CONTENT_TYPE.WML_DOCUMENT_MAIN, b"broken")
    assert extracted.text == "Before.\n\nAfter."
    assert extracted.notes == ("an inserted document, which is not a readable .docx file",)


def test_parts_of_a_master_document_are_named(tmp_path: Path) -> None:
    def fill(document: Any) -> None:
        document.add_paragraph("Handbook")
        key = document.part.relate_to("parts/Chapter 1.docx", f"{R}/subDocument", is_external=True)
        outer = paragraph(f'<w:subDoc {nsdecls("r")} r:id="{key}"/>')
        document.element.body.insert(-1, parse_xml(outer))

    extracted = read(tmp_path, "a.docx", word_bytes(fill))
    assert extracted.text == "Handbook"
    assert extracted.notes == ("subdocument 'Chapter 1.docx', which is a file of its own",)


def test_documents_that_are_only_linked_in_are_named(tmp_path: Path) -> None:
    def fill(document: Any) -> None:
        document.add_paragraph("Before.")
        document.element.body.insert(-1, parse_xml(f"<w:altChunk {W}/>"))

    extracted = read(tmp_path, "a.docx", word_bytes(fill))
    assert extracted.text == "Before."
    assert extracted.notes == ("a document that is inserted when Word opens this one",)
