"""Records in Milvus: a server, or Milvus Lite, which runs inside this process.

Milvus ranks words itself (BM25). Milvus Lite belongs to one process at a time.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any
from weakref import finalize

import grpc
import numpy as np
from milvus_lite.adapter.grpc.server import start_server_in_thread
from milvus_lite.exceptions import DataDirLockedError
from pymilvus import DataType, Function, FunctionType, MilvusClient, MilvusException
from pymilvus.client.types import Status

from app.index.full_text import TITLE_WEIGHT
from app.index.lexical import query_terms, title_and_body
from app.index.records.address import Address
from app.index.records.embedded import Engines
from app.index.records.labels import DIGITS, FIELDS, LABELS, ROW, TEXT, described, label, stems
from app.index.records.tables import (
    LOOKED_AT,
    METADATA,
    SINCE,
    UNTIL,
    Between,
    Condition,
    Record,
    as_chunk,
    ended,
)
from app.index.vectors import Vectors

DENSE, WORDS, SPARSE = "dense", "words", "sparse"
READ = (ROW, SINCE, UNTIL, FIELDS)
NO_VECTOR = [1.0, 0.0]  # Milvus keeps no record without one
NOWHERE = -1  # generation of what lives in none
LONGEST = 65_535  # bytes of a text
MOST_LABELS = 4_096
GRAPH = {"M": 16, "efConstruction": 200}  # of HNSW; what the bundled engine takes by itself
BATCH = 10_000  # rows in one answer
SECONDS = 10  # to connect
NOT_LOADED = 101
ONCE = {"retry_times": 0}  # the client would ask again for minutes
PASSING = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.RESOURCE_EXHAUSTED)

for _loud in ("pymilvus", "milvus_lite", "grpc._server"):  # they log each error that they raise
    logging.getLogger(_loud).setLevel(logging.CRITICAL)


class Lite:
    """Milvus Lite on a folder, until nothing refers to it any more."""

    def __init__(self, folder: Path) -> None:
        server, database, port = start_server_in_thread(str(folder / "milvus.db"))
        self.client = MilvusClient(f"http://127.0.0.1:{port}", dedicated=True)
        finalize(self, _stop, self.client, server, database)


_lite = Engines("Milvus", Lite, DataDirLockedError)


class MilvusDatabase:
    """Collections of Milvus whose names begin alike."""

    errors: tuple[type[Exception], ...] = (MilvusException, grpc.RpcError)

    def __init__(self, url: str) -> None:
        self._address = Address.of(url)
        self.folder = self._address.folder
        self.place = self._address.place("Milvus")
        self._engine = _lite.open(self.folder) if self.folder else None
        self._server: MilvusClient | None = None

    def names(self) -> list[str]:
        """Return the names of the tables."""
        return self._address.own(self._client.list_collections(**ONCE))

    def create(self, name: str, dimension: int | None = None) -> bool:
        """Make a table, of vectors of that length; False, for a server tells no maker apart."""
        whole = self._address.whole(name)
        if not self._client.has_collection(whole, **ONCE):
            self._client.create_collection(
                whole, schema=_schema(dimension), consistency_level="Strong", **ONCE
            )
        if not self._client.list_indexes(whole, **ONCE):  # also where its maker was killed
            self._index_labels(whole)
            self._client.create_index(whole, _indexes(words=dimension is not None), **ONCE)
        self._client.load_collection(whole, **ONCE)
        return False

    def _index_labels(self, whole: str) -> None:
        indexes = MilvusClient.prepare_index_params()
        indexes.add_index(LABELS, index_type="INVERTED")
        try:
            self._client.create_index(whole, indexes, **ONCE)
        except MilvusException as error:
            if self.passes(error):  # Milvus Lite, which indexes no lists, reads them all
                raise

    def drop(self, name: str) -> None:
        """Delete a table that is there."""
        self._client.drop_collection(self._address.whole(name), **ONCE)

    def table(self, name: str) -> MilvusTable:
        """Return a table that is there."""
        return MilvusTable(self._client, self._engine, self._address.whole(name))

    def refresh(self) -> None:
        """Do nothing: a server knows what was written, and Milvus Lite shares nothing."""

    def passes(self, error: BaseException) -> bool:
        """Tell whether the same call may work in a moment."""
        code = error.code() if isinstance(error, grpc.RpcError) else getattr(error, "code", None)
        away = code in (*PASSING, Status.CONNECT_FAILED)
        return away or bool(getattr(error, "retriable", False))

    @property
    def _client(self) -> MilvusClient:
        if self._engine:
            return self._engine.client
        self._server = self._server or _remote(self._address)
        return self._server


class MilvusTable:
    """Records as the entities of a collection."""

    def __init__(self, client: MilvusClient, engine: Lite | None, name: str) -> None:
        self._client = client
        self._engine = engine  # which runs as long as a table is used
        self._name = name

    def put(self, records: Sequence[Record]) -> None:
        """Write records, replacing those with their rows; one alone is written whole or not."""
        self._ask("upsert", [_entity(record) for record in records])

    def end(self, rows: Sequence[int], generation: int) -> None:
        """Set the generation in which these records are no longer there."""
        self.put(ended(self.get(rows, vectors=True), generation))

    def remove(self, condition: Condition) -> None:
        """Delete the records for which it holds."""
        self._ask("delete", filter=_filter([condition]))

    def rows(self, conditions: Sequence[Condition]) -> list[int]:
        """Return the rows of the records for which all hold, in any order."""
        pages = self._ask("query_iterator", BATCH, filter=_filter(conditions), output_fields=[ROW])
        found: list[int] = []
        while page := pages.next():
            found += [entity[ROW] for entity in page]
        pages.close()
        return found

    def get(
        self, rows: Sequence[int], *, texts: bool = True, vectors: bool = False
    ) -> list[Record]:
        """Return the records with these rows that exist, in any order."""
        if not rows:
            return []
        wanted = [*READ, *([TEXT] if texts else []), *([DENSE] if vectors else [])]
        found = self._ask("get", list(rows), output_fields=wanted)
        return [_record(entity) for entity in found]

    def dense(
        self, vector: Vectors, k: int, conditions: Sequence[Condition]
    ) -> list[tuple[int, float]]:
        """Return the rows nearest to a normalised vector and their cosine, best first."""
        how = {"params": {"ef": max(LOOKED_AT, 2 * k)}}
        return self._nearest(vector.tolist(), DENSE, k, conditions, search_params=how)

    def lexical(
        self, question: str, k: int, conditions: Sequence[Condition]
    ) -> list[tuple[int, float]]:
        """Return the best rows by BM25."""
        asked = stems(query_terms(question))
        found = self._nearest(asked, SPARSE, k, conditions) if asked else []
        return [(row, abs(score)) for row, score in found]  # Milvus Lite tells them as distances

    def _nearest(
        self,
        query: list[float] | str,
        using: str,
        k: int,
        conditions: Sequence[Condition],
        **how: Any,
    ) -> list[tuple[int, float]]:
        given = ([query], _filter(conditions), k, [ROW])
        found = self._ask("search", *given, anns_field=using, **how)
        return [(hit[ROW], hit["distance"]) for hit in found[0]]

    def _ask(self, method: str, *given: Any, **named: Any) -> Any:
        ask = partial(getattr(self._client, method), self._name, *given, **named, **ONCE)
        try:
            return ask()
        except MilvusException as error:
            if error.code != NOT_LOADED:  # as it is after each start of Milvus Lite
                raise
            self._client.load_collection(self._name, **ONCE)
            return ask()


def _stop(client: MilvusClient, server: grpc.Server, database: Any) -> None:
    client.close()
    server.stop(None).wait()
    database.close()


def _remote(address: Address) -> MilvusClient:
    parts = address.parts
    scheme = parts.scheme.removeprefix("milvus+")
    token = ":".join(filter(None, [address.user, address.key]))
    uri = f"{scheme}://{parts.hostname}:{parts.port or 19530}"
    return MilvusClient(uri, token=token, timeout=SECONDS, dedicated=True)


def _schema(dimension: int | None) -> Any:
    schema = MilvusClient.create_schema(auto_id=False, enable_dynamic_field=False)
    schema.add_field(ROW, DataType.INT64, is_primary=True)
    schema.add_field(SINCE, DataType.INT64)
    schema.add_field(UNTIL, DataType.INT64)
    schema.add_field(TEXT, DataType.VARCHAR, max_length=LONGEST)
    schema.add_field(FIELDS, DataType.VARCHAR, max_length=LONGEST)
    schema.add_field(
        LABELS, DataType.ARRAY, element_type=DataType.VARCHAR, max_capacity=MOST_LABELS,
        max_length=DIGITS,
    )  # fmt: skip
    schema.add_field(DENSE, DataType.FLOAT_VECTOR, dim=dimension or len(NO_VECTOR))
    if dimension is not None:
        schema.add_field(WORDS, DataType.VARCHAR, max_length=LONGEST, enable_analyzer=True)
        schema.add_field(SPARSE, DataType.SPARSE_FLOAT_VECTOR)
        schema.add_function(
            Function(
                name="bm25",
                function_type=FunctionType.BM25,
                input_field_names=[WORDS],
                output_field_names=[SPARSE],
            )
        )
    return schema


def _indexes(*, words: bool) -> Any:
    indexes = MilvusClient.prepare_index_params()
    # vectors have length one: their dot product is their cosine
    indexes.add_index(DENSE, index_type="HNSW", metric_type="IP", params=GRAPH)
    if words:
        indexes.add_index(SPARSE, index_type="SPARSE_INVERTED_INDEX", metric_type="BM25")
    return indexes


def _filter(conditions: Sequence[Condition]) -> str:
    return " and ".join(map(_condition, conditions))


def _condition(condition: Condition) -> str:
    if isinstance(condition, Between):
        return f"{condition.field} > {condition.low} and {condition.field} < {condition.high}"
    field = condition.field
    values = json.dumps([label(field, value) for value in condition.values])
    any_of = f"array_contains_any({LABELS}, {values})"
    if not condition.or_missing:
        return any_of
    return f'({any_of} or not array_contains({LABELS}, "{label(field)}"))'


def _entity(record: Record) -> dict[str, Any]:
    entity = {
        **described(record),
        SINCE: record.fields.get(SINCE, NOWHERE),
        UNTIL: record.fields.get(UNTIL, NOWHERE),
        DENSE: NO_VECTOR if record.vector is None else record.vector,
    }
    return entity | {WORDS: _words(record)} if METADATA in record.fields else entity


def _words(record: Record) -> str:
    """Return the stems of a chunk, those of its title as often as they count."""
    title, body = (part.split() for part in title_and_body(as_chunk(record)))
    return stems(title * round(TITLE_WEIGHT) + body)


def _record(entity: dict[str, Any]) -> Record:
    lives = {key: entity[key] for key in (SINCE, UNTIL) if entity[key] != NOWHERE}
    vector = np.asarray(entity[DENSE], dtype=np.float32) if DENSE in entity else None
    return Record(
        row=entity[ROW],
        text=entity.get(TEXT, ""),
        fields=json.loads(entity[FIELDS]) | lives,
        vector=vector,
    )
