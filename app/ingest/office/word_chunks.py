"""Read the documents that Word inserts into one when it opens it, and name those outside it."""

from __future__ import annotations

from mimetypes import MimeTypes
from pathlib import PurePath
from typing import Any

from docx.oxml.ns import qn

from app.ingest.extracted import Attach, ExtractedDocument, TextBuilder, UnreadableFile
from app.ingest.office.word_package import CHUNK

_KEY = qn("r:id")
_SUFFIXES = MimeTypes()  # without the machine's own list, so that names are the same everywhere
_WEB_ARCHIVES = dict.fromkeys([".mht", ".mhtml"], ".eml")  # a page with its images, as a mail


class Chunks:
    """The documents (altChunk) inside the package of a document."""

    def __init__(self, part: Any, builder: TextBuilder, attach: Attach) -> None:
        self._part = part
        self._builder = builder
        self._attach = attach

    def read(self, chunk: Any) -> ExtractedDocument | None:
        """Return what an inserted document says, or name it and return None."""
        link = self._part.rels.get(chunk.get(_KEY))
        if link is None or link.is_external or link.reltype != CHUNK:
            self._builder.note("a document that is inserted when Word opens this one")
            return None
        name = f"inserted{_suffix(link.target_part)}"
        try:
            return self._attach(name, link.target_part.blob, self._builder)
        except UnreadableFile as error:
            self._builder.note(f"an inserted document, which {error.reason}")
            return None

    def name_outer(self, element: Any) -> None:
        """Name the parts of a master document, which are files of their own."""
        for outer in element.iter(qn("w:subDoc")):
            link = self._part.rels.get(outer.get(_KEY))
            name = "" if link is None else PurePath(link.target_ref.replace("\\", "/")).name
            self._builder.note(f"subdocument {name!r}, which is a file of its own")


def _suffix(part: Any) -> str:
    """Return the suffix of a part's type, or of its name where no suffix is known for its type."""
    suffix = _SUFFIXES.guess_extension(part.content_type) or PurePath(part.partname).suffix.lower()
    return _WEB_ARCHIVES.get(suffix, suffix)
