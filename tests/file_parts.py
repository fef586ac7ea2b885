"""Write small files of the types that are zipped packages."""

import zipfile
from collections.abc import Callable, Mapping
from io import BytesIO
from typing import Any

from docx import Document
from openpyxl import Workbook
from pptx import Presentation

Fill = Callable[[Any], None]

SPACES = " ".join(
    f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{short}:1.0"'
    for short in ("office", "text", "table", "style", "draw", "presentation")
)


def zipped(members: Mapping[str, str | bytes]) -> bytes:
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as package:
        for name, content in members.items():
            package.writestr(name, content)
    return file.getvalue()


def word_bytes(fill: Fill) -> bytes:
    document = Document()
    fill(document)
    return _saved(document)


def xlsx_bytes(fill: Fill) -> bytes:
    book = Workbook()
    fill(book)
    return _saved(book)


def pptx_bytes(fill: Fill) -> bytes:
    presentation = Presentation()
    fill(presentation.slides.add_slide(presentation.slide_layouts[5]))
    return _saved(presentation)


def _saved(document: Any) -> bytes:
    file = BytesIO()
    document.save(file)
    return file.getvalue()


def odf_bytes(suffix: str, body: str, styles: str = "", shared: str = "") -> bytes:
    """Write a body with its automatic styles, and the styles and pages that files share."""
    kind = {"odt": "text", "ods": "spreadsheet", "odp": "presentation"}[suffix]
    content = (
        f"<office:document-content {SPACES}><office:automatic-styles>{styles}"
        f"</office:automatic-styles><office:body><office:{kind}>{body}</office:{kind}>"
        "</office:body></office:document-content>"
    )
    return zipped(
        {
            "META-INF/manifest.xml": "<manifest/>",
            "styles.xml": f"<office:document-styles {SPACES}>{shared}</office:document-styles>",
            "content.xml": content,
        }
    )


def cells(*texts: str, attributes: str = "") -> str:
    made = "".join(
        f"<table:table-cell {attributes}><text:p>{t}</text:p></table:table-cell>" for t in texts
    )
    return f"<table:table-row>{made}</table:table-row>"


def epub(chapters: list[str]) -> bytes:
    """Bind chapters into a book whose spine runs from the last one to the first."""
    items = "".join(f'<item id="c{n}" href="text/c%20{n}.xhtml"/>' for n in range(len(chapters)))
    spine = "".join(f'<itemref idref="c{n}"/>' for n in reversed(range(len(chapters))))
    container = "<container><rootfiles><rootfile full-path='OPS/book.opf'/></rootfiles></container>"
    pages = {
        f"OPS/text/c {n}.xhtml": f"<html><body>{chapter}</body></html>"
        for n, chapter in enumerate(chapters)
    }
    return zipped(
        {
            "META-INF/container.xml": container,
            "OPS/book.opf": f"<package>{items}<spine>{spine}</spine></package>",
            **pages,
        }
    )
