"""Records in Pinecone, whose tables are namespaces of an index that its user has made.

Reads lag behind writes there: a write returns when a search sees it. The client itself asks again
where the service is away or busy. Words are searched as `Mirror` does.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Any
from weakref import finalize

import numpy as np
from pinecone import Index
from pinecone.errors.exceptions import ConflictError, NotFoundError, PineconeError

from app.errors import UserError
from app.index.records.address import Address
from app.index.records.mirror import Mirror
from app.index.records.tables import (
    NEVER,
    SINCE,
    UNTIL,
    Between,
    Condition,
    Record,
    ended,
)
from app.index.vectors import Vectors

TEXT = "text"
METRIC = "dotproduct"  # which alone tells that a vector of zeros is near to nothing
TINY = 1e-9  # stands for such a vector, which Pinecone does not take
LARGEST = 1_500_000  # bytes of vectors in one call, of two million that are taken
SECONDS = 60  # in which a write is seen
PAUSE = 0.1


class PineconeDatabase:
    """Namespaces of an index whose names begin alike."""

    folder: Path | None = None
    errors: tuple[type[Exception], ...] = (PineconeError,)

    def __init__(self, url: str) -> None:
        self._address = Address.of(url)
        self.place = self._address.place("Pinecone")
        self._mirror = Mirror()

    def names(self) -> list[str]:
        """Return the names of the tables."""
        pages = self._index.list_namespaces(prefix=self._address.whole(""))
        return self._address.own(each.name for page in pages for each in page.namespaces)

    def create(self, name: str, dimension: int | None = None) -> bool:
        """Make a table; False where it is there already.

        Raises UserError where the index keeps vectors of another length or compares them otherwise.
        """
        if self._dimension != (dimension or self._dimension):
            raise UserError(
                f"the index of {self.place} has {self._dimension} dimensions and the embedding "
                f"model {dimension}: make an index of {dimension} dimensions, metric {METRIC}"
            )
        try:
            self._index.create_namespace(name=self._address.whole(name))
        except ConflictError:
            return False
        _wait(lambda: name in self.names())
        return True

    def drop(self, name: str) -> None:
        """Delete a table that is there."""
        with suppress(NotFoundError):
            self._index.delete_namespace(name=self._address.whole(name))
        _wait(lambda: name not in self.names())

    def table(self, name: str) -> PineconeTable:
        """Return a table that is there."""
        whole = self._address.whole(name)
        return PineconeTable(self._index, whole, self._dimension, self._mirror)

    def refresh(self) -> None:
        """Do nothing: nothing is kept but words, by their generation."""

    def passes(self, error: BaseException) -> bool:
        """Tell that nothing is to be tried again: the client has done so."""
        return False

    @cached_property
    def _index(self) -> Index:
        parts = self._address.parts
        scheme = parts.scheme.removeprefix("pinecone+")
        port = f":{parts.port}" if parts.port else ""
        index = Index(host=f"{scheme}://{parts.hostname}{port}", api_key=self._address.key or None)
        finalize(self, index.close)
        return index

    @cached_property
    def _dimension(self) -> int:
        told = self._index.describe_index_stats()
        if told.metric != METRIC or not told.dimension:
            raise UserError(
                f"the index of {self.place} compares by {told.metric}: make a dense index with "
                f"the metric {METRIC}"
            )
        return int(told.dimension)


class PineconeTable:
    """Records as the vectors of a namespace."""

    def __init__(self, index: Index, name: str, dimension: int, mirror: Mirror) -> None:
        self._index = index
        self._name = name
        self._dimension = dimension
        self._mirror = mirror

    def put(self, records: Sequence[Record]) -> None:
        """Write records, replacing those with their rows; one alone is written whole or not."""
        for vectors in _batches([self._vector(record) for record in records]):
            told = self._index.upsert(vectors=vectors, namespace=self._name).response_info
            written = told.lsn_committed if told else None
            if written is not None:
                _wait(lambda: self._sees(written))  # noqa: B023  # called before the next batch

    def end(self, rows: Sequence[int], generation: int) -> None:
        """Set the generation in which these records are no longer there."""
        self.put(ended(self.get(rows, vectors=True), generation))

    def remove(self, condition: Condition) -> None:
        """Delete the records for which it holds."""
        self._index.delete(filter=_filter([condition]), namespace=self._name)
        _wait(lambda: not self.rows([condition]))

    def rows(self, conditions: Sequence[Condition]) -> list[int]:
        """Return the rows of the records for which all hold, in any order."""
        rows: list[int] = []
        after = None
        while True:
            page = self._index.fetch_by_metadata(
                filter=_filter(conditions), namespace=self._name, pagination_token=after
            )
            rows += map(int, page.vectors)
            after = page.pagination.next if page.pagination else None
            if not after:
                return rows

    def get(
        self, rows: Sequence[int], *, texts: bool = True, vectors: bool = False
    ) -> list[Record]:
        """Return the records with these rows that exist, in any order."""
        if not rows:
            return []
        found = self._index.fetch(ids=[str(row) for row in rows], namespace=self._name)
        return [_record(vector, vectors) for vector in found.vectors.values()]

    def dense(
        self, vector: Vectors, k: int, conditions: Sequence[Condition]
    ) -> list[tuple[int, float]]:
        """Return the rows nearest to a normalised vector and their cosine, best first."""
        found = self._index.query(
            vector=_values(vector), top_k=k, filter=_filter(conditions), namespace=self._name
        )
        return [(int(match.id), match.score) for match in found.matches]

    def lexical(
        self, question: str, k: int, conditions: Sequence[Condition]
    ) -> list[tuple[int, float]]:
        """Return the best rows by BM25."""
        return self._mirror.fitting(self, self._name, question, k, conditions)

    def _sees(self, written: int) -> bool:
        """Tell whether a search sees what was written."""
        first = self._index.query(vector=self._nothing(), top_k=1, namespace=self._name)
        told = first.response_info
        return bool(told and told.is_reconciled(written))

    def _vector(self, record: Record) -> dict[str, Any]:
        values = self._nothing() if record.vector is None else _values(record.vector)
        metadata = {**record.fields, TEXT: record.text}
        return {"id": str(record.row), "values": values, "metadata": metadata}

    def _nothing(self) -> list[float]:
        return _values(np.zeros(self._dimension, dtype=np.float32))


def _values(vector: Vectors) -> list[float]:
    values: list[float] = vector.tolist()
    return values if any(values) else [TINY, *values[1:]]


def _batches(vectors: Sequence[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    batch: list[dict[str, Any]] = []
    size = 0
    for vector in vectors:
        length = len(json.dumps(vector, ensure_ascii=False).encode(errors="surrogatepass"))
        if batch and size + length > LARGEST:
            yield batch
            batch, size = [], 0
        batch.append(vector)
        size += length
    if batch:
        yield batch


def _wait(until: Callable[[], bool]) -> None:
    """Wait until what was written is seen; raises PineconeError where it is not."""
    end = time.monotonic() + SECONDS
    while not until():
        if time.monotonic() > end:
            raise PineconeError(f"what was written is not seen after {SECONDS} seconds")
        time.sleep(PAUSE)


def _filter(conditions: Sequence[Condition]) -> dict[str, Any]:
    return {"$and": [_condition(condition) for condition in conditions]}


def _condition(condition: Condition) -> dict[str, Any]:
    if isinstance(condition, Between):
        return {condition.field: {"$gt": condition.low, "$lt": condition.high}}
    any_of = {condition.field: {"$in": condition.values or NEVER}}
    if not condition.or_missing:
        return any_of
    return {"$or": [any_of, {condition.field: {"$exists": False}}]}


def _record(vector: Any, with_values: bool) -> Record:
    fields = dict(vector.metadata or {})
    text = fields.pop(TEXT, "")
    lives = {key: int(fields[key]) for key in (SINCE, UNTIL) if key in fields}  # told as floats
    values = np.asarray(vector.values, dtype=np.float32) if with_values else None
    return Record(row=int(vector.id), text=text, fields=fields | lives, vector=values)
