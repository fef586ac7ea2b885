"""A stand-in for the Pinecone service, which its real client talks to over HTTP.

It keeps, filters and ranks vectors, shows a write only after a while, as the service does, and
refuses what the service documents that it refuses. It says nothing about the service's own search.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

KEY = "secret"
LAG = 0.03  # seconds until a write is seen
MOST_BYTES, MOST_METADATA, MOST_VECTORS, MOST_IN = 2_000_000, 40_960, 1_000, 10_000
PAGE = 100

Fields = dict[str, Any]
TESTS: dict[str, Callable[[Any, Any], bool]] = {
    "$gt": lambda value, than: isinstance(value, float) and value > than,
    "$lt": lambda value, than: isinstance(value, float) and value < than,
    "$in": lambda value, among: value in among,
    "$exists": lambda value, wanted: (value is not None) == wanted,
}


class Refused(Exception):
    """A status and what is said with it."""


class Index:
    """Vectors of one length, compared by their dot product."""

    def __init__(self, dimension: int, metric: str) -> None:
        self.dimension = dimension
        self.metric = metric
        self.seen = 0
        self._spaces: dict[str, dict[str, Fields]] = {}
        self._waiting: list[tuple[float, Callable[[], object]]] = []

    def catch_up(self) -> None:
        """Let what was written a while ago be seen."""
        while self._waiting and self._waiting[0][0] < time.monotonic():
            self._waiting.pop(0)[1]()
            self.seen += 1

    def later(self, change: Callable[[], object]) -> int:
        """Let a change be seen after a while, and return its number."""
        self._waiting.append((time.monotonic() + LAG, change))
        return self.seen + len(self._waiting)

    def space(self, name: str) -> dict[str, Fields]:
        if name not in self._spaces:
            raise Refused(404, f"no namespace {name}")
        return self._spaces[name]

    def stats(self, _: Fields) -> Fields:
        return {"dimension": self.dimension, "metric": self.metric, "vectorType": "dense"}

    def upsert(self, body: Fields) -> Fields:
        vectors = body["vectors"]
        check(len(vectors) <= MOST_VECTORS, "too many vectors")
        for vector in vectors:
            vector["values"] = [float(value) for value in vector["values"]]
            vector["metadata"] = {key: as_kept(each) for key, each in vector["metadata"].items()}
            check(len(vector["values"]) == self.dimension, "vector of another dimension")
            check(any(vector["values"]), "dense vectors must contain at least one non-zero value")
            size = len(json.dumps(vector["metadata"], ensure_ascii=False).encode())
            check(size <= MOST_METADATA, f"metadata of {size} bytes")
        space = self.space(body["namespace"])
        number = self.later(lambda: space.update({each["id"]: each for each in vectors}))
        return {"upsertedCount": len(vectors), "number": number}

    def delete(self, body: Fields) -> Fields:
        space = self.space(body["namespace"])

        def change() -> None:
            for each in self._fitting(body):
                del space[each["id"]]

        return {"number": self.later(change)}

    def query(self, body: Fields) -> Fields:
        check(1 <= body["topK"] <= 10_000, "topK out of range")
        check(len(body["vector"]) == self.dimension, "vector of another dimension")
        scored = [
            {"id": each["id"], "score": dot(each["values"], body["vector"])}
            for each in self._fitting(body)
        ]
        best = sorted(scored, key=lambda match: (-match["score"], int(match["id"])))
        return {"matches": best[: body["topK"]], "namespace": body["namespace"]}

    def fetch(self, body: Fields) -> Fields:
        space = self.space(body["namespace"][0])
        return {"vectors": {id_: space[id_] for id_ in body["ids"] if id_ in space}}

    def fetch_by_metadata(self, body: Fields) -> Fields:
        found = self._fitting(body)
        after = int(body.get("paginationToken", 0))
        more = {"pagination": {"next": str(after + PAGE)}} if len(found) > after + PAGE else {}
        return {"vectors": {each["id"]: each for each in found[after : after + PAGE]}, **more}

    def namespaces(self, body: Fields) -> Fields:
        begin = body.get("prefix", [""])[0]
        names = [name for name in self._spaces if name.startswith(begin)]
        return {"namespaces": [{"name": name, "record_count": "0"} for name in names]}

    def create_namespace(self, body: Fields) -> Fields:
        name = body["name"]
        if name in self._spaces:
            raise Refused(409, f"namespace {name} is there already")
        self._spaces[name] = {}
        return {"name": name}

    def delete_namespace(self, name: str) -> Fields:
        self.space(name)
        return {"number": self.later(lambda: self._spaces.pop(name, None))}

    def _fitting(self, body: Fields) -> list[Fields]:
        wanted = body.get("filter", {})
        return [e for e in self.space(body["namespace"]).values() if fits(e["metadata"], wanted)]


def fits(metadata: Fields, wanted: Fields) -> bool:
    """Tell whether a vector's metadata fits a filter."""
    return all(_fits(metadata, key, test) for key, test in wanted.items())


