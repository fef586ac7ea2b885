"""Read a PDF page by page from standard input, and write each page's blocks as a line of JSON.

The argument names the languages of OCR, or is empty. A process of its own, because no thread can
stop a parser that a hostile file keeps busy.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import pypdfium2 as pdfium

from app.ingest.pdf.boxes import boxes_of
from app.ingest.pdf.comments import comments_of
from app.ingest.pdf.page import Block, read_page, read_words
from app.ingest.pdf.scans import is_scan, scanned_words
from app.ingest.pdf.struck import marks_of

if sys.platform != "win32":
    import resource

MOST_MEMORY = 4_000_000_000  # bytes of addresses, of which most are never used


def main() -> None:
    """Write the number of pages and the outline, then the pages."""
    if sys.platform != "win32":
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, hard))
    data = sys.stdin.buffer.read()
    try:
        document = pdfium.PdfDocument(data)
        _write({"pages": len(document), "outline": _outline(document)})
    except pdfium.PdfiumError as error:
        locked = getattr(error, "err_code", None) == pdfium.raw.FPDF_ERR_PASSWORD
        _write({"error": "locked" if locked else "broken"})
        return
    document.init_forms()
    for number in range(len(document)):
        _write(_page(document, number, ocr=sys.argv[1]))


def _page(document: Any, number: int, *, ocr: str) -> dict[str, Any]:
    try:
        page = document[number]
    except pdfium.PdfiumError:
        return {"blocks": None, "recognised": False, "comments": []}
    marks, comments = list(marks_of(page)), comments_of(page)
    boxes = boxes_of(page, document.formenv)
    # what was filled into a form is no text of the page until it is made a part of it
    if pdfium.raw.FPDFPage_GetAnnotCount(page):
        _keep_edges(page)
        pdfium.raw.FPDFPage_Flatten(page, pdfium.raw.FLAT_NORMALDISPLAY)
        page.close()
        page = document[number]
    blocks = read_page(page, marks, boxes)
    scanned = _scanned(page, ocr) if ocr and not blocks else []
    page.close()
    return {
        "blocks": [list(b) for b in blocks or scanned],
        "recognised": bool(scanned),
        "comments": comments,
    }


def _keep_edges(page: Any) -> None:
    """Write a page's edges where its forms are made a part of it, which forgets inherited ones."""
    box = pdfium.raw.FS_RECTF()
    pdfium.raw.FPDF_GetPageBoundingBox(page, box)
    page.set_mediabox(box.left, box.bottom, box.right, box.top)


def _scanned(page: Any, ocr: str) -> list[Block]:
    return read_words(scanned_words(page, ocr)) if is_scan(page) else []


def _outline(document: Any) -> list[Any]:
    entries = []
    for item in document.get_toc(max_depth=6):
        at = item.get_dest()
        if at is not None and at.get_index() is not None:
            entries.append([item.level + 1, item.get_title(), at.get_index()])
    return entries


def _write(line: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
