"""Read what readers of a PDF remarked on a page; knows nothing of the page's own text."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import pypdfium2.raw as pdfium

from app.ingest.pdf.glyphs import Rule
from app.ingest.pdf.struck import lines_of

# The annotations that show their text when they are clicked.
_REMARKS = {
    pdfium.FPDF_ANNOT_TEXT, pdfium.FPDF_ANNOT_LINE, pdfium.FPDF_ANNOT_SQUARE,
    pdfium.FPDF_ANNOT_CIRCLE, pdfium.FPDF_ANNOT_POLYGON, pdfium.FPDF_ANNOT_POLYLINE,
    pdfium.FPDF_ANNOT_HIGHLIGHT, pdfium.FPDF_ANNOT_UNDERLINE, pdfium.FPDF_ANNOT_SQUIGGLY,
    pdfium.FPDF_ANNOT_STRIKEOUT, pdfium.FPDF_ANNOT_STAMP, pdfium.FPDF_ANNOT_CARET,
    pdfium.FPDF_ANNOT_INK, pdfium.FPDF_ANNOT_FILEATTACHMENT,
}  # fmt: skip
_UNSEEN = pdfium.FPDF_ANNOT_FLAG_HIDDEN | pdfium.FPDF_ANNOT_FLAG_NOVIEW
_STATE = b"StateModel"  # of a remark that only sets another one to "accepted" or "done"
_NARROW = 0.5  # points; far from the lines above and below


def comments_of(page: Any) -> list[str]:
    """Return the remarks on a page, which has none after it was flattened."""
    return list(filter(None, map(str.strip, _comments(page))))


def _comments(page: Any) -> Iterator[str]:
    text, height = cache(page.get_textpage), page.get_height()  # loaded once, where it is needed
    for at in range(pdfium.FPDFPage_GetAnnotCount(page.raw)):
        mark = pdfium.FPDFPage_GetAnnot(page.raw, at)
        said = _said(mark) if _is_remark(mark) else ""
        if said and _bare(said) != _bare(_marked(mark, text, height)):
            yield said
        pdfium.FPDFPage_CloseAnnot(mark)


def _is_remark(mark: Any) -> bool:
    kind = pdfium.FPDFAnnot_GetSubtype(mark)
    # what shows its text all the time is drawn on the page, but not by each program
    undrawn = kind == pdfium.FPDF_ANNOT_FREETEXT and not pdfium.FPDFAnnot_HasKey(mark, b"AP")
    hidden = pdfium.FPDFAnnot_GetFlags(mark) & _UNSEEN or pdfium.FPDFAnnot_HasKey(mark, _STATE)
    return (kind in _REMARKS or undrawn) and not hidden


def _said(mark: Any) -> str:
    size = pdfium.FPDFAnnot_GetStringValue(mark, b"Contents", None, 0)
    text = (pdfium.FPDF_WCHAR * (size // 2))()
    pdfium.FPDFAnnot_GetStringValue(mark, b"Contents", text, size)
    return bytes(text)[:-2].decode("utf-16-le", errors="replace")


def _marked(mark: Any, text: Callable[[], Any], height: float) -> str:
    """Return the words under a mark: some programs put a copy of them where a remark would be."""
    lines = lines_of(mark, height)
    return "".join(text().get_text_bounded(*_around(line, height)) for line in lines)


def _around(line: Rule, height: float) -> tuple[float, float, float, float]:
    """Return a narrow box around the middle of a line: left, bottom, right, top."""
    x, y = (0, _NARROW) if line.flat else (_NARROW, 0)
    return line.x0 - x, height - line.bottom - y, line.x1 + x, height - line.top + y


def _bare(text: str) -> str:
    return "".join(filter(str.isalnum, text))
