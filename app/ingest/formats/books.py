"""Read EPUB books and RTF by way of HTML or text that other readers know."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from io import BytesIO
from urllib.parse import unquote
from zipfile import BadZipFile, ZipFile
from zlib import error as zlib_error

from docx.oxml import parse_xml
from striprtf.striprtf import rtf_to_text

from app.ingest.extracted import TextBuilder, UnreadableFile, clean
from app.ingest.formats.html import add_html
from app.ingest.formats.rtf_rows import laid, without_marks
from app.ingest.formats.rtf_shown import shown_rtf
from app.ingest.office.package import check_unpacked
from app.ingest.tables.grid import add_table

_CONTAINER = "META-INF/container.xml"
_FOREIGN = "META-INF/encryption.xml"
_SPACES = re.compile(" {2,}")
_FONTS = re.compile(rb"obfuscation|font", re.IGNORECASE)


def read_epub(data: bytes, builder: TextBuilder) -> None:
    """Add the chapters of a book in the order of its spine, each as a page."""
    try:
        with ZipFile(BytesIO(data)) as book:
            check_unpacked(book, builder.limit)
            if _FOREIGN in book.namelist() and not _FONTS.search(book.read(_FOREIGN)):
                raise UnreadableFile("is encrypted: its publisher lets only some programs read it")
            for chapter in _chapters(book, builder):
                builder.page()
                add_html(chapter, builder, "book")
    except (BadZipFile, KeyError, AttributeError) as error:
        raise UnreadableFile("is not a readable EPUB book") from error


def _chapters(book: ZipFile, builder: TextBuilder) -> Iterator[bytes]:
    """Yield the files of the spine, and note those that the book lacks."""
    root = parse_xml(book.read(_CONTAINER)).find(".//{*}rootfile").get("full-path")
    package = parse_xml(book.read(root))
    files = {item.get("id"): item.get("href") for item in package.iter("{*}item")}
    for ref in package.iter("{*}itemref"):
        name = unquote(files.get(ref.get("idref")) or "")
        try:
            yield book.read(posixpath.normpath(posixpath.join(posixpath.dirname(root), name)))
        except (KeyError, BadZipFile, zlib_error):
            builder.note(f"chapter {name or ref.get('idref')}, which is missing or damaged")


def read_rtf(data: bytes, builder: TextBuilder) -> None:
    """Add paragraphs and table rows."""
    if not data.lstrip().startswith(b"{\\rtf"):
        raise UnreadableFile("is not a readable RTF document")
    text = clean(rtf_to_text(shown_rtf(data.decode("latin-1")), errors="replace"))
    rows: list[list[str]] = []
    for line in [*text.split("\n"), ""]:
        if line.rstrip().endswith("|"):
            rows.append(line.rstrip().removesuffix("|").split("|"))
            continue
        add_table(builder, laid(rows))
        rows = []
        builder.add(_SPACES.sub(" ", without_marks(line)).strip())
