"""Read one file into plain text with its headings and pages; knows nothing of chunks or indexes."""

from collections.abc import Callable
from pathlib import Path

from app.ingest.extracted import ExtractedDocument, Heading, TextBuilder, UnreadableFile
from app.ingest.formats.html import read_html
from app.ingest.formats.opendocument import read_odf
from app.ingest.formats.pdf import read_pdf
from app.ingest.formats.plain import read_markdown, read_text
from app.ingest.formats.records import read_csv, read_json, read_jsonl
from app.ingest.formats.slides import read_pptx
from app.ingest.formats.spreadsheets import read_xlsx
from app.ingest.formats.word import read_docx

__all__ = [
    "SUFFIXES",
    "ExtractedDocument",
    "Heading",
    "UnreadableFile",
    "check_size",
    "read_file",
]

_READERS: dict[str, Callable[[bytes, TextBuilder], None]] = {
    ".txt": read_text,
    ".md": read_markdown,
    ".markdown": read_markdown,
    ".html": read_html,
    ".htm": read_html,
    ".pdf": read_pdf,
    ".docx": read_docx,
    ".pptx": read_pptx,
    ".odt": read_odf,
    ".ods": read_odf,
    ".odp": read_odf,
    ".xlsx": read_xlsx,
    ".xlsm": read_xlsx,
    ".csv": read_csv,
    ".tsv": read_csv,
    ".json": read_json,
    ".jsonl": read_jsonl,
}

SUFFIXES = frozenset(_READERS)

_UNFOLDING = 4  # a file may unfold to this many times `max_bytes`; a bomb wants a thousandfold


def read_file(path: Path, *, max_bytes: int = 50_000_000) -> ExtractedDocument:
    """Extract the text of a file, or raise `UnreadableFile` whatever its content is."""
    suffix = path.suffix.lower()
    reader = _READERS.get(suffix)
    if reader is None:
        raise UnreadableFile(f"has a type that is not supported: {suffix or 'no suffix'}")
    data = _read_bytes(path, max_bytes)
    builder = TextBuilder(limit=_UNFOLDING * max_bytes)
    try:
        reader(data, builder)
    except UnreadableFile:
        raise
    except RecursionError as error:
        raise UnreadableFile("is nested too deep") from error
    except Exception as error:  # whatever a parser raises for one file must not stop the others
        raise UnreadableFile(f"could not be read ({type(error).__name__})") from error
    extracted = builder.build()
    if not extracted.text.strip():
        hint = ": a scanned PDF needs OCR first" if suffix == ".pdf" else ""
        raise UnreadableFile(f"has no text{hint}")
    return extracted


def check_size(size: int, max_bytes: int) -> None:
    """Raise `UnreadableFile` for a file of more bytes than allowed."""
    if size > max_bytes:
        limit = f"{max_bytes / 1_000_000:g} MB"
        raise UnreadableFile(f"is larger than {limit}: split it or raise GROUNDTUNE_MAX_FILE_MB")


def _read_bytes(path: Path, max_bytes: int) -> bytes:
    try:
        if path.exists() and not path.is_file():  # opening a pipe would wait for ever
            raise UnreadableFile("is not a regular file")
        with path.open("rb") as file:
            data = file.read(max_bytes + 1)
    except PermissionError as error:
        raise UnreadableFile("cannot be opened: permission denied") from error
    except OSError as error:
        cause = (error.strerror or "unknown cause").lower()
        raise UnreadableFile(f"cannot be opened: {cause}") from error
    check_size(len(data), max_bytes)
    if not data.strip():
        raise UnreadableFile("is empty")
    return data
