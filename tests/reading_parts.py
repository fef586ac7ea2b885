"""What a reader gives to the model: chunks under their headings, and units under their headers."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

from langchain_core.documents import Document
from reportlab.lib import colors  # type: ignore[import-untyped]  # has no stubs
from reportlab.lib.styles import getSampleStyleSheet  # type: ignore[import-untyped]  # as above
from reportlab.pdfgen.canvas import Canvas  # type: ignore[import-untyped]  # as above
from reportlab.platypus import (  # type: ignore[import-untyped]  # as above
    BaseDocTemplate,
    Flowable,
    Frame,
    PageTemplate,
    Paragraph,
    SimpleDocTemplate,
    Table,
)

from app.ingest.chunking import split_document
from app.ingest.extracted import ExtractedDocument
from app.ingest.readers import read_file
from graphs.evidence import Source
from graphs.passages import place

STYLES = getSampleStyleSheet()


def read(folder: Path, name: str, content: bytes | str) -> ExtractedDocument:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_file(path)


def chunks_of(extracted: ExtractedDocument) -> list[Document]:
    return split_document(extracted, document="file")


def shown(extracted: ExtractedDocument) -> list[str]:
    return shown_of(chunks_of(extracted))


def shown_of(chunks: list[Document]) -> list[str]:
    """Return every passage as the model reads it, and every unit as the check reads it."""
    units = [placed.unit for placed in Source.of(chunks).units]
    texts = (
        [place(chunk) for chunk in chunks] + [u.shown for u in units] + [u.record for u in units]
    )
    return [" ".join(text.split()) for text in texts]


def holds_together(extracted: ExtractedDocument, *wanted: str) -> bool:
    return any(all(" ".join(w.split()) in text for w in wanted) for text in shown(extracted))


def drawn(*pages: list[tuple[float, float, str]], size: int = 10) -> bytes:
    """Draw texts at places given in points from the upper left corner."""
    file = BytesIO()
    canvas = Canvas(file, pagesize=(595, 842), invariant=True)
    for page in pages:
        canvas.setFont("Helvetica", size)
        for x, y, text in page:
            canvas.drawString(x, 842 - y, text)
        canvas.showPage()
    canvas.save()
    return file.getvalue()


def set_pdf(*parts: Flowable | str, columns: int = 1) -> bytes:
    """Set paragraphs and tables as a text processor does, in one column or more."""
    file = BytesIO()
    flow = [Paragraph(p, STYLES["BodyText"]) if isinstance(p, str) else p for p in parts]
    if columns == 1:
        SimpleDocTemplate(file, pagesize=(595, 842), invariant=True).build(flow)
        return file.getvalue()
    width = 500 / columns
    frames = [Frame(45 + n * (width + 5), 60, width - 5, 720) for n in range(columns)]
    document = BaseDocTemplate(file, pagesize=(595, 842), invariant=True)
    document.addPageTemplates(PageTemplate(frames=frames))
    document.build(flow)
    return file.getvalue()


def ruled(rows: list[list[object]], *style: tuple[object, ...]) -> Table:
    return Table(rows, style=[("GRID", (0, 0), (-1, -1), 0.5, colors.black), *style])


def heading(text: str) -> Paragraph:
    return Paragraph(text, STYLES["Heading1"])
