"""Bring the index up to date with folders of documents: read, split, embed, prune, commit."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, nullcontext, suppress
from dataclasses import dataclass
from functools import partial
from itertools import chain, islice, tee
from pathlib import Path
from typing import TypeVar

from langchain_core.documents import Document
from tqdm import tqdm

from app.errors import UserError
from app.index.audience import labelled
from app.index.forgotten import Forgotten
from app.index.journal import JOURNAL_FILE, EmbeddingJournal, delete_journal
from app.index.port import Index, IndexWriter
from app.index.vectors import Vectors
from app.index.writer import only_writer
from app.ingest.access import Access, access_to
from app.ingest.changes import Changes, Stale
from app.ingest.chunking import Split, split_document
from app.ingest.content import making_room
from app.ingest.cutting import Cut, Cutter
from app.ingest.embedding_time import Pace
from app.ingest.engine import Engine, OneProcess
from app.ingest.extracted import UnreadableFile
from app.ingest.identity import Unwanted
from app.ingest.overtaking import Held, again_if_overtaken
from app.ingest.pdf.scans import check_languages
from app.ingest.places import find, noted
from app.ingest.readers import TOLD
from app.ingest.report import IngestReport
from app.ingest.scan import Found, told_left_out
from app.ingest.sources.port import Source
from app.ingest.survey import Survey, survey
from app.ingest.versions import Versions

Item = TypeVar("Item")

EMBED_TOGETHER = 128  # chunks; large enough to batch well, small enough to lose little when killed


Notify = Callable[[str, int, int], None]
"""Called before each document with its name, how many are done, and how many there are."""

_Read = tuple[Stale, Cut]


@dataclass(frozen=True)
class _Work:
    """What is done with every file, and by what."""

    engine: Engine
    cutter: Cutter
    pace: Pace
    rules: Access
    held: Held


@dataclass(frozen=True)
class _Part:
    """Chunks that are embedded together."""

    chunks: list[Document]
    missing: list[Document]
    """Those whose vectors have to be computed."""


@again_if_overtaken
def ingest(
    places: Sequence[Path | Source],
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
    engine: Engine | None = None,
) -> IngestReport:
    """Make the index hold exactly what is in the places, besides what other roots brought.

    Unchanged files are not read again, changed ones are replaced, deleted ones are pruned, and an
    unreadable one is reported while its last readable version stays. One path is one document,
    whichever roots bring it; a moved or renamed file keeps its vectors. What a vanished root alone
    brought stays until a rebuild. What the index was told to forget stays out, and so does what
    `forgotten` adds to that. `access` names a file as `access_to` reads it. Files are read and
    chunks embedded in this process, or by an `engine`, with the same result. Raises UserError
    before anything is written when a path is missing, when there is nothing to ingest or prune,
    when the index was built with other settings, or when `ocr` names languages that tesseract
    lacks.
    """
    if ocr:
        check_languages(ocr)
    rules = access_to(store, access, rebuild=rebuild)
    wanted = archives or any(not isinstance(place, Path) for place in places)
    with making_room(max_bytes) if wanted else nullcontext() as room:
        found = find(places, room, archives=archives)
        held = Held.by(store, rebuild=rebuild)
        seen = survey(
            found,
            held.known,
            Unwanted.of([*held.forgotten, *forgotten]),
            Versions(store.folder),
            max_bytes=max_bytes,
            watch=partial(_bar, what="comparing", shown=progress),
        )
        changes, report = seen.changes, seen.report
        _check_any(found, report, places)
        _settle(seen, held, rules, places, store)
        cutter = Cutter(
            max_bytes=max_bytes,
            ocr=ocr,
            chunk_size=store.config.chunk_size,
            chunk_overlap=store.config.chunk_overlap,
            split=split,
        )
        work = _Work(engine or OneProcess(store.embed_chunks), cutter, Pace(), rules, held)
        with _bar(changes.stale, "indexing", progress) as bar:
            read = _read(_noted(bar, len(changes.stale), notify), report, work)
            _write_any(changes, read, store, report, work, fresh=rebuild, bar=bar)
    if store.exists():
        report.chunks, report.index = store.size, store.version
        report.unused = rules.unused(store.documents()) if rules.rules else []
    return report


def _check_any(found: Found, report: IngestReport, places: Sequence[Path | Source]) -> None:
    if not (found.files or found.unreadable or report.removed):
        told = ", ".join(map(str, places))
        there = f", only {told_left_out(report.left_out)}" if report.left_out else ""
        raise UserError(f"no documents in {told}{there}: expected files of type {TOLD}")


def _settle(
    seen: Survey, held: Held, rules: Access, places: Sequence[Path | Source], store: Index
) -> None:
    """Find who may see documents from now on, and what has to be given to build the index anew."""
    changes, known = seen.changes, held.known
    kept = {name: known[name] for name in known.keys() - set(seen.report.removed)}
    renewed = changes.files(kept)
    changes.shown = rules.changed(renewed, store.seen_by() if known else {})
    others = [at for name, at in renewed.values() if name not in seen.present]
    changes.places = noted(places, held.places, found=seen.present.values(), others=others)
    seen.report.shown = sorted(changes.shown)


def _write_any(
    changes: Changes,
    read: Iterator[_Read],
    store: Index,
    report: IngestReport,
    work: _Work,
    *,
    fresh: bool,
    bar: tqdm[Stale],
) -> None:
    """Write what changed; nothing where no file turns out to be readable."""
    first = list(islice(read, 1))
    renoted = work.held.known and _is_news(changes.places, work.held, store)
    if first or changes.moved or changes.renamed or changes.shown or report.removed or renoted:
        _write(changes, chain(first, read), store, report, work, fresh=fresh, bar=bar)
    elif not changes.stale:
        _forget_journal(store.folder)


def _is_news(places: Sequence[str] | None, held: Held, store: Index) -> bool:
    """Tell whether the index would keep other places than it does."""
    return places is not None and store.kept_places(places) != held.places


def _forget_journal(index: Path) -> None:
    """Delete the journal of a run that was killed right after it had written everything."""
    if (index / JOURNAL_FILE).exists():
        with suppress(UserError), only_writer(index):  # whoever is writing now deletes it
            delete_journal(index)


def _read(stale: Iterable[Stale], report: IngestReport, work: _Work) -> Iterator[_Read]:
    """Read files when they are asked for: together their texts may not fit in memory."""
    known = work.held.known
    given, sent = tee(stale)
    taken = (work.cutter.take(item.source) for item in sent)
    for item, cut in zip(given, work.engine.cut(work.cutter, taken), strict=True):
        name = item.source.document
        if isinstance(cut, UnreadableFile):
            report.skip(name, cut, kept=name in known)
            continue
        (report.changed if name in known else report.added).append(name)
        if cut.notes:
            report.partly[name] = list(cut.notes)
        if cut.recognised:
            report.recognised[name] = cut.recognised
        yield item, cut


def _noted(stale: Iterable[Stale], of: int, notify: Notify) -> Iterator[Stale]:
    for done, item in enumerate(stale):
        notify(item.source.document, done, of)
        yield item


def _write(
    changes: Changes,
    read: Iterable[_Read],
    store: Index,
    report: IngestReport,
    work: _Work,
    *,
    fresh: bool,
    bar: tqdm[Stale],
) -> None:
    with store.write(fresh=fresh) as writer:
        work.held.check(store, writer, [*report.removed, *changes.names])
        if changes.places is not None:
            writer.put_places(changes.places)
        for name in report.removed:
            writer.delete_document(name)
        for name, root in changes.moved.items():
            writer.move_document(name, root=root)
        for name, source in changes.renamed.items():
            writer.rename_document(name, source.document, root=source.root)
        for name, label in changes.shown.items():
            writer.show_document(name, label)
        with closing(EmbeddingJournal(store.folder, model=store.config.embedding_model)) as journal:
            chunks = _put(read, writer, work)
            for part, vectors in _embedded(_parts(chunks, journal), journal, work):
                writer.add(part.chunks, vectors)
                report.embedded += len(part.missing)
                if told := work.pace.end(len(part.chunks), len(part.missing)):
                    bar.write(told, file=sys.stderr)
                bar.set_postfix(chunks=report.embedded)  # one large file is many of them
    delete_journal(store.folder)  # only now, when its vectors are part of the index


def _put(read: Iterable[_Read], writer: IndexWriter, work: _Work) -> Iterator[Document]:
    """Put each document in place of its last version, and yield its chunks."""
    for item, cut in read:
        name = item.source.document
        label = work.rules.label(name, item.source.origin)
        writer.put_document(
            document=name, root=item.source.root, sha256=item.hash_of(cut.sha256),
            text=cut.text, seen_by=label, changed=item.source.changed(),
        )  # fmt: skip
        work.pace.known += len(cut.chunks)
        for chunk in cut.chunks:
            chunk.metadata = labelled(chunk.metadata, label)
            yield chunk


def _parts(chunks: Iterator[Document], journal: EmbeddingJournal) -> Iterator[_Part]:
    while together := list(islice(chunks, EMBED_TOGETHER)):
        yield _Part(together, journal.missing(together))


def _embedded(
    parts: Iterator[_Part], journal: EmbeddingJournal, work: _Work
) -> Iterator[tuple[_Part, Vectors]]:
    """Yield parts with their vectors, keeping those that were computed."""
    given, sent = tee(parts)
    computed = work.engine.embed(part.missing for part in sent)
    for part in given:
        work.pace.begin()
        journal.keep(part.missing, next(computed))
        yield part, journal.vectors(part.chunks)


def _bar(items: Sequence[Item], what: str, shown: bool) -> tqdm[Item]:
    # disable=None hides the bar by itself where stderr is not a terminal
    return tqdm(items, desc=what, unit="file", leave=False, disable=None if shown else True)
