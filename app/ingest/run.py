"""Bring the index up to date with folders of documents: read, split, embed, prune, commit."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, nullcontext, suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import TypeVar

from langchain_core.documents import Document
from tqdm import tqdm

from app.errors import UserError
from app.index.audience import labelled
from app.index.config import IndexConfig
from app.index.forgotten import Forgotten
from app.index.journal import JOURNAL_FILE, EmbeddingJournal, delete_journal
from app.index.port import Index, IndexWriter
from app.index.writer import only_writer
from app.ingest.access import Access, access_to
from app.ingest.chunking import Split, split_document
from app.ingest.embedding_time import Pace
from app.ingest.identity import Known, Unwanted, deleted, origin, settled
from app.ingest.pdf.scans import check_languages
from app.ingest.readers import (
    TOLD,
    ExtractedDocument,
    UnreadableFile,
    check_size,
    read_file,
)
from app.ingest.report import IngestReport
from app.ingest.scan import SourceFile, find_files, told_left_out, unpacking

Item = TypeVar("Item")

EMBED_TOGETHER = 128  # chunks; large enough to batch well, small enough to lose little when killed


@dataclass(frozen=True)
class _Stale:
    """A file that is new or changed, and the hash of its bytes."""

    source: SourceFile
    sha256: str


@dataclass
class _Changes:
    """What has to be written, as far as names and hashes tell."""

    stale: list[_Stale] = field(default_factory=list)
    moved: dict[str, str] = field(default_factory=dict)
    """New root of each document that is unchanged otherwise."""
    renamed: dict[str, SourceFile] = field(default_factory=dict)
    """File by old name of each document that is unchanged but for its name."""
    shown: dict[str, str | None] = field(default_factory=dict)
    """New label of each unchanged document that others may see from now on."""


Notify = Callable[[str, int, int], None]
"""Told the document that is read now, how many were read before it, and of how many."""

_Read = tuple[_Stale, ExtractedDocument]
_Putting = Callable[[Iterable[_Read], IndexWriter, Pace], Iterator[Document]]


def ingest(
    paths: Sequence[Path],
    store: Index,
    *,
    max_bytes: int,
    ocr: str = "",
    archives: bool = False,
    rebuild: bool = False,
    progress: bool = True,
    notify: Notify = lambda document, done, of: None,
    split: Split = split_document,
    forgotten: Sequence[Forgotten] = (),
    access: Path | None = None,
) -> IngestReport:
    """Make the index hold exactly what is below the paths, besides what other roots brought.

    Unchanged files are not read again, changed ones are replaced, deleted ones are pruned, and an
    unreadable one is reported while its last readable version stays. One path is one document,
    whichever roots bring it; a moved or renamed file keeps its vectors. What a vanished root alone
    brought stays until a rebuild. What the index was told to forget stays out, and so does what
    `forgotten` adds to that. `access` names a file as `access_to` reads it. Raises UserError before
    anything is written when a path is missing, when there is nothing to ingest or prune, when the
    index was built with other settings, or when `ocr` names languages that tesseract lacks.
    """
    if ocr:
        check_languages(ocr)
    rules = access_to(store, access)
    with unpacking(max_bytes) if archives else nullcontext() as opened:
        found = find_files(paths, opened)
        known = {} if rebuild or not store.exists() else store.documents()
        report = IngestReport(skipped=dict(found.unreadable), left_out=dict(found.left_out))
        files = settled(found.files, known)
        report.removed = deleted(found, {file.document for file in files}, known)
        if not (found.files or found.unreadable or report.removed):
            places = ", ".join(str(path) for path in paths)
            there = f", only {told_left_out(report.left_out)}" if report.left_out else ""
            raise UserError(f"no documents in {places}{there}: expected files of type {TOLD}")
        unwanted = Unwanted.of([*store.forgotten(), *forgotten])
        changes = _compare(files, known, report, unwanted, max_bytes=max_bytes, progress=progress)
        _find_renamed(changes, known, report)
        names = {old: report.renamed.get(old, old) for old in known.keys() - set(report.removed)}
        changes.shown = rules.changed(names, store.seen_by() if known else {})
        report.shown = sorted(changes.shown)
        with _bar(changes.stale, "indexing", progress) as bar:
            noted = _noted(bar, len(changes.stale), notify)
            read = _read(noted, known, report, partial(read_file, max_bytes=max_bytes, ocr=ocr))
            put = partial(_put, config=store.config, split=split, rules=rules)
            _write_any(changes, read, store, report, put, fresh=rebuild, bar=bar)
    if store.exists():
        report.chunks, report.index = store.size, store.version
        report.unused = rules.unused(store.documents()) if rules.rules else []
    return report


def _write_any(
    changes: _Changes,
    read: Iterator[_Read],
    store: Index,
    report: IngestReport,
    put: _Putting,
    *,
    fresh: bool,
    bar: tqdm[_Stale],
) -> None:
    """Write what changed; nothing where no file turns out to be readable."""
    first = list(islice(read, 1))
    if first or changes.moved or changes.renamed or changes.shown or report.removed:
        _write(changes, chain(first, read), store, report, put, fresh=fresh, bar=bar)
    elif not changes.stale:
        _forget_journal(store.folder)


def _forget_journal(index: Path) -> None:
    """Delete the journal of a run that was killed right after it had written everything."""
    if (index / JOURNAL_FILE).exists():
        with suppress(UserError), only_writer(index):  # whoever is writing now deletes it
            delete_journal(index)


def _compare(
    files: Sequence[SourceFile],
    known: Known,
    report: IngestReport,
    unwanted: Unwanted,
    *,
    max_bytes: int,
    progress: bool,
) -> _Changes:
    """Find what is new, changed or moved."""
    changes = _Changes()
    with _bar(files, "comparing", progress) as bar:
        for source in bar:
            _compare_one(source, known, changes, report, unwanted, max_bytes)
    return changes


def _find_renamed(changes: _Changes, known: Known, report: IngestReport) -> None:
    """Find new files that are what a deleted one of their type was."""
    gone = {(known[name][1], Path(name).suffix): name for name in report.removed}
    for item in list(changes.stale):
        new = item.source.document
        old = gone.pop((item.sha256, Path(new).suffix), None)
        if old is not None and new not in known:
            changes.renamed[old] = item.source
            changes.stale.remove(item)
            report.removed.remove(old)
            report.renamed[old] = new


def _compare_one(
    source: SourceFile,
    known: Known,
    changes: _Changes,
    report: IngestReport,
    unwanted: Unwanted,
    max_bytes: int,
) -> None:
    name = source.document
    root, old = known.get(name, ("", ""))
    try:
        check_size(source.place.stat().st_size, max_bytes)  # before reading it all for its hash
        new = source.sha256()
    except (UnreadableFile, OSError) as error:
        report.skip(name, error, kept=name in known)
        return
    if unwanted.holds(source.path, new):
        report.forgotten.append(name)
        report.removed += [name] * (name in known)
    elif new != old:
        changes.stale.append(_Stale(source, new))
    else:
        report.unchanged.append(name)
        if origin(root, name) != source.path or root != source.root:
            changes.moved[name] = source.root


def _read(
    stale: Iterable[_Stale],
    known: Known,
    report: IngestReport,
    read: Callable[[Path], ExtractedDocument],
) -> Iterator[_Read]:
    """Read one file at a time, when it is asked for: together their texts may not fit in memory."""
    for item in stale:
        name = item.source.document
        try:
            extracted = read(item.source.place)
        except UnreadableFile as error:
            report.skip(name, error, kept=name in known)
        else:
            (report.changed if name in known else report.added).append(name)
            if extracted.notes:
                report.partly[name] = list(extracted.notes)
            if extracted.recognised:
                report.recognised[name] = len(extracted.recognised)
            yield item, extracted


def _noted(stale: Iterable[_Stale], of: int, notify: Notify) -> Iterator[_Stale]:
    for done, item in enumerate(stale):
        notify(item.source.document, done, of)
        yield item


def _write(
    changes: _Changes,
    read: Iterable[_Read],
    store: Index,
    report: IngestReport,
    put: _Putting,
    *,
    fresh: bool,
    bar: tqdm[_Stale],
) -> None:
    with store.write(fresh=fresh) as writer:
        for name in report.removed:
            writer.delete_document(name)
        for name, root in changes.moved.items():
            writer.move_document(name, root=root)
        for name, source in changes.renamed.items():
            writer.rename_document(name, source.document, root=source.root)
        for name, label in changes.shown.items():
            writer.show_document(name, label)
        with closing(EmbeddingJournal(store.folder, model=store.config.embedding_model)) as journal:
            pace = Pace()
            chunks = put(read, writer, pace)
            while part := list(islice(chunks, EMBED_TOGETHER)):
                pace.begin()
                vectors, computed = journal.embed(part, store.embed_chunks)
                writer.add(part, vectors)
                report.embedded += computed
                if told := pace.end(len(part), computed):
                    bar.write(told, file=sys.stderr)
                bar.set_postfix(chunks=report.embedded)  # one large file is many of them
    delete_journal(store.folder)  # only now, when its vectors are part of the index


def _put(
    read: Iterable[_Read],
    writer: IndexWriter,
    pace: Pace,
    *,
    config: IndexConfig,
    split: Split,
    rules: Access,
) -> Iterator[Document]:
    """Put each document in place of its last version, and yield its chunks."""
    for item, extracted in read:
        name, label = item.source.document, rules.label(item.source.document)
        writer.put_document(
            document=name, root=item.source.root, sha256=item.sha256, text=extracted.text,
            seen_by=label, changed=item.source.changed(),
        )  # fmt: skip
        chunks = split(
            extracted,
            document=name,
            chunk_size=config.chunk_size,
            chunk_overlap=config.chunk_overlap,
        )
        pace.known += len(chunks)
        for chunk in chunks:
            chunk.metadata = labelled(chunk.metadata, label)
            yield chunk


def _bar(items: Sequence[Item], what: str, shown: bool) -> tqdm[Item]:
    # disable=None hides the bar by itself where stderr is not a terminal
    return tqdm(items, desc=what, unit="file", leave=False, disable=None if shown else True)
