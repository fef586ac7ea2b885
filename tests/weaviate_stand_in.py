"""A stand-in for a Weaviate server, which its real client talks to over REST and gRPC.

It keeps, filters and ranks objects, and refuses collections, properties and keys that are not
there. It says nothing about the server's own search.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import RLock, Thread
from typing import Any, ClassVar
from uuid import UUID

import grpc
import numpy as np
from weaviate.proto.v1 import base_pb2, batch_delete_pb2, batch_pb2, properties_pb2, search_get_pb2
from weaviate.proto.v1.weaviate_pb2_grpc import WeaviateServicer, add_WeaviateServicer_to_server

KEY = "secret"
MOST_BYTES, MOST_RESULTS = 10_485_760, 10_000
HNSW = {
    "cleanupIntervalSeconds": 300, "dynamicEfMin": 100, "dynamicEfMax": 500, "dynamicEfFactor": 8,
    "ef": -1, "efConstruction": 128, "flatSearchCutoff": 40_000, "maxConnections": 32,
    "skip": False, "vectorCacheMaxObjects": 10**12,
}  # fmt: skip
Filters = base_pb2.Filters
Kept = dict[str, Any]
TESTS: dict[Any, Callable[[Any, Filters], bool]] = {
    Filters.OPERATOR_GREATER_THAN: lambda value, f: value is not None and value > f.value_int,
    Filters.OPERATOR_LESS_THAN: lambda value, f: value is not None and value < f.value_int,
    Filters.OPERATOR_NOT_EQUAL: lambda value, f: f.value_text not in (value or []),
    Filters.OPERATOR_CONTAINS_ANY: lambda value, f: (
        not set(f.value_text_array.values).isdisjoint(value if isinstance(value, list) else [value])
    ),
}


class Collection:
    """Objects by their ids."""

    def __init__(self, schema: dict[str, Any]) -> None:
        self.schema = with_defaults(schema)
        self.objects: dict[str, Kept] = {}
        self._known = {each["name"] for each in schema["properties"]}

    def put(self, new: batch_pb2.BatchObject) -> None:
        told = new.properties
        kept = dict(told.non_ref_properties)
        kept |= {each.prop_name: list(each.values) for each in told.text_array_properties}
        kept |= {name: [] for name in told.empty_list_props}
        self._check(*kept)
        raw = new.vectors[0].vector_bytes if new.vectors else new.vector_bytes
        kept["_id"] = new.uuid
        kept["_vector"] = np.frombuffer(raw, dtype=np.float32)
        self.objects[new.uuid] = kept

    def fitting(self, wanted: Filters) -> list[Kept]:
        return [each for each in self.objects.values() if self._fits(each, wanted)]

    def nearest(self, found: list[Kept], raw: bytes) -> list[tuple[Kept, float]]:
        """Return the objects with a vector and their distances, the least first."""
        vector = np.frombuffer(raw, dtype=np.float32)
        pairs = [(each, -float(each["_vector"] @ vector)) for each in found if each["_vector"].size]
        return sorted(pairs, key=lambda pair: pair[1])

    def ranked(self, found: list[Kept], asked: Any) -> list[tuple[Kept, float]]:
        """Return the objects that share words with a query and their BM25, the highest first."""
        boosts = {name: float(boost or 1) for name, _, boost in map(split, asked.properties)}
        self._check(*boosts)
        counts = {each["_id"]: weighed(each, boosts) for each in self.objects.values()}
        scores = [(each, self._score(each["_id"], asked.query.split(), counts)) for each in found]
        return sorted([p for p in scores if p[1] > 0], key=lambda pair: -pair[1])

    def _score(self, id_: str, words: Sequence[str], counts: dict[str, Counter[str]]) -> float:
        told = self.schema["invertedIndexConfig"]["bm25"]
        mean = sum(each.total() for each in counts.values()) / len(counts) or 1
        own, score = counts[id_], 0.0
        slack = told["k1"] * (1 - told["b"] + told["b"] * own.total() / mean)
        for word in words:
            having = sum(word in each for each in counts.values())
            rare = math.log(1 + (len(counts) - having + 0.5) / (having + 0.5))
            score += rare * own[word] * (told["k1"] + 1) / (own[word] + slack)
        return score

    def _fits(self, kept: Kept, wanted: Filters) -> bool:
        if wanted.operator in (Filters.OPERATOR_AND, Filters.OPERATOR_OR):
            both = all if wanted.operator == Filters.OPERATOR_AND else any
            return both([self._fits(kept, each) for each in wanted.filters])
        name = wanted.target.property
        if name != "_id":
            self._check(name)
        return TESTS[wanted.operator](kept.get(name), wanted)

    def _check(self, *names: str) -> None:
        if unknown := set(names) - self._known:
            raise KeyError(f"no such property: {', '.join(unknown)}")


def with_defaults(schema: dict[str, Any]) -> dict[str, Any]:
    """Add to a schema what a server adds."""
    words = {"cleanupIntervalSeconds": 60, "bm25": {"k1": 1.2, "b": 0.75}}
    for each in schema["properties"]:
        each |= {"indexSearchable": True, "indexFilterable": True} | each
    for vector in schema["vectorConfig"].values():
        vector["vectorIndexConfig"] = HNSW | vector["vectorIndexConfig"]
    return {**schema, "invertedIndexConfig": words | schema["invertedIndexConfig"]}


def split(boosted: str) -> tuple[str, str, str]:
    return boosted.partition("^")


def weighed(kept: Kept, boosts: dict[str, float]) -> Counter[str]:
    """Count the words of an object, each as often as its property counts."""
    counts: Counter[str] = Counter()
    for name, boost in boosts.items():
        for word in (kept.get(name) or "").split():
            counts[word] += boost
    return counts


class Calls(WeaviateServicer):
    """Answers the calls over gRPC."""

    def __init__(self, collections: dict[str, Collection], lock: RLock) -> None:
        self._collections = collections
        self._lock = lock

    def BatchObjects(self, request: Any, context: Any) -> Any:
        errors = []
        with self._opened(context):
            for at, each in enumerate(request.objects):
                try:
                    self._collections[each.collection].put(each)
                except KeyError as error:
                    errors.append({"index": at, "error": str(error)})
        return batch_pb2.BatchObjectsReply(errors=errors)

    def BatchDelete(self, request: Any, context: Any) -> Any:
        with self._opened(context):
            collection = self._collections[request.collection]
            gone = collection.fitting(request.filters)[:MOST_RESULTS]
            for each in gone:
                del collection.objects[each["_id"]]
        return batch_delete_pb2.BatchDeleteReply(matches=len(gone), successful=len(gone))

    def Search(self, request: Any, context: Any) -> Any:
        with self._opened(context):
            assert request.offset + request.limit <= MOST_RESULTS
            collection = self._collections[request.collection]
            found = collection.fitting(request.filters)
            scored: list[tuple[Kept, float]] = [(each, 0.0) for each in found]
            if request.HasField("near_vector"):
                scored = collection.nearest(found, vector_of(request.near_vector))
            elif request.HasField("bm25_search"):
                scored = collection.ranked(found, request.bm25_search)
            for order in request.sort_by:
                scored.sort(key=lambda pair: pair[0][order.path[0]], reverse=not order.ascending)
            results = [result(*pair, request) for pair in scored[: request.limit]]
            return search_get_pb2.SearchReply(results=results)

    @contextmanager
    def _opened(self, context: Any) -> Iterator[None]:
        if dict(context.invocation_metadata()).get("authorization") != f"Bearer {KEY}":
            context.abort(grpc.StatusCode.UNAUTHENTICATED, "no such key")
        with self._lock:
            try:
                yield
            except (AssertionError, KeyError) as error:
                context.abort(grpc.StatusCode.UNKNOWN, f"cannot be answered: {error}")


def vector_of(near: Any) -> bytes:
    found: bytes = near.vectors[0].vector_bytes if near.vectors else near.vector_bytes
    return found


def result(kept: Kept, score: float, request: Any) -> Any:
    """Return an object with what was asked of it."""
    fields = {
        name: value(kept[name]) for name in request.properties.non_ref_properties if name in kept
    }
    metadata = search_get_pb2.MetadataResult(
        id_as_bytes=UUID(kept["_id"]).bytes,
        distance=score,
        distance_present=request.metadata.distance,
        score=score,
        score_present=request.metadata.score,
    )
    if kept["_vector"].size and (request.metadata.vector or request.metadata.vectors):
        metadata.vectors.add(name="default", vector_bytes=kept["_vector"].tobytes())
    properties = properties_pb2.Properties(fields=fields)
    return search_get_pb2.SearchResult(
        properties=search_get_pb2.PropertiesResult(non_ref_props=properties), metadata=metadata
    )


def value(kept: Any) -> Any:
    if isinstance(kept, float):
        return properties_pb2.Value(int_value=int(kept))
    return properties_pb2.Value(text_value=kept)


class Pages(BaseHTTPRequestHandler):
    """Answers the calls over REST."""

    protocol_version = "HTTP/1.1"
    collections: ClassVar[dict[str, Collection]]
    lock: ClassVar[RLock]

    def do_GET(self) -> None:
        classes = [each.schema for each in self.collections.values()]
        known = {
            "/v1/meta": {"version": "1.32.0", "grpcMaxMessageSize": MOST_BYTES},
            "/v1/schema": {"classes": classes},
        }
        self._answer(200 if self.path in known else 404, known.get(self.path))

    def do_POST(self) -> None:
        schema = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        name = schema["class"]
        if not name[0].isupper() or name in self.collections:
            self._answer(422, {"error": [{"message": f"class {name} exists or has a bad name"}]})
            return
        self.collections[name] = Collection(schema)
        self._answer(200, self.collections[name].schema)

    def do_DELETE(self) -> None:
        self.collections.pop(self.path.rpartition("/")[2], None)
        self._answer(200, None)

    def log_message(self, *_: Any) -> None:
        pass

    def _answer(self, status: int, told: Any) -> None:
        if self.headers["Authorization"] != f"Bearer {KEY}" and self.path == "/v1/schema":
            status, told = 401, {"error": [{"message": "no such key"}]}
        content = b"" if told is None else json.dumps(told).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


@contextmanager
def weaviate() -> Iterator[str]:
    """Run the stand-in, and give the URL of it."""
    collections: dict[str, Collection] = {}
    lock = RLock()
    sizes = [("grpc.max_receive_message_length", MOST_BYTES)]
    calls = grpc.server(ThreadPoolExecutor(4), options=sizes)
    add_WeaviateServicer_to_server(Calls(collections, lock), calls)
    port = calls.add_insecure_port("127.0.0.1:0")
    calls.start()
    pages = type("OwnPages", (Pages,), {"collections": collections, "lock": lock})
    with ThreadingHTTPServer(("127.0.0.1", 0), pages) as server:
        server.daemon_threads = True
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            at = f"127.0.0.1:{server.server_port}"
            yield f"weaviate+http://:{KEY}@{at}/NAME?grpc=127.0.0.1:{port}"
        finally:
            server.shutdown()
            thread.join()
            calls.stop(None).wait()
