"""What every index can do; nothing outside this package knows what one is made of."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

from langchain_core.documents import Document

from app.index.config import IndexConfig
from app.index.forgotten import Forgotten
from app.index.vectors import Vectors

Filter = dict[str, Any]
"""Wanted value, or list of wanted values, by key of the metadata; a missing key equals None."""

Scored = list[tuple[Document, float]]
"""Chunks and their scores, best first; a higher score is better."""


class Snapshot(Protocol):
    """One state of an index. A row is a number that names a chunk in this state alone."""

    config: IndexConfig
    version: str

    @property
    def size(self) -> int:
        """Number of chunks."""

    def rows(self, where: Filter | None = None) -> Sequence[int]:
        """Return the rows whose metadata fits the filter, in the order of their adding."""

    def dense(
        self, vector: Vectors, k: int, where: Filter | None = None
    ) -> list[tuple[int, float]]:
        """Return the rows nearest to a normalised vector and their cosine, best first."""

    def lexical(
        self, question: str, k: int, where: Filter | None = None
    ) -> list[tuple[int, float]]:
        """Return the rows that share words with a question; a higher score is better."""

    def chunks(self, rows: Sequence[int]) -> list[Document]:
        """Return the chunks of these rows, in their order."""

    def get(self, ids: Sequence[str]) -> list[Document]:
        """Return the chunks with these ids that exist, in their order."""

    def stored(self, rows: Sequence[int]) -> Vectors:
        """Return the vectors of these rows, shape (rows, dimension), in their order."""

    def documents(self) -> dict[str, tuple[str, str]]:
        """Return root and content hash of each ingested document, by its name."""

    def seen_by(self) -> dict[str, str]:
        """Return who may see each document that not everybody may, as `app.index.audience`."""

    def changed(self, documents: Sequence[str]) -> dict[str, str]:
        """Return when the files of documents were last changed, by name, where that is known."""

    def text_of(self, document: str) -> str | None:
        """Return a document's whole extracted text, in which all its spans count."""


class IndexWriter(Protocol):
    """The next generation while it is being written."""

    @property
    def places(self) -> tuple[str, ...] | None:
        """What has to be ingested to build the index anew; None where nobody noted it."""

    def documents(self) -> dict[str, tuple[str, str]]:
        """Return root and content hash of each document by now, by its name."""

    def add(self, chunks: Sequence[Document], vectors: Vectors) -> None:
        """Add chunks with their normalised vectors, replacing those whose id is there already."""

    def delete(self, ids: Sequence[str]) -> None:
        """Remove chunks; ids that are not there are ignored."""

    def put_document(
        self, *, document: str, root: str, sha256: str, text: str,
        seen_by: str | None = None, changed: str | None = None,
    ) -> None:  # fmt: skip
        """Record a document's text, replacing an older one and removing that one's chunks.

        Its chunks must bear the same label `seen_by`, for searches go by theirs. `changed` is when
        its file was last changed, by ISO 8601.
        """

    def show_document(self, document: str, seen_by: str | None) -> None:
        """Say anew who may see an unchanged document and its chunks; its vectors stay."""

    def move_document(self, document: str, *, root: str) -> None:
        """Record that an unchanged document now comes from another root."""

    def rename_document(self, old: str, new: str, *, root: str) -> None:
        """Give an unchanged document another name; its vectors stay."""

    def delete_document(self, document: str) -> None:
        """Remove a document and all its chunks."""

    def put_forgotten(self, documents: Sequence[Forgotten]) -> None:
        """Replace the list of documents that are not to come back; it outlives a rebuild."""

    def put_places(self, places: Sequence[str]) -> None:
        """Record what must be ingested to rebuild the index, until the next call replaces it."""


class Index(Protocol):
    """Chunks of documents with their vectors. Reading one that is not there raises NoIndex."""

    @property
    def folder(self) -> Path:
        """Where vectors wait that are computed and not yet committed."""

    @property
    def config(self) -> IndexConfig:
        """The choices that the index must have been built with."""

    @property
    def version(self) -> str:
        """Name of the content: equal documents and choices give an equal version."""

    @property
    def size(self) -> int:
        """Number of chunks."""

    def exists(self) -> bool:
        """Tell whether anything was ingested yet."""

    def snapshot(self) -> AbstractContextManager[Snapshot]:
        """Give one state of the index, which stays the same while it is read."""

    def documents(self) -> dict[str, tuple[str, str]]:
        """Return root and content hash of each ingested document, by its name."""

    def forgotten(self) -> list[Forgotten]:
        """Return the documents that are not to come back, whatever the index was built with."""

    def seen_by(self) -> dict[str, str]:
        """Return who may see each document that not everybody may, whatever it was built with."""

    def text_of(self, document: str) -> str | None:
        """Return a document's whole extracted text, in which all its spans count."""

    def all_chunks(self) -> list[Document]:
        """Return every chunk, in the order in which they were added."""

    def chunks_of(self, document: str) -> list[Document]:
        """Return a document's chunks, in the order in which they were added."""

    def hybrid_search(self, query: str, k: int = 4, *, where: Filter | None = None) -> Scored:
        """Fuse the dense and the lexical ranking of the chunks that fit the filter.

        Each document's metadata gains `similarity`, its cosine with the query, and `index`, the
        version that was searched, and `changed` where that is known of the document. Equal texts
        take one place; `also` names the other documents.
        """

    def similarity_search_with_score(
        self, query: str, k: int = 4, filter: Filter | None = None
    ) -> Scored:
        """Return the nearest chunks and their cosine, -1 to 1, the filter applied first."""

    def lexical_search(self, query: str, k: int = 4, *, where: Filter | None = None) -> Scored:
        """Return the chunks that share words with the query, by their lexical score."""

    def kept_places(self, places: Sequence[str]) -> tuple[str, ...] | None:
        """Return what `IndexWriter.put_places` keeps of places; None where they are too many."""

    def embed_chunks(self, chunks: Sequence[Document]) -> Vectors:
        """Embed chunks together with their document's name and section."""

    def write(self, *, fresh: bool = False) -> AbstractContextManager[IndexWriter]:
        """Give a writer on the current content (`fresh`: on none), and switch when it is done.

        Nothing changes for readers until the block ends; an exception inside it changes nothing.
        What it replaces stays for those who read it, until the second write after this one.
        Raises BeingWritten when another process is writing to the same index.
        """
