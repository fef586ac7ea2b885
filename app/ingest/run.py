"""Bring the index up to date with folders of documents: read, split, embed, prune, commit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

from langchain_core.documents import Document
from tqdm import tqdm

from app.index.generation import Generation
from app.index.journal import EmbeddingJournal
from app.index.store import HybridVectorStore
from app.index.writer import Writer
from app.ingest.chunking import split_document
from app.ingest.readers import ExtractedDocument, UnreadableFile, read_file
from app.ingest.scan import SourceFile, find_files

EMBED_TOGETHER = 128  # chunks; large enough to batch well, small enough to lose little when killed


@dataclass
class IngestReport:
    """What an ingestion did, by document name."""

    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    skipped: dict[str, str] = field(default_factory=dict)
    """Name and reason of each file that could not be read."""
    embedded: int = 0
    """Chunks whose vectors were computed in this run."""
    chunks: int = 0
    """Chunks in the index afterwards."""
    index: str = ""
    """Version of the index afterwards."""


@dataclass(frozen=True)
class _Loaded:
    """A file that is new or changed, read and hashed."""

    source: SourceFile
    sha256: str
    extracted: ExtractedDocument


def ingest(
    paths: Sequence[Path],
    store: HybridVectorStore,
    *,
    max_bytes: int,
    rebuild: bool = False,
    progress: bool = True,
) -> IngestReport:
    """Make the index hold exactly what is below the paths, besides what other roots brought.

    Unchanged files are not read again, changed ones are replaced, deleted ones are pruned, and an
    unreadable one is reported while its last readable version stays. Raises UserError before
    anything is written when a path is missing or the index was built with other settings.
    """
    files = find_files(paths)
    known = {} if rebuild or not store.exists() else store.generation.documents()
    report = IngestReport()
    loaded = _load(files, known, report, max_bytes=max_bytes, progress=progress)
    report.removed = _deleted(files, known)
    if loaded or report.removed or rebuild:
        _write(loaded, store, report, fresh=rebuild, progress=progress)
    _sum_up(report, store.generation if store.exists() else None)
    return report


def _load(
    files: Sequence[SourceFile],
    known: dict[str, tuple[str, str]],
    report: IngestReport,
    *,
    max_bytes: int,
    progress: bool,
) -> list[_Loaded]:
    loaded: dict[str, _Loaded] = {}
    for source in _bar(files, "reading", "file", progress):
        name = source.document
        owner = loaded[name].source.root if name in loaded else known.get(name, (source.root,))[0]
        if owner != source.root:
            report.skipped[str(source.path)] = f"has the same name {name} as one from {owner}"
            continue
        try:
            sha256 = source.sha256()
            if name in known and known[name][1] == sha256:
                report.unchanged.append(name)
                continue
            loaded[name] = _Loaded(source, sha256, read_file(source.path, max_bytes=max_bytes))
        except (UnreadableFile, OSError) as error:
            kept = "; its last readable version stays in the index" if name in known else ""
            report.skipped[name] = f"{_reason(error)}{kept}"
            continue
        (report.changed if name in known else report.added).append(name)
    return list(loaded.values())


def _write(
    loaded: Sequence[_Loaded],
    store: HybridVectorStore,
    report: IngestReport,
    *,
    fresh: bool,
    progress: bool,
) -> None:
    config = store.config
    chunks: list[Document] = []
    journal = EmbeddingJournal(store.folder, model=config.embedding_model)
    with store.write(fresh=fresh) as writer:
        for name in report.removed:
            writer.delete_document(name)
        for item in loaded:
            _put(writer, item)
            chunks += split_document(
                item.extracted,
                document=item.source.document,
                chunk_size=config.chunk_size,
                chunk_overlap=config.chunk_overlap,
            )
        with _counter(len(chunks), progress) as counter:
            for start in range(0, len(chunks), EMBED_TOGETHER):
                part = chunks[start : start + EMBED_TOGETHER]
                vectors, computed = journal.embed(part, store.embed_chunks)
                writer.add(part, vectors)
                report.embedded += computed
                counter.update(len(part))
    journal.close(done=True)


def _put(writer: Writer, item: _Loaded) -> None:
    writer.put_document(
        document=item.source.document,
        root=item.source.root,
        sha256=item.sha256,
        text=item.extracted.text,
        pages=item.extracted.pages,
    )


def _deleted(files: Sequence[SourceFile], known: dict[str, tuple[str, str]]) -> list[str]:
    """Name the documents of these roots whose files are gone."""
    roots = {file.root for file in files}
    present = {file.document for file in files}
    return sorted(
        name for name, (root, _) in known.items() if root in roots and name not in present
    )


def _sum_up(report: IngestReport, generation: Generation | None) -> None:
    if generation is not None:
        report.chunks = generation.size
        report.index = generation.version


def _reason(error: Exception) -> str:
    if isinstance(error, OSError):
        return f"cannot be read ({error.strerror})"
    return str(error)


def _bar(items: Sequence[SourceFile], what: str, unit: str, shown: bool) -> Iterable[SourceFile]:
    # disable=None hides the bar by itself where stderr is not a terminal
    return tqdm(items, desc=what, unit=unit, leave=False, disable=None if shown else True)


def _counter(total: int, shown: bool) -> tqdm[NoReturn]:
    return tqdm(
        total=total, desc="embedding", unit="chunk", leave=False, disable=None if shown else True
    )
