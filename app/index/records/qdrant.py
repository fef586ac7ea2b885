"""Records in Qdrant: a server, or the engine that its client runs inside this process.

The words of a chunk are a sparse vector beside its dense one; Qdrant weighs them by how rare they
are. Its embedded engine belongs to one process at a time and keeps all vectors in its memory.
"""

from __future__ import annotations

import atexit
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import Any
from zlib import crc32

import numpy as np
from qdrant_client import QdrantClient, models
from qdrant_client.common.client_exceptions import QdrantException, ResourceExhaustedResponse
from qdrant_client.http.exceptions import ApiException

from app.index.full_text import LENGTH_SHARE, SATURATION, TITLE_WEIGHT
from app.index.lexical import query_terms, title_and_body
from app.index.records.address import Address
from app.index.records.embedded import Engines
from app.index.records.patient import BUSY, status_of, unreachable
from app.index.records.tables import (
    ID,
    SINCE,
    UNTIL,
    Between,
    Condition,
    Record,
    as_chunk,
    field,
)
from app.index.vectors import Vectors
from graphs.text import search_stem

DENSE, WORDS, TEXT = "dense", "words", "text"
INDEXED = {
    SINCE: models.PayloadSchemaType.INTEGER,
    UNTIL: models.PayloadSchemaType.INTEGER,
    ID: models.PayloadSchemaType.KEYWORD,
    field("document"): models.PayloadSchemaType.KEYWORD,
}
SCROLL = 10_000  # rows in one answer
USUAL_TERMS = 128  # of a chunk; BM25's mean, which a vector that is stored once cannot know
SECONDS = 60

_embedded = Engines(
    "Qdrant",
    lambda folder: QdrantClient(path=str(folder), force_disable_check_same_thread=True),
    RuntimeError,
)


class QdrantDatabase:
    """Collections of Qdrant whose names begin alike."""

    errors: tuple[type[Exception], ...] = (ApiException, QdrantException)

    def __init__(self, url: str) -> None:
        self._address = Address.of(url)
        self.folder = self._address.folder
        self.place = self._address.place("Qdrant")
        self._client = _embedded.open(self.folder) if self.folder else _remote(self._address)

    def names(self) -> list[str]:
        """Return the names of the tables."""
        found = self._client.get_collections().collections
        return self._address.own(each.name for each in found)

    def create(self, name: str, dimension: int | None = None) -> bool:
        """Make a table, of vectors of that length; False where it is there already."""
        if name in self.names():
            return False
        whole = self._address.whole(name)
        # vectors have length one: their dot product is their cosine
        dense = dimension and {
            DENSE: models.VectorParams(size=dimension, distance=models.Distance.DOT)
        }
        words = {WORDS: models.SparseVectorParams(modifier=models.Modifier.IDF)}
        try:
            self._client.create_collection(
                whole, vectors_config=dense or {}, sparse_vectors_config=words if dense else None
            )
        except (ApiException, ValueError):
            if name in self.names():  # another was faster
                return False
            raise
        for key, kind in INDEXED.items() if not self.folder else ():
            self._client.create_payload_index(whole, key, kind, wait=True)
        return True

    def drop(self, name: str) -> None:
        """Delete a table that is there."""
        self._client.delete_collection(self._address.whole(name))

    def table(self, name: str) -> QdrantTable:
        """Return a table that is there."""
        return QdrantTable(self._client, self._address.whole(name))

    def refresh(self) -> None:
        """Do nothing: a server knows what was written, and the embedded engine shares nothing."""

    def passes(self, error: BaseException) -> bool:
        """Tell whether the same call may work in a moment."""
        busy = isinstance(error, ResourceExhaustedResponse) or status_of(error) in BUSY
        return busy or unreachable(getattr(error, "source", None))


