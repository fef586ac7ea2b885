"""The chunker as LangChain's document transformer, for documents given with a question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from langchain_core.documents import BaseDocumentTransformer, Document

from app.ingest.chunking import split_document
from app.ingest.extracted import ExtractedDocument


@dataclass(frozen=True)
class ChunkSplitter(BaseDocumentTransformer):
    """Cut documents as ingestion cuts them; spans count in each given text."""

    chunk_size: int
    chunk_overlap: int

    def transform_documents(self, documents: Sequence[Document], **kwargs: Any) -> list[Document]:
        """Return the chunks of all documents, in order."""
        return [
            chunk
            for document in documents
            for chunk in split_document(
                ExtractedDocument(document.page_content),
                document=str(document.metadata["document"]),
                chunk_size=self.chunk_size,
                chunk_overlap=self.chunk_overlap,
            )
        ]
