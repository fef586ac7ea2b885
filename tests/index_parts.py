"""What the tests of index and ingestion share."""

from pathlib import Path

from fakes import KeywordEmbeddings
from langchain_core.documents import Document
from langchain_core.embeddings import Embeddings

from app.index.config import IndexConfig
from app.index.store import HybridVectorStore
from app.ingest.report import IngestReport
from app.ingest.run import ingest
from app.ingest.sources.choice import places_of
from app.ingest.sources.port import Source

WORDS = "alpha beta gamma delta".split()
FILES = {"a.txt": "alpha", "b.md": "# Title\n\nbeta", "sub/c.txt": "gamma"}


class CountingEmbeddings(KeywordEmbeddings):
    """Keyword embeddings that remember the texts they were given, and can be told to fail."""

    def __init__(self, fail_after: int | None = None) -> None:
        super().__init__(WORDS)
        self.texts: list[str] = []
        self.fail_after = fail_after

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        if self.fail_after is not None and len(self.texts) >= self.fail_after:
            raise RuntimeError("the machine went down")
        self.texts += texts
        return super().embed_documents(texts)


def config(**changes: object) -> IndexConfig:
    choices = {"embedding_model": "words", "dimension": 4, "chunk_size": 200, "chunk_overlap": 0}
    return IndexConfig(**(choices | changes))  # type: ignore[arg-type]  # any of its fields


def open_store(
    folder: Path, embeddings: Embeddings | None = None, **changes: object
) -> HybridVectorStore:
    return HybridVectorStore(folder, embeddings or KeywordEmbeddings(WORDS), config(**changes))


def bring(store: HybridVectorStore, *paths: Path | Source, **options: object) -> IngestReport:
    options = {"max_bytes": 100_000, "progress": False} | options
    return ingest(paths, store, **options)  # type: ignore[arg-type]  # any of its options


def take(store: HybridVectorStore, *urls: str, **options: object) -> IngestReport:
    """Ingest what lies at addresses."""
    return bring(store, *places_of(urls), **options)


def write_files(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def texts(documents: list[Document]) -> list[str]:
    return [document.page_content for document in documents]


def scored_texts(found: list[tuple[Document, float]]) -> list[tuple[str, float]]:
    return [(document.page_content, round(score, 6)) for document, score in found]


def documents(store: HybridVectorStore) -> set[str]:
    return set(store.documents())


def found(store: HybridVectorStore, query: str) -> list[str]:
    """Return the texts that hold a word of the query."""
    return [chunk.page_content for chunk, _ in store.lexical_search(query, 99)]
