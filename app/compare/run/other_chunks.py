"""Read and cut documents as simpler programs do, to see what structure is worth to the search."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from typing import Literal

from langchain_core.documents import Document

from app.index.ids import content_id
from app.ingest.chunking import Split, page_at, split_document
from app.ingest.extracted import ExtractedDocument

Cut = Literal["by structure", "as plain text", "by length alone"]


def as_plain_text(
    extracted: ExtractedDocument, *, document: str, chunk_size: int, chunk_overlap: int
) -> list[Document]:
    """Cut what a reader gives that sees no headings, pages or records: the same text."""
    return split_document(
        ExtractedDocument(extracted.text),
        document=document,
        chunk_size=chunk_size,
        chunk_overlap=chunk_overlap,
    )


def by_length(
    extracted: ExtractedDocument, *, document: str, chunk_size: int, chunk_overlap: int
) -> list[Document]:
    """Cut after so many characters, whatever stands there.

    A chunk is embedded with the section that it begins in, as one that structure cuts is.
    """
    text, step = extracted.text, chunk_size - chunk_overlap
    cut = split_document(
        extracted, document=document, chunk_size=chunk_size, chunk_overlap=chunk_overlap
    )
    starts = [int(chunk.metadata["start"]) for chunk in cut]
    return [
        Document(
            id=content_id(document, str(start), text[start : start + chunk_size]),
            page_content=text[start : start + chunk_size],
            metadata={
                **_place(cut[max(0, bisect_right(starts, start) - 1)]),
                "start": start,
                "end": min(start + chunk_size, len(text)),
                "page": page_at(extracted.pages, start),
            },
        )
        for start in range(0, max(1, len(text) - chunk_overlap), step)
        if text[start : start + chunk_size].strip()
    ]


def _place(chunk: Document) -> dict[str, str]:
    names = ("document", "section", "title")
    return {name: chunk.metadata[name] for name in names if name in chunk.metadata}


SPLITS: Mapping[Cut, Split] = {
    "by structure": split_document,
    "as plain text": as_plain_text,
    "by length alone": by_length,
}
