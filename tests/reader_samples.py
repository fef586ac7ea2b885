"""Small files of each format that is read."""

import zipfile
from io import BytesIO
from pathlib import Path

from docx import Document
from openpyxl import Workbook
from pptx import Presentation
from pptx.util import Inches
from pypdf import PdfReader, PdfWriter
from reportlab.pdfgen.canvas import Canvas  # type: ignore[import-untyped]  # has no stubs


def pdf(*pages: str) -> bytes:
    file = BytesIO()
    canvas = Canvas(file, invariant=True)
    for page in pages:
        canvas.drawString(72, 720, page)
        canvas.showPage()
    canvas.save()
    return file.getvalue()


def encrypted_pdf(password: str) -> bytes:
    writer = PdfWriter(clone_from=PdfReader(BytesIO(pdf("a secret"))))
    writer.encrypt(password, owner_password="owner", algorithm="AES-256")
    file = BytesIO()
    writer.write(file)
    return file.getvalue()


def docx() -> bytes:
    document, file = Document(), BytesIO()
    document.add_heading("Handbook", 0)
    document.add_paragraph("Before the table.\nSame paragraph.")
    table = document.add_table(rows=2, cols=2)
    for cell, text in zip(table._cells, ["Port", "Open", "Kestering", "08:00\n18:00"], strict=True):
        cell.text = text
    document.add_heading("Steps", 1)
    document.add_paragraph("Open", style="List Number")
    document.add_paragraph("Close", style="List Bullet")
    document.add_paragraph("The end.")
    document.save(file)
    return file.getvalue()


def pptx() -> bytes:
    presentation, file = Presentation(), BytesIO()
    slide = presentation.slides.add_slide(presentation.slide_layouts[1])
    slide.shapes.title.text = "Induction"
    slide.placeholders[1].text = "Bring boots\nBring tea"
    slide.notes_slide.notes_text_frame.text = "Smile."
    blank = presentation.slides.add_slide(presentation.slide_layouts[6])
    table = blank.shapes.add_table(1, 2, Inches(1), Inches(1), Inches(4), Inches(1)).table
    table.cell(0, 0).text, table.cell(0, 1).text = "Time", "09:00"
    presentation.save(file)
    return file.getvalue()


def package(size: int) -> bytes:
    file = BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b"\0" * size)
    return file.getvalue()


def xlsx() -> bytes:
    book, file = Workbook(), BytesIO()
    for row in (["a", "b"], [1, 2]):
        book.active.append(row)
    book.save(file)
    return file.getvalue()


def odf() -> bytes:
    file = BytesIO()
    spaces = 'xmlns:o="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
    spaces += ' xmlns:t="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
    content = f"<o:content {spaces}><o:body><o:text><t:p>text</t:p></o:text></o:body></o:content>"
    with zipfile.ZipFile(file, "w") as package:
        package.writestr("META-INF/manifest.xml", "<manifest/>")
        package.writestr("styles.xml", f"<o:styles {spaces}/>")
        package.writestr("content.xml", content)
    return file.getvalue()


def epub() -> bytes:
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as book:
        book.writestr("META-INF/container.xml", "<c><rootfile full-path='b.opf'/></c>")
        book.writestr("b.opf", "<p><item id='c' href='c.html'/><itemref idref='c'/></p>")
        book.writestr("c.html", "<p>text")
    return file.getvalue()


SAMPLES: dict[str, bytes] = {
    "a.txt": "Plain text, naïvely.".encode(),
    "a.md": b"# Title\n\ntext\n",
    "a.html": b"<h1>Title</h1><table><tr><td>a<td>b</table>",
    "a.pdf": pdf("one", "two"),
    "a.docx": docx(),
    "a.pptx": pptx(),
    "a.odt": odf(),
    "a.xlsx": xlsx(),
    "a.csv": b"a,b\n1,2\n",
    "a.log": b"one\ntwo\n",
    "a.rst": b"Title\n=====\n\ntext\n",
    "a.adoc": b"= Title\n\ntext\n",
    "a.epub": epub(),
    "a.rtf": rb"{\rtf1 text\par}",
    "a.yaml": b"a: 1\n",
    "a.toml": b"a = 1\n",
    "a.xml": b"<a><b>text</b></a>",
    "a.ipynb": b'{"cells": [{"cell_type": "raw", "source": "text"}]}',
    "a.eml": b"From: a@b.example\nSubject: x\n\ntext\n",
    "a.msg": (Path(__file__).parent / "reading/mail/msg_with_attachment.msg").read_bytes(),
    "a.py": b"def f():\n    pass\n",
    "a.json": b'[{"a": {"b": [1, {"c": null}]}}]',
    "a.ini": b"[a]\nb = 1\n",
    "a.srt": b"1\n00:00:01,000 --> 00:00:02,000\ntext\n",
    "a.jsonl": b'{"a": 1}\n{"a": 2}\n',
}
