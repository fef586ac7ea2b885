"""Records in Weaviate: objects of a collection, over its client's REST and gRPC calls.

Weaviate ranks words itself (BM25). Fields are found by their labels: a property of its own for
each would not know which of the objects before it lack it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs
from uuid import UUID
from weakref import finalize

import httpx
import numpy as np
import weaviate
from weaviate.classes.config import (
    Configure,
    DataType,
    Property,
    StopwordsPreset,
    Tokenization,
    VectorDistances,
)
from weaviate.classes.data import DataObject
from weaviate.classes.init import AdditionalConfig, Auth, Timeout
from weaviate.classes.query import Filter, MetadataQuery, Sort
from weaviate.exceptions import WeaviateBaseError, WeaviateConnectionError, WeaviateStartUpError

from app.index.full_text import LENGTH_SHARE, SATURATION, TITLE_WEIGHT
from app.index.lexical import query_terms, title_and_body
from app.index.records.address import Address
from app.index.records.labels import FIELDS, LABELS, ROW, TEXT, described, label, stems
from app.index.records.patient import BUSY, status_of, unreachable
from app.index.records.tables import (
    METADATA,
    NEVER,
    SINCE,
    UNTIL,
    Between,
    Condition,
    Record,
    as_chunk,
    ended,
)
from app.index.vectors import Vectors

TITLE, BODY = "title", "body"
SEARCHED = [f"{TITLE}^{TITLE_WEIGHT:g}", BODY]
MOST = 10_000  # objects in one answer
GRPC_PORT = 50051
TIMEOUT = Timeout(init=10, query=60, insert=120)  # seconds


class WeaviateDatabase:
    """Collections of Weaviate whose names begin alike."""

    folder: Path | None = None
    errors: tuple[type[Exception], ...] = (WeaviateBaseError, httpx.HTTPError)

    def __init__(self, url: str) -> None:
        address = Address.of(url)
        # a collection's name begins with a capital
        self._address = replace(address, prefix=address.prefix[:1].upper() + address.prefix[1:])
        self.place = self._address.place("Weaviate")

    def names(self) -> list[str]:
        """Return the names of the tables."""
        return self._address.own(self._client.collections.list_all(simple=True))

    def create(self, name: str, dimension: int | None = None) -> bool:
        """Make a table; False where it is there already. Its first vector says their length."""
        # vectors have length one: the distance is their cosine, negated
        nearest = Configure.VectorIndex.hnsw(distance_metric=VectorDistances.DOT)
        try:
            self._client.collections.create(
                self._address.whole(name),
                vector_config=Configure.Vectors.self_provided(vector_index_config=nearest),
                inverted_index_config=Configure.inverted_index(
                    bm25_k1=SATURATION, bm25_b=LENGTH_SHARE, stopwords_preset=StopwordsPreset.NONE
                ),
                properties=_properties(),
            )
        except WeaviateBaseError:
            if name in self.names():
                return False
            raise
        return True

    def drop(self, name: str) -> None:
        """Delete a table that is there."""
        self._client.collections.delete(self._address.whole(name))

    def table(self, name: str) -> WeaviateTable:
        """Return a table that is there."""
        return WeaviateTable(self._client.collections.use(self._address.whole(name)))

    def refresh(self) -> None:
        """Do nothing: a server knows what was written."""

    def passes(self, error: BaseException) -> bool:
        """Tell whether the same call may work in a moment."""
        away = isinstance(error, WeaviateConnectionError | WeaviateStartUpError)
        return away or unreachable(error) or status_of(error) in BUSY

    @cached_property
    def _client(self) -> Any:
        client = _connected(self._address)
        finalize(self, client.close)
        return client


class WeaviateTable:
    """Records as the objects of a collection."""

    def __init__(self, collection: Any) -> None:
        self._objects = collection

    def put(self, records: Sequence[Record]) -> None:
        """Write records, replacing those with their rows; one alone is written whole or not."""
        told = self._objects.data.insert_many([_object(record) for record in records])
        if told.has_errors:  # which the client does not raise where a part was written
            raise WeaviateBaseError(next(iter(told.errors.values())).message)

    def end(self, rows: Sequence[int], generation: int) -> None:
        """Set the generation in which these records are no longer there."""
        self.put(ended(self.get(rows, vectors=True), generation))

    def remove(self, condition: Condition) -> None:
        """Delete the records for which it holds."""
        left = True
        while left:  # one call deletes no more than one answer holds
            told = self._objects.data.delete_many(where=_filter([condition]))
            if told.failed:
                raise WeaviateBaseError(f"{told.failed} records were not deleted")
            left = told.matches > 0

    def rows(self, conditions: Sequence[Condition]) -> list[int]:
        """Return the rows of the records for which all hold, in their order."""
        rows: list[int] = []
        while True:
            after = Filter.by_property(ROW).greater_than(rows[-1] if rows else -1)
            page = self._objects.query.fetch_objects(
                filters=_filter(conditions) & after, sort=Sort.by_property(ROW), limit=MOST,
                return_properties=[ROW],
            ).objects  # fmt: skip
            rows += [each.properties[ROW] for each in page]
            if len(page) < MOST:
                return rows

    def get(
        self, rows: Sequence[int], *, texts: bool = True, vectors: bool = False
    ) -> list[Record]:
        """Return the records with these rows that exist, in any order."""
        if not rows:
            return []
        wanted = [ROW, SINCE, UNTIL, FIELDS, *([TEXT] if texts else [])]
        found = self._objects.query.fetch_objects(
            filters=Filter.by_id().contains_any([UUID(int=row) for row in rows]), limit=len(rows),
            include_vector=vectors, return_properties=wanted,
        )  # fmt: skip
        return [_record(each) for each in found.objects]

    def dense(
        self, vector: Vectors, k: int, conditions: Sequence[Condition]
    ) -> list[tuple[int, float]]:
        """Return the rows nearest to a normalised vector and their cosine, best first."""
        found = self._objects.query.near_vector(
            vector.tolist(), filters=_filter(conditions), limit=k, return_properties=[ROW],
            return_metadata=MetadataQuery(distance=True),
        )  # fmt: skip
        return [(each.properties[ROW], -each.metadata.distance) for each in found.objects]

    def lexical(
        self, question: str, k: int, conditions: Sequence[Condition]
    ) -> list[tuple[int, float]]:
        """Return the best rows by BM25."""
        asked = stems(query_terms(question))
        if not asked:
            return []
        found = self._objects.query.bm25(
            asked, query_properties=SEARCHED, filters=_filter(conditions), limit=k,
            return_properties=[ROW], return_metadata=MetadataQuery(score=True),
        )  # fmt: skip
        return [(each.properties[ROW], each.metadata.score) for each in found.objects]


def _connected(address: Address) -> Any:
    parts = address.parts
    secure = parts.scheme.endswith("+https")
    asked = parse_qs(parts.query).get("grpc", [f"{parts.hostname}:{GRPC_PORT}"])[0]
    grpc_host, _, grpc_port = asked.rpartition(":")
    return weaviate.connect_to_custom(
        http_host=str(parts.hostname),
        http_port=parts.port or (443 if secure else 8080),
        http_secure=secure,
        grpc_host=grpc_host,
        grpc_port=int(grpc_port),
        grpc_secure=secure,
        auth_credentials=Auth.api_key(address.key) if address.key else None,
        additional_config=AdditionalConfig(timeout=TIMEOUT),
        skip_init_checks=True,  # they ask the package index for the newest client
    )


def _properties() -> list[Property]:
    unsearched = {"index_filterable": False, "index_searchable": False}
    words = {"tokenization": Tokenization.WHITESPACE, "index_filterable": False}
    labelled = {"tokenization": Tokenization.FIELD, "index_searchable": False}
    return [
        Property(name=ROW, data_type=DataType.INT, index_range_filters=True),
        Property(name=SINCE, data_type=DataType.INT, index_range_filters=True),
        Property(name=UNTIL, data_type=DataType.INT, index_range_filters=True),
        Property(name=LABELS, data_type=DataType.TEXT_ARRAY, **labelled),
        Property(name=FIELDS, data_type=DataType.TEXT, **unsearched),
        Property(name=TEXT, data_type=DataType.TEXT, **unsearched),
        Property(name=TITLE, data_type=DataType.TEXT, **words),
        Property(name=BODY, data_type=DataType.TEXT, **words),
    ]


def _filter(conditions: Sequence[Condition]) -> Any:
    return Filter.all_of([_condition(condition) for condition in conditions])


def _condition(condition: Condition) -> Any:
    field = condition.field
    if isinstance(condition, Between):
        value = Filter.by_property(field)
        return value.greater_than(condition.low) & value.less_than(condition.high)
    known = Filter.by_property(LABELS)
    any_of = known.contains_any([label(field, value) for value in condition.values or NEVER])
    return any_of | known.not_equal(label(field)) if condition.or_missing else any_of


def _object(record: Record) -> Any:
    lives = {key: record.fields[key] for key in (SINCE, UNTIL) if key in record.fields}
    properties = {**described(record), **lives}
    if METADATA in record.fields:
        title, body = title_and_body(as_chunk(record))
        properties |= {TITLE: stems(title.split()), BODY: stems(body.split())}
    vector = None if record.vector is None else record.vector.tolist()
    return DataObject(properties=properties, uuid=UUID(int=record.row), vector=vector)


def _record(found: Any) -> Record:
    told = found.properties
    lives = {key: told[key] for key in (SINCE, UNTIL) if told.get(key) is not None}
    vector = found.vector.get("default") or None
    return Record(
        row=told[ROW],
        text=told.get(TEXT) or "",
        fields=json.loads(told[FIELDS]) | lives,
        vector=None if vector is None else np.asarray(vector, dtype=np.float32),
    )
