"""Records in Chroma: a server, or the engine that its client runs inside this process.

Chroma ranks by words in its cloud alone. Here each process keeps the words of the generation that
it reads, for which it reads all texts once.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from heapq import nlargest
from operator import itemgetter
from pathlib import Path
from threading import Lock
from typing import Any

import chromadb
import httpx
import numpy as np
from chromadb.api.client import SharedSystemClient
from chromadb.config import Settings
from chromadb.errors import ChromaError, NotFoundError, RateLimitError

from app.index.records.address import Address
from app.index.records.mirror import Mirror
from app.index.records.patient import BUSY, Refused, status_of, unreachable
from app.index.records.tables import LOOKED_AT, NEVER, UNTIL, Between, Condition, Record, read
from app.index.vectors import Vectors

KEYS = "keys"  # which fields a record has: Chroma finds none by what it lacks
NO_VECTOR = [1.0]  # Chroma keeps no record without one

_clients: dict[Path, Any] = {}
_opening = Lock()


class ChromaDatabase:
    """Collections of Chroma whose names begin alike."""

    errors: tuple[type[Exception], ...] = (ChromaError, httpx.HTTPError)

    def __init__(self, url: str) -> None:
        self._address = Address.of(url)
        self.folder = self._address.folder
        self.place = self._address.place("Chroma")
        self._server: Any = None
        self._mirror = Mirror()

    def names(self) -> list[str]:
        """Return the names of the tables."""
        return self._address.own(each.name for each in self._client.list_collections())

    def create(self, name: str, dimension: int | None = None) -> bool:
        """Make a table, of vectors of that length; False where it is there already."""
        # vectors have length one: the distance is 1 less their cosine
        graph = {"hnsw": {"space": "ip", "ef_construction": LOOKED_AT, "ef_search": LOOKED_AT}}
        try:
            self._client.create_collection(
                self._address.whole(name), configuration=graph, embedding_function=None
            )
        except ChromaError:
            if name in self.names():
                return False
            raise
        return True

    def drop(self, name: str) -> None:
        """Delete a table that is there."""
        with suppress(NotFoundError):  # where the answer to an earlier call was lost
            self._client.delete_collection(self._address.whole(name))

    def table(self, name: str) -> ChromaTable:
        """Return a table that is there."""
        collection = self._client.get_collection(self._address.whole(name), embedding_function=None)
        return ChromaTable(collection, self._mirror)

    def refresh(self) -> None:
        """Open the embedded engine anew: it would not find what another process has written."""
        if self.folder is None:
            return
        with _opening:
            _clients.pop(self.folder, None)
            # not the client's own close, which would break searches that are under way
            SharedSystemClient.clear_system_cache()

    def passes(self, error: BaseException) -> bool:
        """Tell whether the same call may work in a moment."""
        busy = isinstance(error, RateLimitError) or status_of(error) in BUSY
        return busy or unreachable(error) or isinstance(error, Refused)

    @property
    def _client(self) -> Any:
        if self.folder is None:
            self._server = self._server or _remote(self._address)
            return self._server
        with _opening:
            if self.folder not in _clients:
                settings = Settings(anonymized_telemetry=False)
                _clients[self.folder] = chromadb.PersistentClient(self.folder, settings)
            return _clients[self.folder]


class ChromaTable:
    """Records of a collection; a row is an id."""

    def __init__(self, collection: Any, mirror: Mirror) -> None:
        self._collection = collection
        self._mirror = mirror

    def put(self, records: Sequence[Record]) -> None:
        """Write records, replacing those with their rows; one alone is written whole or not."""
        self._collection.upsert(
            ids=[str(record.row) for record in records],
            embeddings=[NO_VECTOR if r.vector is None else r.vector for r in records],
            documents=[record.text for record in records],
            metadatas=[{**record.fields, KEYS: sorted(record.fields)} for record in records],
        )

    def end(self, rows: Sequence[int], generation: int) -> None:
        """Set the generation in which these records are no longer there."""
        changes = [{UNTIL: generation} for _ in rows]
        self._collection.update(ids=[str(row) for row in rows], metadatas=changes)

    def remove(self, condition: Condition) -> None:
        """Delete the records for which it holds."""
        self._collection.delete(where=_where([condition]))

    def rows(self, conditions: Sequence[Condition]) -> list[int]:
        """Return the rows of the records for which all hold, in any order."""
        found = self._collection.get(where=_where(conditions), include=[])
        return [int(id_) for id_ in found["ids"]]

    def get(
        self, rows: Sequence[int], *, texts: bool = True, vectors: bool = False
    ) -> list[Record]:
        """Return the records with these rows that exist, in any order."""
        include = ["metadatas"]
        include += ["documents"] if texts else []
        include += ["embeddings"] if vectors else []
        found = self._collection.get(ids=[str(row) for row in rows], include=include)
        return [
            Record(
                row=int(id_),
                text=found["documents"][at] if texts else "",
                fields={key: v for key, v in found["metadatas"][at].items() if key != KEYS},
                vector=np.asarray(found["embeddings"][at], dtype=np.float32) if vectors else None,
            )
            for at, id_ in enumerate(found["ids"])
        ]

    def dense(
        self, vector: Vectors, k: int, conditions: Sequence[Condition]
    ) -> list[tuple[int, float]]:
        """Return the rows nearest to a normalised vector and their cosine, best first."""
        found = self._collection.query(
            query_embeddings=[vector], n_results=k, where=_where(conditions), include=["distances"]
        )
        pairs = zip(found["ids"][0], found["distances"][0], strict=True)
        nearest = [(int(id_), 1 - distance) for id_, distance in pairs]
        return nearest if len(nearest) == k else self._compared(vector, k, self.rows(conditions))

    def _compared(self, vector: Vectors, k: int, rows: Sequence[int]) -> list[tuple[int, float]]:
        """Compare with all: Chroma's graph does not lead past dozens of equal vectors."""
        near = (
            (each.row, float(vector @ each.vector))
            for each in read(self, rows, texts=False, vectors=True)
            if each.vector is not None
        )
        return nlargest(k, near, key=itemgetter(1))

    def lexical(
        self, question: str, k: int, conditions: Sequence[Condition]
    ) -> list[tuple[int, float]]:
        """Return the best rows by BM25."""
        return self._mirror.fitting(self, self._collection.id, question, k, conditions)


def _remote(address: Address) -> Any:
    parts = address.parts
    try:
        return chromadb.HttpClient(
            host=str(parts.hostname),
            port=parts.port or 8000,
            ssl=parts.scheme.endswith("+https"),
            headers={"Authorization": f"Bearer {address.key}"} if address.key else None,
            settings=Settings(anonymized_telemetry=False),
        )
    except ValueError as error:  # so it tells that nothing listens
        raise Refused(str(error)) from error


def _where(conditions: Sequence[Condition]) -> dict[str, Any]:
    parts = [part for condition in conditions for part in _parts(condition)]
    return parts[0] if len(parts) == 1 else {"$and": parts}


def _parts(condition: Condition) -> list[dict[str, Any]]:
    if isinstance(condition, Between):
        low, high = {"$gt": condition.low}, {"$lt": condition.high}
        return [{condition.field: low}, {condition.field: high}]
    any_of = {condition.field: {"$in": condition.values or NEVER}}
    if not condition.or_missing:
        return [any_of]
    return [{"$or": [any_of, {KEYS: {"$not_contains": condition.field}}]}]
