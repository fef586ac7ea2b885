"""A LangChain vector store over the index, and hybrid (dense and BM25) search in it.

langchain-community's FAISS class is not extended: a repeated id corrupts it, it filters after
the fetch, its relevance scores are wrong for inner product, and it persists pickles.
"""

from __future__ import annotations

import json
import shlex
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from langchain_core.documents import Document
from langchain_core.embeddings import Embeddings
from langchain_core.vectorstores import VectorStore

from app.errors import UserError, one_line
from app.index.config import IndexConfig
from app.index.current import FORGOTTEN, Pointed, current_folder, ingested, pointed
from app.index.forgotten import Forgotten, as_list
from app.index.fusion import dated, fused, scored
from app.index.generation import Generation, UnreadableIndex
from app.index.ids import content_id
from app.index.lexical import heading, text_under_header
from app.index.port import Filter, IndexWriter, Scored, Snapshot
from app.index.vectors import Vectors, unit
from app.index.writer import write_generation

OPEN_ATTEMPTS = 5


class HybridVectorStore(VectorStore):
    """Chunks of documents with their vectors, kept in one folder.

    Readers follow the pointer: a search that starts after an ingestion sees its result. Raises
    UserError when the folder holds an index that was built with other choices.
    """

    def __init__(self, folder: Path, embeddings: Embeddings, config: IndexConfig) -> None:
        self.folder = folder
        self.config = config
        self._embeddings = embeddings
        self._generation: Generation | None = None
        self._pointed: Pointed | None = None  # to what is open
        self._labels: tuple[str, dict[str, str]] | None = None
        self._lock = threading.Lock()

    @property
    def embeddings(self) -> Embeddings:
        """The model that embeds chunks and queries."""
        return self._embeddings

    @property
    def generation(self) -> Generation:
        """The generation in use now; raises UserError when nothing was ingested yet."""
        with self._lock:
            now = pointed(self.folder)
            if self._generation is None or now is None or self._pointed != now:
                self._generation = self._open()
                self._pointed = now  # as it was before: if it was moved meanwhile, that shows
            return self._generation

    @contextmanager
    def snapshot(self) -> Iterator[Snapshot]:
        """Give one state of the index, which stays the same while it is read.

        Raises UserError unless the index was built with our choices.
        """
        with self.unchecked() as snapshot:
            if snapshot.config != self.config:
                places = snapshot.config.places or ()
                self.config.check(
                    snapshot.config, place=self.place, option=self.option, places=places
                )
            yield snapshot

    @contextmanager
    def unchecked(self) -> Iterator[Snapshot]:
        """Give one state of the index, whatever it was built with."""
        yield self.generation

    def exists(self) -> bool:
        """Tell whether anything was ingested yet."""
        return current_folder(self.folder) is not None

    @property
    def version(self) -> str:
        """Name of the content: equal documents and choices give an equal version."""
        with self.snapshot() as snapshot:
            return snapshot.version

    @property
    def size(self) -> int:
        """Number of chunks."""
        with self.snapshot() as snapshot:
            return snapshot.size

    def documents(self) -> dict[str, tuple[str, str]]:
        """Return root and content hash of each ingested document, by its name."""
        with self.snapshot() as snapshot:
            return snapshot.documents()

    def forgotten(self) -> list[Forgotten]:
        """Return the documents that are not to come back, whatever the index was built with."""
        file = self.folder / FORGOTTEN
        try:
            return as_list(file.read_text(encoding="utf-8")) if file.exists() else []
        except (ValueError, TypeError) as error:  # no guess: a document might come back
            raise UserError(
                f"{file} is damaged ({one_line(error)}): restore it from a copy; without it, "
                "ingestion takes in again what was forgotten"
            ) from error

    def seen_by(self) -> dict[str, str]:
        """Return who may see each document that not everybody may, whatever it was built with."""
        with self.unchecked() as snapshot:
            return snapshot.seen_by()

    def labels_of(self, snapshot: Snapshot) -> dict[str, str]:
        """Return what `seen_by` of a state does, read once a version."""
        known = self._labels
        if known is None or known[0] != snapshot.version:
            known = self._labels = (snapshot.version, snapshot.seen_by())
        return known[1]

    def text_of(self, document: str) -> str | None:
        """Return a document's whole extracted text, in which all its spans count."""
        with self.snapshot() as snapshot:
            return snapshot.text_of(document)

    def all_chunks(self) -> list[Document]:
        """Return every chunk, in the order in which they were added."""
        with self.snapshot() as snapshot:
            return snapshot.chunks(snapshot.rows())

    def chunks_of(self, document: str) -> list[Document]:
        """Return a document's chunks, in the order in which they were added."""
        with self.snapshot() as snapshot:
            return snapshot.chunks(snapshot.rows({"document": document}))

    def write(self, *, fresh: bool = False) -> AbstractContextManager[IndexWriter]:
        """Begin the next generation; see `write_generation`."""
        if self.exists() and not fresh:
            self.version  # noqa: B018  # reading it checks that its choices equal ours
        return write_generation(self.folder, self.config, fresh=fresh)

    def kept_places(self, places: Sequence[str]) -> tuple[str, ...] | None:
        """Return what `IndexWriter.put_places` keeps of places."""
        return tuple(places)

    def embed_chunks(self, chunks: Sequence[Document]) -> Vectors:
        """Embed chunks together with their document's name and section."""
        return embed_chunks(self._embeddings, chunks)

    def hybrid_search(self, query: str, k: int = 4, *, where: Filter | None = None) -> Scored:
        """Fuse the dense and the BM25 ranking; scores are reciprocal-rank sums, best first.

        Each document's metadata gains `similarity`, its cosine with the query, and `index`, the
        version that was searched, and `changed` where that is known of the document. Equal texts
        take one place; `also` names the other documents.
        """
        vector = self._embed_query(query)
        with self.snapshot() as snapshot:
            return dated(snapshot, fused(snapshot, query, vector, k, where))

    def add_texts(
        self,
        texts: Iterable[str],
        metadatas: list[dict[str, Any]] | None = None,
        *,
        ids: Sequence[str | None] | None = None,
        **kwargs: Any,
    ) -> list[str]:
        """Add texts in one atomic write, replacing those whose id is there already."""
        contents = list(texts)
        chunks = [
            Document(
                id=id_ or content_id(text, json.dumps(metadata, sort_keys=True)),
                page_content=text,
                metadata=dict(metadata),
            )
            for text, metadata, id_ in zip(
                contents,
                metadatas or [{}] * len(contents),
                ids or [None] * len(contents),
                strict=True,
            )
        ]
        if chunks:
            vectors = self.embed_chunks(chunks)
            with self.write() as writer:
                writer.add(chunks, vectors)
        return [str(chunk.id) for chunk in chunks]

    def delete(self, ids: list[str] | None = None, **kwargs: Any) -> bool | None:
        """Delete by id in one atomic write; unknown ids are ignored. None deletes nothing."""
        if ids and self.exists() and self.get_by_ids(ids):
            with self.write() as writer:
                writer.delete(ids)
        return True

    def get_by_ids(self, ids: Sequence[str], /) -> list[Document]:
        """Return the chunks that exist among these ids."""
        with self.snapshot() as snapshot:
            return snapshot.get(ids)

    def similarity_search(
        self, query: str, k: int = 4, filter: Filter | None = None, **kwargs: Any
    ) -> list[Document]:
        """Return the nearest chunks by cosine."""
        return [document for document, _ in self.similarity_search_with_score(query, k, filter)]

    def similarity_search_with_score(
        self, query: str, k: int = 4, filter: Filter | None = None, **kwargs: Any
    ) -> Scored:
        """Return the nearest chunks and their cosine, -1 to 1, the filter applied first."""
        return self._nearest(self._embed_query(query), k, filter)

    def similarity_search_by_vector(
        self, embedding: list[float], k: int = 4, filter: Filter | None = None, **kwargs: Any
    ) -> list[Document]:
        """Return the chunks nearest to a vector, which is normalised first."""
        return [document for document, _ in self._nearest(unit(embedding), k, filter)]

    def lexical_search(self, query: str, k: int = 4, *, where: Filter | None = None) -> Scored:
        """Return the chunks that share words with the query, by BM25."""
        with self.snapshot() as snapshot:
            return scored(snapshot, snapshot.lexical(query, k, where))

    def _nearest(self, vector: Vectors, k: int, where: Filter | None) -> Scored:
        with self.snapshot() as snapshot:
            return scored(snapshot, snapshot.dense(vector, k, where))

    def _select_relevance_score_fn(self) -> Callable[[float], float]:
        return lambda cosine: min(1.0, max(0.0, (1 + cosine) / 2))  # a cosine may round above 1

    def _embed_query(self, query: str) -> Vectors:
        return unit(self._embeddings.embed_query(query))

    def _open(self) -> Generation:
        """Open the current generation; retry when a writer replaced it between two reads."""
        for attempt in range(OPEN_ATTEMPTS):
            folder = ingested(self.folder)
            try:
                return Generation(self.folder, folder)
            except UnreadableIndex:
                if attempt == OPEN_ATTEMPTS - 1:
                    raise
        raise AssertionError("unreachable: the last attempt returns or raises")

    @property
    def place(self) -> str:
        """Where the index is, in words."""
        return str(self.folder)

    @property
    def option(self) -> str:
        """What tells a command of this place, with a blank before it."""
        return f" --index {shlex.quote(str(self.folder))}"

    @classmethod
    def from_texts(
        cls,
        texts: list[str],
        embedding: Embeddings,
        metadatas: list[dict[str, Any]] | None = None,
        *,
        ids: list[str] | None = None,
        folder: Path | None = None,
        **kwargs: Any,
    ) -> HybridVectorStore:
        """Build a store in `folder` from texts."""
        if folder is None:
            raise ValueError("a folder is needed: this store always lives on disk")
        dimension = len(embedding.embed_query("dimension"))
        config = IndexConfig(
            embedding_model=type(embedding).__name__,
            dimension=dimension,
            chunk_size=0,
            chunk_overlap=0,
        )
        store = cls(folder, embedding, config)
        store.add_texts(texts, metadatas, ids=ids)
        return store


def embed_chunks(embeddings: Embeddings, chunks: Sequence[Document]) -> Vectors:
    """Embed chunks together with their document's name and section, shape (chunks, dimension)."""
    texts = [f"{heading(c.metadata)}\n{text_under_header(c)}".strip() for c in chunks]
    if not texts:
        return np.empty((0, 0), dtype=np.float32)  # a server may refuse to be asked for nothing
    return np.stack([unit(vector) for vector in embeddings.embed_documents(texts)])
