"""Write the next generation of the index beside the current one, and switch to it in one step.

A process killed at any moment leaves the pointer on the old generation or on the new one.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import faiss
import numpy as np
from filelock import FileLock, Timeout
from langchain_core.documents import Document

from app.errors import BeingWritten
from app.index.audience import labelled
from app.index.config import IndexConfig
from app.index.current import FORGOTTEN, POINTER, current_folder
from app.index.forgotten import Forgotten, as_text
from app.index.full_text import insert_terms
from app.index.generation import (
    ADDED,
    COLUMNS,
    SCHEMA,
    TEXT_FILE,
    VECTORS_FILE,
    content_version,
)
from app.index.ids import content_id
from app.index.vectors import Vectors
from app.index.written import WrittenDatabase, writing
from finetune.whole_files import write_whole

LOCK_FILE = "writer.lock"
KEPT = 2  # the current generation and the one that a reader may be opening right now


class Writer:
    """The next generation while it is being written."""

    def __init__(self, folder: Path, config: IndexConfig) -> None:
        self.folder = folder
        self.database = WrittenDatabase(folder / TEXT_FILE)
        stored = self.database.execute("SELECT value FROM meta WHERE key = 'config'").fetchone()
        self.config = config.going_on(json.loads(stored[0]) if stored else None)
        self.database.execute("PRAGMA secure_delete = ON")  # or deleted texts stay in the file
        known = {name for (name,) in self.database.execute(COLUMNS)}
        for column in ADDED:
            if column not in known:
                self.database.execute(f"ALTER TABLE documents ADD COLUMN {column} TEXT")
        self.forgotten: Sequence[Forgotten] | None = None
        vectors = folder / VECTORS_FILE
        self.vectors = (
            faiss.read_index(str(vectors))
            if vectors.exists()
            else faiss.IndexIDMap2(faiss.IndexFlatIP(config.dimension))
        )
        self._gone: list[int] = []  # rows whose vectors go together: each removal moves all others

    @property
    def places(self) -> tuple[str, ...] | None:
        """What has to be ingested to build the index anew; None where nobody noted it."""
        return self.config.places

    def documents(self) -> dict[str, tuple[str, str]]:
        """Return root and content hash of each document by now, by its name."""
        rows = self.database.execute("SELECT document, root, sha256 FROM documents")
        return {document: (root, sha256) for document, root, sha256 in rows}

    def add(self, chunks: Sequence[Document], vectors: Vectors) -> None:
        """Add chunks with their normalised vectors, shape (chunks, dimension).

        A chunk whose id is there already replaces the old one; of equal ids the last counts.
        """
        unique = {str(chunk.id): at for at, chunk in enumerate(chunks)}
        self.delete(list(unique))
        self._forget_gone()  # before rows are given anew
        rows = [self._insert(chunks[at]) for at in unique.values()]
        if rows:
            kept = np.ascontiguousarray(vectors[list(unique.values())], dtype=np.float32)
            self.vectors.add_with_ids(kept, np.array(rows, dtype=np.int64))

    def delete(self, ids: Sequence[str]) -> None:
        """Remove chunks; ids that are not there are ignored."""
        self._delete_where("id IN (SELECT value FROM json_each(?))", json.dumps(list(ids)))

    def put_document(
        self, *, document: str, root: str, sha256: str, text: str,
        seen_by: str | None = None, changed: str | None = None,
    ) -> None:  # fmt: skip
        """Record a document's text, replacing an older one and removing that one's chunks."""
        self.delete_document(document)
        self.database.execute(
            "INSERT INTO documents (document, root, sha256, text, seen_by, changed) "
            "VALUES (?, ?, ?, ?, ?, ?)",
            (document, root, sha256, text, seen_by, changed),
        )

    def show_document(self, document: str, seen_by: str | None) -> None:
        """Say anew who may see an unchanged document and its chunks; its vectors stay."""
        query = "UPDATE documents SET seen_by = ? WHERE document = ?"
        self.database.execute(query, (seen_by, document))
        query = "SELECT row, metadata FROM chunks WHERE document = ?"
        changed = [
            (as_json(labelled(json.loads(stored), seen_by)), row)
            for row, stored in self.database.execute(query, (document,))
        ]
        self.database.executemany("UPDATE chunks SET metadata = ? WHERE row = ?", changed)

    def move_document(self, document: str, *, root: str) -> None:
        """Record that an unchanged document now comes from another root."""
        self.database.execute("UPDATE documents SET root = ? WHERE document = ?", (root, document))

    def rename_document(self, old: str, new: str, *, root: str) -> None:
        """Give an unchanged document another name; its vectors stay."""
        self.database.execute(
            "UPDATE documents SET document = ?, root = ? WHERE document = ?", (new, root, old)
        )
        query = "SELECT row, text, metadata FROM chunks WHERE document = ?"
        for row, text, stored in self.database.execute(query, (old,)).fetchall():
            metadata = {**json.loads(stored), "document": new}
            chunk = Document(text, metadata=metadata)
            self.database.execute(
                "UPDATE chunks SET id = ?, metadata = ? WHERE row = ?",
                (content_id(new, str(metadata["start"]), text), as_json(metadata), row),
            )
            self.database.execute("DELETE FROM lexical WHERE rowid = ?", (row,))
            insert_terms(self.database, int(row), chunk)

    def delete_document(self, document: str) -> None:
        """Remove a document and all its chunks."""
        self._delete_where("document = ?", document)
        self.database.execute("DELETE FROM documents WHERE document = ?", (document,))

    def put_forgotten(self, documents: Sequence[Forgotten]) -> None:
        """Replace the list of documents that are not to come back; it outlives a rebuild."""
        self.forgotten = documents
        # or the words of deleted chunks stay in the file
        self.database.execute("INSERT INTO lexical (lexical) VALUES ('optimize')")

    def put_places(self, places: Sequence[str]) -> None:
        """Note what has to be ingested to build the index anew; it stays until noted again."""
        self.config = replace(self.config, places=tuple(places))

    def save(self) -> None:
        """Write everything to disk, so that the switch can never point at unwritten data."""
        self._forget_gone()
        version = content_version(self.database, self.config)
        record = {"config": json.dumps(asdict(self.config)), "version": version}
        self.database.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", record.items())
        self.database.commit()
        self.database.close()
        vectors = self.folder / VECTORS_FILE
        with writing(vectors):
            faiss.write_index(self.vectors, str(vectors))
        for name in (VECTORS_FILE, TEXT_FILE):
            _sync(self.folder / name)
        _sync(self.folder)

    def _insert(self, chunk: Document) -> int:
        metadata = as_json(chunk.metadata)
        row = self.database.execute(
            "INSERT INTO chunks (id, text, metadata) VALUES (?, ?, ?) RETURNING row",
            (str(chunk.id), chunk.page_content, metadata),
        ).fetchone()[0]
        insert_terms(self.database, int(row), chunk)
        return int(row)

    def _delete_where(self, condition: str, value: str) -> None:
        found = self.database.execute(f"SELECT row FROM chunks WHERE {condition}", (value,))
        rows = [int(row) for (row,) in found]
        self._gone += rows
        for table, key in (("chunks", "row"), ("lexical", "rowid")):
            self.database.executemany(f"DELETE FROM {table} WHERE {key} = ?", [(r,) for r in rows])

    def _forget_gone(self) -> None:
        if self._gone:
            self.vectors.remove_ids(faiss.IDSelectorBatch(np.array(self._gone, dtype=np.int64)))
            self._gone = []


def as_json(metadata: dict[str, Any]) -> str:
    """Write metadata so that equal ones are equal texts."""
    return json.dumps(metadata, ensure_ascii=False, sort_keys=True, allow_nan=False)


@contextmanager
def write_generation(index: Path, config: IndexConfig, *, fresh: bool = False) -> Iterator[Writer]:
    """Give a writer on a copy of the current generation (`fresh`: on an empty one), then switch.

    Nothing changes for readers until the block ends; an exception inside it discards the copy.
    Raises BeingWritten when another process is writing to the same index.
    """
    index.mkdir(parents=True, exist_ok=True)
    with only_writer(index):
        current = current_folder(index)
        _remove_leftovers(index, keep=current)
        target = index / f"generation-{_number(current) + 1:06d}"
        folder = target.with_suffix(".tmp")
        folder.mkdir()
        try:
            _start(folder, None if fresh else current)
            writer = Writer(folder, config)
            with closing(writer.database):
                yield writer
                writer.save()
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        folder.rename(target)
        if writer.forgotten is not None:
            write_whole(index / FORGOTTEN, as_text(writer.forgotten))
            _sync(index / FORGOTTEN)
        _switch(index, target)


@contextmanager
def only_writer(index: Path) -> Iterator[None]:
    """Keep other processes from writing; raises BeingWritten when one is at it."""
    try:
        with FileLock(index / LOCK_FILE, timeout=0):
            yield
    except Timeout as error:
        raise BeingWritten(
            f"another process is writing to {index}: wait until it is done"
        ) from error


def _start(folder: Path, current: Path | None) -> None:
    if current is None:
        with closing(WrittenDatabase(folder / TEXT_FILE)) as database:
            database.executescript(SCHEMA)
        return
    for name in (TEXT_FILE, VECTORS_FILE):
        shutil.copyfile(current / name, folder / name)


def _switch(index: Path, target: Path) -> None:
    pointer = index / f"{POINTER}.tmp"
    pointer.write_text(target.name)
    _sync(pointer)
    pointer.replace(index / POINTER)
    _sync(index)


def _remove_leftovers(index: Path, *, keep: Path | None) -> None:
    """Delete what killed writers left, and generations too old for any reader to be opening."""
    finished = sorted(index.glob("generation-??????"))
    at = finished.index(keep) + 1 if keep in finished else 0
    for folder in [*index.glob("generation-*.tmp"), *finished[at:], *finished[: max(0, at - KEPT)]]:
        shutil.rmtree(folder, ignore_errors=True)


def _number(folder: Path | None) -> int:
    digits = "" if folder is None else folder.name.rpartition("-")[2]
    return int(digits) if digits.isdecimal() else 0


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
