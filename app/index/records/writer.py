"""Write the next generation among the records of the present one, and switch to it.

Records of the next generation are there but not yet alive, and those that it lacks are still
alive: whoever is killed before the switch leaves the present generation as it was.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, replace
from itertools import count
from typing import Any

from langchain_core.documents import Document

from app.index.audience import SEEN_BY, labelled
from app.index.config import IndexConfig
from app.index.forgotten import Forgotten, as_text
from app.index.generation import version_of
from app.index.ids import content_id
from app.index.records.state import (
    CHANGED,
    CHUNKS,
    DOCUMENTS,
    FORGOTTEN,
    KINDS,
    State,
    is_table_name,
    kept_places,
    save_state,
    table_name,
)
from app.index.records.tables import (
    FOREVER,
    ID,
    METADATA,
    PAGE,
    SINCE,
    UNTIL,
    Between,
    Database,
    OneOf,
    Record,
    Table,
    alive,
    as_chunk,
    chunk_fields,
    cut,
    field,
    one_of,
    read,
)
from app.index.vectors import Vectors

SOUGHT = (ID, field("document"))  # what records are ended by


class RecordWriter:
    """The next generation while it is being written; see `IndexWriter`.

    `renew` is called before every write, and raises where another has taken over.
    """

    def __init__(self, database: Database, state: State, renew: Callable[[], None]) -> None:
        self._database = database
        self._state = state
        self._renew = renew
        self._alive = alive(state.generation)
        self._chunks = database.table(state.table(CHUNKS))
        self._documents = database.table(state.table(DOCUMENTS))
        self._free_rows = count(state.next_row)
        # of new tables: what cannot be there is not looked for, which costs some engines a scan
        self._written: set[tuple[str, str]] | None = (
            set() if state.began == state.generation else None
        )

    @property
    def places(self) -> tuple[str, ...] | None:
        """What has to be ingested to build the index anew; None where nobody noted it."""
        return self._state.index_config().places

    def documents(self) -> dict[str, tuple[str, str]]:
        """Return root and content hash of each document by now, by its name."""
        rows = self._documents.rows(self._alive)
        found = (record.fields for record in read(self._documents, rows, texts=False))
        return {fields[ID]: (fields["root"], fields["sha256"]) for fields in found}

    def add(self, chunks: Sequence[Document], vectors: Vectors) -> None:
        """Add chunks with their normalised vectors, shape (chunks, dimension).

        A chunk whose id is there already replaces the old one; of equal ids the last counts.
        """
        unique = {str(chunk.id): at for at, chunk in enumerate(chunks)}
        self.delete(list(unique))
        new = [self._chunk(chunks[at], vectors[at]) for at in unique.values()]
        self._put(self._chunks, new)

    def delete(self, ids: Sequence[str]) -> None:
        """Remove chunks; ids that are not there are ignored."""
        self._end(self._chunks, OneOf(ID, list(ids)))

    def put_document(
        self, *, document: str, root: str, sha256: str, text: str,
        seen_by: str | None = None, changed: str | None = None,
    ) -> None:  # fmt: skip
        """Record a document's text, replacing an older one and removing that one's chunks."""
        self.delete_document(document)
        fields = {
            ID: document,
            "root": root,
            "sha256": sha256,
            SEEN_BY: seen_by,
            CHANGED: changed,
        }
        self._put(self._documents, [self._record(part, fields) for part in cut(text)])

    def show_document(self, document: str, seen_by: str | None) -> None:
        """Say anew who may see an unchanged document and its chunks; its vectors stay."""
        self._change_document(document, {SEEN_BY: seen_by})
        self._change_chunks(
            document,
            lambda chunk: Document(
                id=chunk.id,
                page_content=chunk.page_content,
                metadata=labelled(chunk.metadata, seen_by),
            ),
        )

    def move_document(self, document: str, *, root: str) -> None:
        """Record that an unchanged document now comes from another root."""
        self._change_document(document, {"root": root})

    def rename_document(self, old: str, new: str, *, root: str) -> None:
        """Give an unchanged document another name; its vectors stay."""
        self._change_document(old, {"root": root, ID: new})

        def renamed(chunk: Document) -> Document:
            metadata = {**chunk.metadata, "document": new}
            id_ = content_id(new, str(metadata["start"]), chunk.page_content)
            return Document(id=id_, page_content=chunk.page_content, metadata=metadata)

        self._change_chunks(old, renamed)

    def delete_document(self, document: str) -> None:
        """Remove a document and all its chunks."""
        self._end(self._chunks, _of_document(document))
        self._end(self._documents, OneOf(ID, [document]))

    def put_forgotten(self, documents: Sequence[Forgotten]) -> None:
        """Replace the list of documents that are not to come back; it outlives a rebuild."""
        generation = self._state.generation
        name = table_name(FORGOTTEN, generation)
        self._renew()
        self._database.create(name)
        table = self._database.table(name)
        self._renew()
        table.remove(OneOf(ID, [FORGOTTEN]))  # of an earlier call
        parts = enumerate(cut(as_text(documents)), start=1)
        self._put(table, [Record(row=n, text=p, fields={ID: FORGOTTEN}) for n, p in parts])
        self._state = replace(self._state, forgotten=generation)

    def put_places(self, places: Sequence[str]) -> None:
        """Note what has to be ingested to build the index anew; it stays until noted again.

        More places than a record takes are not noted.
        """
        config = replace(self._state.index_config(), places=kept_places(places))
        self._state = replace(self._state, config=asdict(config))

    def save(self) -> State:
        """Name the content, switch to it, and return what holds from now on."""
        config = self._state.index_config()
        texts = defaultdict[str, str](str)
        for record in self._all(DOCUMENTS):
            texts[record.fields[ID]] += record.text
        chunks = sorted(
            (record.fields[ID], record.text, record.fields[METADATA])
            for record in self._all(CHUNKS)
        )
        version = version_of(config, sorted(texts.items()), chunks)
        self._renew()
        state = replace(self._state, version=version, next_row=next(self._free_rows))
        save_state(self._database, state)
        return state

    def _all(self, kind: str) -> Iterator[Record]:
        table = self._database.table(self._state.table(kind))
        return read(table, sorted(table.rows(self._alive)))

    def _chunk(self, chunk: Document, vector: Vectors | None) -> Record:
        return self._record(chunk.page_content, chunk_fields(chunk), vector)

    def _record(self, text: str, fields: dict[str, Any], vector: Vectors | None = None) -> Record:
        lives = {SINCE: self._state.generation, UNTIL: FOREVER}
        told = {name: value for name, value in fields.items() if value is not None}
        row = next(self._free_rows)
        if self._written is not None:
            self._written.update((name, told[name]) for name in SOUGHT if name in told)
        return Record(row=row, text=text, fields={**told, **lives}, vector=vector)

    def _change_chunks(self, document: str, changed: Callable[[Document], Document]) -> None:
        ended = self._end(self._chunks, _of_document(document))
        records = read(self._chunks, ended, vectors=True)
        new = [self._chunk(changed(as_chunk(record)), record.vector) for record in records]
        self._put(self._chunks, new)

    def _change_document(self, document: str, changes: dict[str, str | None]) -> None:
        ended = read(self._documents, self._end(self._documents, OneOf(ID, [document])))
        new = [self._record(old.text, {**old.fields, **changes}) for old in ended]
        self._put(self._documents, new)

    def _put(self, table: Table, records: Sequence[Record]) -> None:
        for at in range(0, len(records), PAGE):
            self._renew()
            table.put(records[at : at + PAGE])

    def _end(self, table: Table, wanted: OneOf) -> list[int]:
        """Let the records end that are alive in the next generation, and return their rows."""
        sought = ((wanted.field, value) for value in wanted.values)
        if self._written is not None and self._written.isdisjoint(sought):
            return []
        rows = sorted(table.rows([*self._alive, wanted]))
        _end_at(table, rows, self._state.generation, self._renew)
        return rows


def begin(database: Database, present: State, config: IndexConfig, *, fresh: bool) -> State:
    """Make room for the next generation, and return what is known of it.

    Deleted is what killed writers left, and what no reader can have open any more.
    """
    _clear(database, present)
    generation = present.generation + 1
    anew = fresh or present.config is None
    began = generation if anew else present.began
    if anew:
        database.create(table_name(CHUNKS, began), config.dimension)
        database.create(table_name(DOCUMENTS, began))
    stored = asdict(config if fresh else config.going_on(present.config))
    return replace(present, generation=generation, began=began, before=present.began, config=stored)


def _of_document(document: str) -> OneOf:
    return one_of("document", [document])


def _clear(database: Database, present: State) -> None:
    kept = {table_name(kind, at) for kind in KINDS for at in (present.began, present.before)}
    kept.add(table_name(FORGOTTEN, present.forgotten))
    for name in database.names():
        if is_table_name(name) and name not in kept:
            database.drop(name)
    for kind in KINDS if present.config else ():
        table = database.table(present.table(kind))
        table.remove(Between(SINCE, present.generation, FOREVER))
        _end_at(table, table.rows([Between(UNTIL, present.generation, FOREVER)]), FOREVER)
        table.remove(Between(UNTIL, -1, present.generation))


def _end_at(
    table: Table, rows: Sequence[int], generation: int, renew: Callable[[], None] = lambda: None
) -> None:
    for at in range(0, len(rows), PAGE):
        renew()
        table.end(rows[at : at + PAGE], generation)