def _fits(metadata: Fields, key: str, test: Any) -> bool:
    if key in ("$and", "$or"):
        check(bool(test), f"{key} of nothing")
        return (all if key == "$and" else any)([fits(metadata, each) for each in test])
    check(all(name in TESTS for name in test), f"no such test: {test}")
    check(0 < len(test.get("$in", "1")) <= MOST_IN, "$in of none or too many")
    return all(TESTS[name](metadata.get(key), wanted) for name, wanted in test.items())


def as_kept(value: Any) -> Any:
    """Return a value of the metadata as it is kept: numbers are floats."""
    check(isinstance(value, str | int | float), f"metadata of type {type(value).__name__}")
    return value if isinstance(value, str | bool) else float(value)


def dot(one: list[float], other: list[float]) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))


def check(holds: bool, message: str) -> None:
    if not holds:
        raise Refused(400, message)


class Service(BaseHTTPRequestHandler):
    """Takes the calls of one connection."""

    protocol_version = "HTTP/1.1"
    server: Server

    def do_POST(self) -> None:
        index = self.server.index
        length = int(self.headers["Content-Length"])
        body = json.loads(self.rfile.read(length))
        ask = {
            "/describe_index_stats": index.stats,
            "/namespaces": index.create_namespace,
            "/query": index.query,
            "/vectors/delete": index.delete,
            "/vectors/fetch_by_metadata": index.fetch_by_metadata,
            "/vectors/upsert": index.upsert,
        }[self.path]
        self._answer(lambda: check(length <= MOST_BYTES, "too large") or ask(body))

    def do_GET(self) -> None:
        index, parts = self.server.index, urlsplit(self.path)
        ask = {"/vectors/fetch": index.fetch, "/namespaces": index.namespaces}[parts.path]
        self._answer(lambda: ask(parse_qs(parts.query)))

    def do_DELETE(self) -> None:
        name = unquote(self.path.rpartition("/")[2])
        self._answer(lambda: self.server.index.delete_namespace(name))

    def log_message(self, *_: Any) -> None:
        pass

    def _answer(self, act: Callable[[], Fields]) -> None:
        index = self.server.index
        with self.server.lock:
            index.catch_up()
            try:
                check(self.headers["Api-Key"] == KEY, "no such key")
                status, told = 200, act()
            except Refused as error:
                status, told = error.args[0], {"code": 3, "message": error.args[1]}
            seen = index.seen
        content = json.dumps({key: told[key] for key in told if key != "number"}).encode()
        self.send_response(status)
        self.send_header("x-pinecone-max-indexed-lsn", str(seen))
        if "number" in told:
            self.send_header("x-pinecone-request-lsn", str(told["number"]))
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


class Server(ThreadingHTTPServer):
    """Answers for one index."""

    daemon_threads = True

    def __init__(self, index: Index) -> None:
        super().__init__(("127.0.0.1", 0), Service)
        self.index = index
        self.lock = Lock()


@contextmanager
def pinecone(dimension: int, metric: str = "dotproduct") -> Iterator[str]:
    """Run the stand-in with one index, and give the URL of it."""
    with Server(Index(dimension, metric)) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"pinecone+http://:{KEY}@127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
