"""What a store of records must be able to do to hold an index; the rest is the same for all.

A record lives from one generation until another, and is never changed but in when it ends.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from langchain_core.documents import Document

from app.index.port import Filter
from app.index.vectors import Vectors
from app.index.writer import as_json

SINCE, UNTIL, ID, METADATA = "since", "until", "id", "metadata"
FOREVER = 2**31 - 1  # the generation that never comes
PAGE = 100  # records in one call; some 4 MB of the longest texts
NEVER = ["\0"]  # what no field says, for stores that take no empty list
PART = 8_000  # characters; Pinecone takes 40 KB in a record, Milvus 64
LOOKED_AT = 256  # least vectors that a search compares where a graph (HNSW) leads it: its ef


@dataclass(frozen=True, kw_only=True)
class Record:
    """A row of a table; `fields` are what it can be found by."""

    row: int
    text: str
    fields: dict[str, Any]
    vector: Vectors | None = None


@dataclass(frozen=True)
class Between:
    """A field lies between two numbers, which themselves are left out."""

    field: str
    low: int
    high: int


@dataclass(frozen=True)
class OneOf:
    """A field equals one of these texts, or is not there where that is allowed."""

    field: str
    values: list[str]
    or_missing: bool = False


Condition = Between | OneOf


class Table(Protocol):
    """Records of one kind, by their rows. What was written is kept when a call returns."""

    def put(self, records: Sequence[Record]) -> None:
        """Write records, replacing those with their rows; one alone is written whole or not."""

    def end(self, rows: Sequence[int], generation: int) -> None:
        """Set the generation in which these records are no longer there."""

    def remove(self, condition: Condition) -> None:
        """Delete the records for which it holds."""

    def rows(self, conditions: Sequence[Condition]) -> list[int]:
        """Return the rows of the records for which all hold, in any order."""

    def get(
        self, rows: Sequence[int], *, texts: bool = True, vectors: bool = False
    ) -> list[Record]:
        """Return the records with these rows that exist, in any order."""

    def dense(
        self, vector: Vectors, k: int, conditions: Sequence[Condition]
    ) -> list[tuple[int, float]]:
        """Return the rows nearest to a normalised vector and their cosine, best first."""

    def lexical(
        self, question: str, k: int, conditions: Sequence[Condition]
    ) -> list[tuple[int, float]]:
        """Return the rows that share words with a question; a higher score is better."""


@runtime_checkable
class Database(Protocol):
    """Tables by their names."""

    place: str
    """Where it is, in words and without its key."""
    folder: Path | None
    """Folder of one that runs inside this process."""
    errors: tuple[type[Exception], ...]
    """What it raises when it does not answer or refuses."""

    def names(self) -> list[str]:
        """Return the names of the tables."""

    def create(self, name: str, dimension: int | None = None) -> bool:
        """Make a table, of vectors of that length; True only where this call surely made it."""

    def drop(self, name: str) -> None:
        """Delete a table that is there."""

    def table(self, name: str) -> Table:
        """Return a table that is there."""

    def refresh(self) -> None:
        """Forget what was read before another process wrote."""


def alive(generation: int) -> list[Condition]:
    """Return what holds for the records of a generation."""
    return [Between(SINCE, -1, generation + 1), Between(UNTIL, generation, FOREVER + 1)]


def fitting(where: Filter | None) -> list[Condition]:
    """Return what holds for the chunks whose metadata fits a filter."""
    conditions: list[Condition] = []
    for key, wanted in (where or {}).items():
        options = list(wanted) if isinstance(wanted, list | tuple) else [wanted]
        conditions.append(one_of(key, options))
    return conditions


def one_of(key: str, options: Sequence[Any]) -> OneOf:
    """Return what holds for the chunks whose metadata has one of these values, or none for None."""
    values = [_value(option) for option in options if option is not None]
    return OneOf(field(key), values, or_missing=None in options)


def field(key: str) -> str:
    """Name the field of a key of the metadata, without signs that mean something to a store."""
    plain = key.isascii() and key.isidentifier()
    return f"m_{key}" if plain else f"x_{key.encode().hex()}"


def chunk_fields(chunk: Document) -> dict[str, Any]:
    """Return what a chunk is found by and made of again."""
    told = {field(key): _value(value) for key, value in chunk.metadata.items() if value is not None}
    return {**told, ID: str(chunk.id), METADATA: as_json(chunk.metadata)}


def as_chunk(record: Record) -> Document:
    """Return the chunk that a record holds."""
    metadata = json.loads(record.fields[METADATA])
    return Document(id=record.fields[ID], page_content=record.text, metadata=metadata)


def read(
    table: Table, rows: Sequence[int], *, texts: bool = True, vectors: bool = False
) -> Iterator[Record]:
    """Yield the records of these rows, which must exist, in their order."""
    for at in range(0, len(rows), PAGE):
        page = rows[at : at + PAGE]
        found = {record.row: record for record in table.get(page, texts=texts, vectors=vectors)}
        yield from (found[row] for row in page)


def ended(records: Sequence[Record], generation: int) -> list[Record]:
    """Return these records as they are once they end in a generation."""
    return [replace(each, fields={**each.fields, UNTIL: generation}) for each in records]


def cut(text: str) -> list[str]:
    """Cut a text of any length into parts, each of which fits into a record."""
    return [text[at : at + PART] for at in range(0, max(len(text), 1), PART)]


def joined(table: Table, rows: Sequence[int]) -> str:
    """Return the text whose parts are in these rows, by their order."""
    return "".join(record.text for record in read(table, sorted(rows)))


def _value(value: Any) -> str:
    whole = isinstance(value, float) and value.is_integer()
    return json.dumps(int(value) if whole else value, ensure_ascii=False, sort_keys=True)
