"""Read the words of pages that are images only, by tesseract; knows nothing of their order."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median
from typing import Any

import pypdfium2.raw as pdfium

from app.errors import UserError
from app.ingest.pdf.glyphs import Word

PATIENCE_S = 60.0  # for one page
_DPI = 300  # what tesseract is trained for
_POINTS = 72  # an inch
_MOST_PIXELS = 5000  # of a side; a larger page is made smaller
_SURE = 30  # of 100; below are mostly specks and pictures
_LARGER = 1.4  # times the height of most lines; smaller differences are those of letters
_LINE, _WORD = 4, 5  # levels of what tesseract finds


def check_languages(languages: str) -> None:
    """Raise UserError unless tesseract is installed with these languages ("eng+deu")."""
    try:
        import pytesseract
    except ImportError as error:
        raise UserError(
            "OCR needs the extra groundtune[ocr]: install it, or leave out --ocr"
        ) from error
    try:
        known = pytesseract.get_languages(config="")
    except pytesseract.TesseractNotFoundError as error:
        raise UserError(
            "OCR needs tesseract, which is not installed: apt install tesseract-ocr, or leave out "
            "--ocr"
        ) from error
    for language in languages.split("+"):
        if language not in known:
            message = f"tesseract has {', '.join(sorted(known))} and no language {language!r}"
            raise UserError(f"{message}: install it, or name others with --ocr")


def is_scan(page: Any) -> bool:
    """Tell whether a page shows images."""
    return any(page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE], max_depth=3))


def scanned_words(page: Any, languages: str) -> list[Word]:
    """Return the words of a page as it shows; none where tesseract fails or takes too long."""
    import pytesseract

    scale = min(_DPI / _POINTS, _MOST_PIXELS / max(page.get_size()))
    image = page.render(scale=scale).to_pil()
    try:
        words = pytesseract.image_to_data(
            image, lang=languages, timeout=PATIENCE_S, output_type=pytesseract.Output.DICT
        )
    except RuntimeError:
        return []
    entries = [
        dict(zip(words, values, strict=True)) for values in zip(*words.values(), strict=True)
    ]
    return list(_words(entries, scale))


def _words(entries: list[dict[str, Any]], scale: float) -> Iterator[Word]:
    """Give each word the place and the size of its line: boxes of words differ by their letters."""
    lines = {_line(entry): entry for entry in entries if entry["level"] == _LINE}
    usual = median(entry["height"] for entry in lines.values()) if lines else 0
    for entry in entries:
        if entry["level"] != _WORD or entry["conf"] < _SURE or not entry["text"].strip():
            continue
        line = lines[_line(entry)]
        size = line["height"] if line["height"] > _LARGER * usual else usual
        yield Word(
            entry["text"],
            entry["left"] / scale,
            (entry["left"] + entry["width"]) / scale,
            line["top"] / scale,
            (line["top"] + line["height"]) / scale,
            size / scale,
        )


def _line(entry: dict[str, Any]) -> tuple[int, int, int]:
    return entry["block_num"], entry["par_num"], entry["line_num"]
