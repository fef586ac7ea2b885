"""Pages that are images are read by OCR when that is asked for, and marked as such."""

from __future__ import annotations

import shutil
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pypdfium2 as pdfium
import pytesseract
import pytest
from index_parts import bring, open_store
from reading_parts import drawn, heading, holds_together, ruled, set_pdf
from reportlab.lib.utils import ImageReader  # type: ignore[import-untyped]  # has no stubs
from reportlab.pdfgen.canvas import Canvas  # type: ignore[import-untyped]  # as above
from rich.console import Console

from app import cli
from app.errors import UserError
from app.ingest.pdf import scans
from app.ingest.readers import read_file
from app.terminal import print_report

needs_tesseract = pytest.mark.skipif(
    shutil.which("tesseract") is None,
    reason="tesseract is not installed: apt install tesseract-ocr",
)
PROSE = "The harbour office opens at seven and closes at noon on market days. " * 3


def scanned(content: bytes, *, before: list[tuple[float, float, str]] | None = None) -> bytes:
    """Print a PDF and scan it again: each page becomes an image, behind a page of text if given."""
    file = BytesIO()
    canvas = Canvas(file, pagesize=(595, 842), invariant=True)
    for x, y, text in before or []:
        canvas.drawString(x, 842 - y, text)
    if before:
        canvas.showPage()
    document = pdfium.PdfDocument(content)
    for page in document:
        image = page.render(scale=200 / 72).to_pil()
        canvas.drawImage(ImageReader(image), 0, 0, 595, 842)
        canvas.showPage()
    canvas.save()
    return file.getvalue()


def write(folder: Path, content: bytes) -> Path:
    file = folder / "scan.pdf"
    file.write_bytes(content)
    return file


@needs_tesseract
def test_scans_are_read_as_paragraphs_headings_and_rows(tmp_path: Path) -> None:
    table = ruled([["Berth", "Fee"], ["D1", "40 euro"], ["D2", "55 euro"]])
    page = set_pdf(heading("Harbour office"), PROSE, table)
    extracted = read_file(write(tmp_path, scanned(page)), ocr="eng")
    assert " ".join(PROSE.split()) in " ".join(extracted.text.split())
    assert [h.title for h in extracted.headings] == ["Harbour office"]
    assert holds_together(extracted, "D2", "55 euro")
    assert extracted.recognised == ((0, len(extracted.text)),)


@needs_tesseract
def test_only_pages_that_are_images_are_read_by_ocr_and_their_chunks_say_so(tmp_path: Path) -> None:
    page = [(72.0, 100.0, "This page was typed.")]
    file = write(tmp_path, scanned(drawn([(72, 100, "This one was scanned.")]), before=page))
    store = open_store(tmp_path / "index")
    report = bring(store, file, max_bytes=9_000_000, ocr="eng")
    marked = {c.page_content: c.metadata.get("ocr") for c in store.all_chunks()}
    assert marked == {"This page was typed.": None, "This one was scanned.": True}
    assert (report.recognised, report.partly) == ({"scan.pdf": 1}, {})
    print_report(report, Console(file=(printed := StringIO())))
    assert "1 page read by OCR: scan.pdf" in printed.getvalue()


def test_scans_are_left_unread_and_told_unless_ocr_is_asked_for(tmp_path: Path) -> None:
    page = [(72.0, 100.0, "This page was typed.")]
    file = write(tmp_path, scanned(drawn([(72, 100, "A scan.")]), before=page))
    assert read_file(file).notes == ("page 2 without text: --ocr reads scans",)


@needs_tesseract
def test_a_page_in_which_ocr_finds_nothing_is_told(tmp_path: Path) -> None:
    page = [(72.0, 100.0, "This page was typed.")]
    file = write(tmp_path, scanned(drawn([]), before=page))
    assert read_file(file, ocr="eng").notes == ("page 2 without text",)


@needs_tesseract
@pytest.mark.parametrize(("size", "letters"), [(100, 12), (14_400, 200)])
def test_a_page_costs_bounded_time_however_large_it_is(
    size: int, letters: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = BytesIO()
    canvas = Canvas(file, pagesize=(size, size), invariant=True)
    canvas.setFont("Helvetica", letters)
    canvas.drawString(size / 4, size / 2, "Harbour")
    canvas.save()
    (page,) = pdfium.PdfDocument(file.getvalue())
    looked_at: list[tuple[int, int]] = []
    look = pytesseract.image_to_data

    def noted(image: Any, **how: Any) -> Any:
        looked_at.append(image.size)
        return look(image, **how)

    monkeypatch.setattr(pytesseract, "image_to_data", noted)
    assert [word.text for word in scans.scanned_words(page, "eng")] == ["Harbour"]
    monkeypatch.setattr(scans, "PATIENCE_S", 0.01)
    assert scans.scanned_words(page, "eng") == []
    assert len(looked_at) == 2
    assert max(map(max, looked_at)) <= scans._MOST_PIXELS


def test_a_missing_tesseract_is_told_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    write(tmp_path, drawn([(72, 100, "x")]))
    assert cli.main(["ingest", str(tmp_path), "--ocr", "eng"]) == 3
    (told,) = capsys.readouterr().err.splitlines()
    assert told.startswith("groundtune: OCR needs tesseract, which is not installed")
    assert not (tmp_path / ".groundtune").exists()


@needs_tesseract
def test_a_language_that_tesseract_lacks_is_told() -> None:
    with pytest.raises(UserError, match=r"no language 'tlh': install it, or name others"):
        scans.check_languages("eng+tlh")
