"""Read one file into plain text with its headings and pages; knows nothing of chunks or indexes."""

from collections.abc import Callable
from functools import partial
from importlib.metadata import entry_points
from pathlib import Path

from app.ingest.extracted import ExtractedDocument, Heading, TextBuilder, UnreadableFile
from app.ingest.formats.books import read_epub, read_rst, read_rtf
from app.ingest.formats.html import read_html
from app.ingest.formats.mail import read_eml, read_msg
from app.ingest.formats.opendocument import read_odf
from app.ingest.formats.pdf import read_pdf
from app.ingest.formats.plain import read_markdown, read_text
from app.ingest.formats.records import (
    read_csv,
    read_json,
    read_jsonl,
    read_toml,
    read_xml,
    read_yaml,
)
from app.ingest.formats.slides import read_pptx
from app.ingest.formats.sources import read_adoc, read_code, read_log, read_notebook
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

Reader = Callable[[bytes, TextBuilder], None]
"""Adds what a file's bytes hold; raises UnreadableFile where they hold nothing that it can read."""

ENTRY_POINTS = "groundtune.readers"
"""Packages add a type here: the suffix with its dot as the name, a Reader as the value."""

_CODE = """
    .py .pyi .js .mjs .jsx .ts .tsx .java .kt .scala .c .h .cc .cpp .hpp .cs .go .rs .rb .php
    .swift .lua .pl .r .jl .sh .bash .ps1 .sql .css .vue .dart .ex .erl .hs .m .f90 .proto .tf
""".split()


def _attach(name: str, content: bytes, around: TextBuilder) -> ExtractedDocument:
    """Read what is attached to an e-mail by its own type."""
    reader = _reader(Path(name).suffix.lower())
    if not content.strip():
        raise UnreadableFile("is empty")
    builder = TextBuilder(around.limit, ocr=around.ocr)
    _read(reader, content, builder)
    return builder.build()


BUILT_IN: dict[str, Reader] = {
    ".txt": read_text,
    ".text": read_text,
    ".log": read_log,
    ".md": read_markdown,
    ".markdown": read_markdown,
    ".rst": read_rst,
    ".adoc": read_adoc,
    ".html": read_html,
    ".htm": read_html,
    ".xhtml": read_html,
    ".epub": read_epub,
    ".pdf": read_pdf,
    ".rtf": read_rtf,
    ".docx": read_docx,
    ".docm": read_docx,
    ".odt": read_odf,
    ".pptx": read_pptx,
    ".odp": read_odf,
    ".xlsx": read_xlsx,
    ".xlsm": read_xlsx,
    ".ods": read_odf,
    ".csv": read_csv,
    ".tsv": read_csv,
    ".json": read_json,
    ".jsonl": read_jsonl,
    ".yaml": read_yaml,
    ".yml": read_yaml,
    ".toml": read_toml,
    ".xml": read_xml,
    ".ipynb": read_notebook,
    ".eml": partial(read_eml, attach=_attach),
    ".msg": partial(read_msg, attach=_attach),
    **{suffix: partial(read_code, suffix=suffix) for suffix in _CODE},
}

_ADDED = {point.name.lower(): point for point in entry_points(group=ENTRY_POINTS)}

SUFFIXES = frozenset(BUILT_IN) | frozenset(_ADDED)

TOLD = " ".join(sorted(SUFFIXES - set(_CODE))) + " and program sources"
"""The types in words, for messages."""

_UNFOLDING = 4  # a file may unfold to this many times `max_bytes`; a bomb wants a thousandfold


def read_file(path: Path, *, max_bytes: int = 50_000_000, ocr: str = "") -> ExtractedDocument:
    """Extract the text of a file, or raise `UnreadableFile` whatever its content is.

    `ocr` names the languages in which tesseract reads pages that are images ("eng+deu").
    """
    suffix = path.suffix.lower()
    reader = _reader(suffix)
    data = _read_bytes(path, max_bytes)
    builder = TextBuilder(_UNFOLDING * max_bytes, ocr=ocr)
    _read(reader, data, builder)
    extracted = builder.build()
    if not extracted.text.strip():
        hint = ": --ocr reads scans" if suffix == ".pdf" and not ocr else ""
        raise UnreadableFile(f"has no text{hint}")
    return extracted


def _reader(suffix: str) -> Reader:
    """Return what reads files of a type; a package's own reader goes before a built-in one."""
    if suffix in _ADDED:
        reader: Reader = _ADDED[suffix].load()
        return reader
    if suffix not in BUILT_IN:
        raise UnreadableFile(f"has a type that is not supported: {suffix or 'no suffix'}")
    return BUILT_IN[suffix]


def _read(reader: Reader, data: bytes, builder: TextBuilder) -> None:
    try:
        reader(data, builder)
    except UnreadableFile:
        raise
    except RecursionError as error:
        raise UnreadableFile("is nested too deep") from error
    except Exception as error:  # whatever a parser raises for one file must not stop the others
        raise UnreadableFile(f"could not be read ({type(error).__name__})") from error


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
