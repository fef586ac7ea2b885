"""Read the text layer of a PDF page by page; knows nothing of images, so of scans neither."""

import logging
from io import BytesIO

from pypdf import PdfReader

from app.ingest.extracted import TextBuilder, UnreadableFile

# langchain-community's PyPDFParser wraps the same call, but importing it takes 0.6 s longer and
# warns that the package is sunset; pypdf alone also lets each way to fail be named.

logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # it reports every repair


def read_pdf(data: bytes, builder: TextBuilder) -> None:
    """Add one paragraph per page and mark where each page begins."""
    reader = _open(data)
    for number in range(_count_pages(reader)):
        builder.page()
        builder.add(_page_text(reader, number))


def _open(data: bytes) -> PdfReader:
    try:
        reader = PdfReader(BytesIO(data))
        locked = reader.is_encrypted and not reader.decrypt("")
    except Exception as error:  # broken files make the parser raise nearly anything
        raise UnreadableFile("is not a readable PDF") from error
    if locked:
        raise UnreadableFile("is encrypted: save it without a password")
    return reader


def _count_pages(reader: PdfReader) -> int:
    try:
        return len(reader.pages)
    except Exception as error:  # as above
        raise UnreadableFile("is not a readable PDF") from error


def _page_text(reader: PdfReader, number: int) -> str:
    try:
        return reader.pages[number].extract_text()
    except Exception as error:  # as above
        raise UnreadableFile(f"has a page that cannot be read: page {number + 1}") from error