class QdrantTable:
    """Records as the points of a collection."""

    def __init__(self, client: QdrantClient, name: str) -> None:
        self._client = client
        self._name = name

    def put(self, records: Sequence[Record]) -> None:
        """Write records, replacing those with their rows; one alone is written whole or not."""
        self._client.upsert(self._name, [_point(record) for record in records], wait=True)

    def end(self, rows: Sequence[int], generation: int) -> None:
        """Set the generation in which these records are no longer there."""
        self._client.set_payload(self._name, {UNTIL: generation}, points=list(rows), wait=True)

    def remove(self, condition: Condition) -> None:
        """Delete the records for which it holds."""
        chosen = models.FilterSelector(filter=_filter([condition]))
        self._client.delete(self._name, points_selector=chosen, wait=True)

    def rows(self, conditions: Sequence[Condition]) -> list[int]:
        """Return the rows of the records for which all hold, in any order."""
        return list(self._scroll(_filter(conditions)))

    def get(
        self, rows: Sequence[int], *, texts: bool = True, vectors: bool = False
    ) -> list[Record]:
        """Return the records with these rows that exist, in any order."""
        payload = True if texts else models.PayloadSelectorExclude(exclude=[TEXT])
        found = self._client.retrieve(
            self._name, list(rows), with_payload=payload, with_vectors=[DENSE] if vectors else False
        )
        return [_record(point) for point in found]

    def dense(
        self, vector: Vectors, k: int, conditions: Sequence[Condition]
    ) -> list[tuple[int, float]]:
        """Return the rows nearest to a normalised vector and their cosine, best first."""
        return self._nearest(vector.tolist(), DENSE, k, conditions)

    def lexical(
        self, question: str, k: int, conditions: Sequence[Condition]
    ) -> list[tuple[int, float]]:
        """Return the best rows by BM25, whose mean of lengths is only assumed."""
        asked = _sparse({search_stem(term): 1.0 for term in query_terms(question)})
        return self._nearest(asked, WORDS, k, conditions) if asked.indices else []

    def _nearest(
        self,
        query: list[float] | models.SparseVector,
        using: str,
        k: int,
        conditions: Sequence[Condition],
    ) -> list[tuple[int, float]]:
        found = self._client.query_points(
            self._name, query, using=using, query_filter=_filter(conditions), limit=k,
            with_payload=False,
        )  # fmt: skip
        return [(int(point.id), point.score) for point in found.points]

    def _scroll(self, wanted: models.Filter) -> Iterator[int]:
        after: Any = None
        while True:
            points, after = self._client.scroll(
                self._name, wanted, limit=SCROLL, offset=after, with_payload=False
            )
            yield from (int(point.id) for point in points)
            if after is None:
                return


@atexit.register
def _close() -> None:
    """Close in time: at the very end of a process, a client's own attempt fails with a notice."""
    for client in _embedded.opened():
        client.close()


def _remote(address: Address) -> QdrantClient:
    parts = address.parts
    scheme = parts.scheme.removeprefix("qdrant+")
    port = parts.port or 6333
    return QdrantClient(
        url=f"{scheme}://{parts.hostname}:{port}", api_key=address.key or None, timeout=SECONDS,
        check_compatibility=False,
    )  # fmt: skip


def _filter(conditions: Sequence[Condition]) -> models.Filter:
    return models.Filter(must=[_condition(each) for each in conditions])


def _condition(condition: Condition) -> Any:
    if isinstance(condition, Between):
        inside = models.Range(gt=condition.low, lt=condition.high)
        return models.FieldCondition(key=condition.field, range=inside)
    any_of = models.FieldCondition(key=condition.field, match=models.MatchAny(any=condition.values))
    if not condition.or_missing:
        return any_of
    missing = models.IsEmptyCondition(is_empty=models.PayloadField(key=condition.field))
    return models.Filter(should=[any_of, missing])


def _point(record: Record) -> models.PointStruct:
    vectors: Any = {}
    if record.vector is not None:
        vectors = {DENSE: record.vector.tolist(), WORDS: _sparse(_weights(record))}
    return models.PointStruct(
        id=record.row, vector=vectors, payload={**record.fields, TEXT: record.text}
    )


def _record(point: Any) -> Record:
    fields = dict(point.payload or {})
    text = fields.pop(TEXT, "")
    vector = point.vector and np.array(point.vector[DENSE], dtype=np.float32)
    return Record(row=int(point.id), text=text, fields=fields, vector=vector)


def _weights(record: Record) -> dict[str, float]:
    """Return how much each stem says about a chunk, before Qdrant weighs how rare it is."""
    title, body = (
        Counter(map(search_stem, part.split())) for part in title_and_body(as_chunk(record))
    )
    length = (title.total() + body.total()) / USUAL_TERMS
    slack = SATURATION * (1 - LENGTH_SHARE + LENGTH_SHARE * length)
    counts = {word: TITLE_WEIGHT * title[word] + body[word] for word in title | body}
    return {word: n * (SATURATION + 1) / (n + slack) for word, n in counts.items()}


def _sparse(weights: dict[str, float]) -> models.SparseVector:
    by_number: defaultdict[int, float] = defaultdict(float)
    for word, weight in weights.items():
        by_number[crc32(word.encode(errors="surrogatepass"))] += weight
    return models.SparseVector(indices=list(by_number), values=list(by_number.values()))
