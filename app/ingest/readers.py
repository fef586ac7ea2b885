"""Read one file into plain text with its headings and pages; knows nothing of chunks or indexes."""

from collections.abc import Callable
from functools import partial
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

from app.errors import UserError
from app.ingest.extracted import ExtractedDocument, Heading, TextBuilder, UnreadableFile
from app.plugins import Port

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

READERS: Port[Reader] = Port("groundtune.readers", "a function of (bytes, TextBuilder)")
"""Packages add a type here, under its suffix with the dot."""

_CODE = """
    .py .pyi .js .mjs .jsx .ts .tsx .java .kt .scala .c .h .cc .cpp .hpp .cs .go .rs .rb .php
    .swift .lua .pl .r .jl .sh .bash .ps1 .sql .css .vue .dart .ex .erl .hs .m .f90 .proto .tf
""".split()
_SETTINGS = [".ini", ".cfg", ".conf", ".properties"]


def _attach(name: str, content: bytes, around: TextBuilder) -> ExtractedDocument:
    """Read what lies inside an e-mail or a Word document by its own type."""
    reader = _reader(Path(name).suffix.lower())
    if not content.strip():
        raise UnreadableFile("is empty")
    builder = TextBuilder(around.limit, ocr=around.ocr)
    _read(reader, content, builder)
    return builder.build()


BUILT_IN = {
    ".txt": "app.ingest.formats.plain:read_text",
    ".text": "app.ingest.formats.plain:read_text",
    ".log": "app.ingest.formats.logs:read_log",
    ".md": "app.ingest.formats.markdown:read_markdown",
    ".markdown": "app.ingest.formats.markdown:read_markdown",
    ".rst": "app.ingest.formats.restructured:read_rst",
    ".adoc": "app.ingest.formats.asciidoc:read_adoc",
    ".html": "app.ingest.formats.html:read_html",
    ".htm": "app.ingest.formats.html:read_html",
    ".xhtml": "app.ingest.formats.html:read_html",
    ".epub": "app.ingest.formats.books:read_epub",
    ".pdf": "app.ingest.formats.pdf:read_pdf",
    ".rtf": "app.ingest.formats.books:read_rtf",
    ".docx": "app.ingest.formats.word:read_docx",
    ".docm": "app.ingest.formats.word:read_docx",
    ".odt": "app.ingest.formats.opendocument:read_odf",
    ".pptx": "app.ingest.formats.slides:read_pptx",
    ".odp": "app.ingest.formats.opendocument:read_odf",
    ".xlsx": "app.ingest.formats.spreadsheets:read_xlsx",
    ".xlsm": "app.ingest.formats.spreadsheets:read_xlsx",
    ".ods": "app.ingest.formats.opendocument:read_odf",
    ".csv": "app.ingest.formats.records:read_csv",
    ".tsv": "app.ingest.formats.records:read_csv",
    ".json": "app.ingest.formats.records:read_json",
    ".geojson": "app.ingest.formats.records:read_json",
    ".jsonl": "app.ingest.formats.records:read_jsonl",
    ".ndjson": "app.ingest.formats.records:read_jsonl",
    ".yaml": "app.ingest.formats.records:read_yaml",
    ".yml": "app.ingest.formats.records:read_yaml",
    ".toml": "app.ingest.formats.records:read_toml",
    ".xml": "app.ingest.formats.records:read_xml",
    **dict.fromkeys(_SETTINGS, "app.ingest.formats.settings:read_settings"),
    ".srt": "app.ingest.formats.subtitles:read_subtitles",
    ".vtt": "app.ingest.formats.subtitles:read_subtitles",
    ".ipynb": "app.ingest.formats.sources:read_notebook",
    ".eml": "app.ingest.formats.mail:read_eml",
    ".msg": "app.ingest.formats.mail:read_msg",
    **dict.fromkeys(_CODE, "app.ingest.formats.sources:read_code"),
}
"""Where each type's Reader is: loaded with its libraries when a file of the type comes."""

_GIVEN: dict[str, dict[str, Any]] = {
    ".tsv": {"usual": "\t"},
    ".eml": {"attach": _attach},
    ".msg": {"attach": _attach},
    ".docx": {"attach": _attach},
    ".docm": {"attach": _attach},
    **{suffix: {"suffix": suffix} for suffix in [*_SETTINGS, *_CODE]},
}

SUFFIXES = frozenset(BUILT_IN) | frozenset(READERS.names())

TOLD = " ".join(sorted(SUFFIXES - set(_CODE))) + " and program sources"
"""The types in words, for messages."""

_UNFOLDING = 4  # a file may unfold to this many times `max_bytes`; a bomb wants a thousandfold


def read_file(path: Path, *, max_bytes: int = 50_000_000, ocr: str = "") -> ExtractedDocument:
    """Extract the text of a file, or raise `UnreadableFile` whatever its content is.

    `ocr` names the languages in which tesseract reads pages that are images ("eng+deu").
    """
    data = read_bytes(path, max_bytes)
    return read_data(path.suffix.lower(), data, max_bytes=max_bytes, ocr=ocr)


def read_data(suffix: str, data: bytes, *, max_bytes: int, ocr: str) -> ExtractedDocument:
    """Extract the text of a file's bytes; see `read_file`."""
    reader = _reader(suffix)
    builder = TextBuilder(_UNFOLDING * max_bytes, ocr=ocr)
    _read(reader, data, builder)
    extracted = builder.build()
    if not extracted.text.strip():
        hint = ": --ocr reads scans" if suffix == ".pdf" and not ocr else ""
        raise UnreadableFile(f"has no text{hint}")
    return extracted


def _reader(suffix: str) -> Reader:
    """Return what reads files of a type; a package's own reader goes before a built-in one."""
    if suffix in READERS.names():
        return READERS.load(suffix)
    if suffix not in BUILT_IN:
        raise UnreadableFile(f"has a type that is not supported: {suffix or 'no suffix'}")
    place = EntryPoint(suffix, BUILT_IN[suffix], READERS.group)
    return partial(place.load(), **_GIVEN.get(suffix, {}))


def _read(reader: Reader, data: bytes, builder: TextBuilder) -> None:
    try:
        reader(data, builder)
    except (UnreadableFile, UserError):  # the second: what an attachment needs is broken
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


def read_bytes(path: Path, max_bytes: int) -> bytes:
    """Return a file's bytes, or raise `UnreadableFile`."""
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
