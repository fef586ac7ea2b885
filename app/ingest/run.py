"""Bring the index up to date with folders of documents: read, split, embed, prune, commit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

from langchain_core.documents import Document
from tqdm import tqdm

from app.errors import UserError
from app.index.generation import Generation
from app.index.journal import EmbeddingJournal
from app.index.store import HybridVectorStore
from app.index.writer import Writer
from app.ingest.chunking import split_document
from app.ingest.readers import SUFFIXES, ExtractedDocument, UnreadableFile, read_file
from app.ingest.scan import Found, SourceFile, find_files

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


@dataclass
class _Changes:
    """What has to be written."""

    loaded: list[_Loaded] = field(default_factory=list)
    moved: dict[str, str] = field(default_factory=dict)
    """New root of each document that is unchanged otherwise."""
    removed: list[str] = field(default_factory=list)


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
    unreadable one is reported while its last readable version stays. A name belongs to the root
    that brought it as long as its file is there; then another root may take it over, so a moved
    folder keeps its vectors. What a vanished root alone brought stays until a rebuild. Raises
    UserError before anything is written when a path is missing, when there is nothing to ingest
    or prune, or when the index was built with other settings.
    """
    found = find_files(paths)
    known = {} if rebuild or not store.exists() else store.generation.documents()
    report = IngestReport(skipped=dict(found.unreadable))
    report.removed = _deleted(found, known)
    if not (found.files or found.unreadable or report.removed):
        places = ", ".join(str(path) for path in paths)
        types = " ".join(sorted(SUFFIXES))
        raise UserError(f"no documents in {places}: expected files of type {types}")
    changes = _load(found.files, known, report, max_bytes=max_bytes, progress=progress)
    changes.removed = report.removed
    if changes != _Changes():
        _write(changes, store, report, fresh=rebuild, progress=progress)
    _sum_up(report, store.generation if store.exists() else None)
    return report


def _load(
    files: Sequence[SourceFile],
    known: Mapping[str, tuple[str, str]],
    report: IngestReport,
    *,
    max_bytes: int,
    progress: bool,
) -> _Changes:
    changes = _Changes()
    owners = {name: _origin(root, name) for name, (root, _) in known.items()}
    for source in _bar(files, "reading", "file", progress):
        name = source.document
        owner = owners.get(name, source.path)
        if owner != source.path and owner.exists():
            report.skipped[str(source.path)] = f"has the same name {name} as {owner}"
            continue
        owners[name] = source.path
        try:
            sha256 = source.sha256()
            if name in known and known[name][1] == sha256:
                report.unchanged.append(name)
                if owner != source.path:
                    changes.moved[name] = source.root
                continue
            extracted = read_file(source.path, max_bytes=max_bytes)
        except (UnreadableFile, OSError) as error:
            kept = "; its last readable version stays in the index" if name in known else ""
            report.skipped[name] = f"{_reason(error)}{kept}"
            continue
        changes.loaded.append(_Loaded(source, sha256, extracted))
        (report.changed if name in known else report.added).append(name)
    return changes


def _write(
    changes: _Changes,
    store: HybridVectorStore,
    report: IngestReport,
    *,
    fresh: bool,
    progress: bool,
) -> None:
    with store.write(fresh=fresh) as writer:
        for name in changes.removed:
            writer.delete_document(name)
        for name, root in changes.moved.items():
            writer.move_document(name, root=root)
        for item in changes.loaded:
            _put(writer, item)
        journal = EmbeddingJournal(store.folder, model=store.config.embedding_model)
        with closing(journal):
            _embed(_split(changes.loaded, store), writer, store, journal, report, progress)
    journal.delete()  # only now, when its vectors are part of the index


def _split(loaded: Sequence[_Loaded], store: HybridVectorStore) -> list[Document]:
    return [
        chunk
        for item in loaded
        for chunk in split_document(
            item.extracted,
            document=item.source.document,
            chunk_size=store.config.chunk_size,
            chunk_overlap=store.config.chunk_overlap,
        )
    ]


def _embed(
    chunks: Sequence[Document],
    writer: Writer,
    store: HybridVectorStore,
    journal: EmbeddingJournal,
    report: IngestReport,
    progress: bool,
) -> None:
    with _counter(len(chunks), progress) as counter:
        for start in range(0, len(chunks), EMBED_TOGETHER):
            part = chunks[start : start + EMBED_TOGETHER]
            vectors, computed = journal.embed(part, store.embed_chunks)
            writer.add(part, vectors)
            report.embedded += computed
            counter.update(len(part))


def _put(writer: Writer, item: _Loaded) -> None:
    writer.put_document(
        document=item.source.document,
        root=item.source.root,
        sha256=item.sha256,
        text=item.extracted.text,
        pages=item.extracted.pages,
    )


def _deleted(found: Found, known: Mapping[str, tuple[str, str]]) -> list[str]:
    """Name the documents whose files are gone, of these roots and of roots inside them."""
    present = {file.document for file in found.files}
    hidden = [Path(folder) for folder in found.unreadable]
    return sorted(
        name
        for name, (root, _) in known.items()
        if name not in present
        and _is_below(file := _origin(root, name), found.roots)
        and (Path(root) in found.roots or not file.exists())
        and not _is_below(file, hidden)
    )


def _origin(root: str, document: str) -> Path:
    """Return the file that a document was read from; a root may be that file itself."""
    path = Path(root)
    return path if path.is_file() else path / document


def _is_below(path: Path, folders: Sequence[Path]) -> bool:
    return any(path.is_relative_to(folder) for folder in folders)


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
