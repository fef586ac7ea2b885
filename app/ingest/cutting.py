"""Read a file's bytes and cut its text, on whichever machine; knows neither folders nor indexes."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from langchain_core.documents import Document

from app.ingest.chunking import Split
from app.ingest.extracted import ExtractedDocument, UnreadableFile
from app.ingest.readers import read_bytes, read_data
from app.ingest.scan import SourceFile


@dataclass(frozen=True)
class Raw:
    """A file's bytes, which may travel to another machine."""

    document: str
    suffix: str
    data: bytes


@dataclass(frozen=True)
class Cut:
    """The text of a file, and its chunks."""

    text: str
    sha256: str
    """The hash of the bytes that the text was read from."""
    chunks: list[Document]
    notes: tuple[str, ...]
    """What of the file is not in the text."""
    recognised: int
    """How many pages OCR read."""


@dataclass(frozen=True, kw_only=True)
class Cutter:
    """How files are read and cut. Gives the error of a file that cannot be read, not raises it."""

    max_bytes: int
    ocr: str
    chunk_size: int
    chunk_overlap: int
    split: Split

    def take(self, source: SourceFile) -> Raw | UnreadableFile:
        """Read a file's bytes."""
        try:
            place = source.place
            data = read_bytes(place, self.max_bytes)
        except UnreadableFile as error:
            return error
        return Raw(source.document, place.suffix.lower(), data)

    def __call__(self, raw: Raw | UnreadableFile) -> Cut | UnreadableFile:
        """Read and cut what was taken."""
        if isinstance(raw, UnreadableFile):
            return raw
        try:
            extracted = read_data(raw.suffix, raw.data, max_bytes=self.max_bytes, ocr=self.ocr)
        except UnreadableFile as error:
            return error
        chunks = self._chunks(extracted, raw.document)
        sha256 = hashlib.sha256(raw.data).hexdigest()
        return Cut(extracted.text, sha256, chunks, extracted.notes, len(extracted.recognised))

    def _chunks(self, extracted: ExtractedDocument, document: str) -> list[Document]:
        return self.split(
            extracted,
            document=document,
            chunk_size=self.chunk_size,
            chunk_overlap=self.chunk_overlap,
        )
