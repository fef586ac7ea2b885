"""Every store of the index on its real engine, for as long as a test needs it."""

from __future__ import annotations

import gc
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Self
from uuid import uuid4

import httpx
import psycopg
import pytest
from fakes import KeywordEmbeddings
from index_parts import WORDS, bring, config, write_files
from pinecone_stand_in import pinecone
from postgres_parts import postgres
from server_parts import free_port

from app.errors import UserError
from app.index.choice import open_index
from app.index.store import HybridVectorStore

PACKAGES = {
    "qdrant": "qdrant_client",
    "chroma": "chromadb",
    "chroma server": "chromadb",
    "milvus": "milvus_lite",
    "milvus server": "milvus_lite",
    "pinecone": "pinecone",
    "weaviate": "weaviate",
}
TESTS = Path(__file__).parent
START_SECONDS = 120


@dataclass(frozen=True)
class Opened:
    """A new and empty index, which can be opened as often as wanted, each time by a machine."""

    kind: str
    url: str
    home: Path

    def __call__(self, machine: str | None = None, **changes: Any) -> HybridVectorStore:
        folder = self.home / (machine or uuid4().hex if self.url else "index")
        return open_index(self.url, folder, KeywordEmbeddings(WORDS), config(**changes))

    @contextmanager
    def elsewhere(self, code: str) -> Iterator[subprocess.Popen[str]]:
        """Run code in another process; `opened` opens the index there."""
        gc.collect()  # closes what can be open in one process alone, where no store is used here
        before = (
            "import sys; from pathlib import Path; from langchain_core.documents import Document\n"
            "from store_parts import Opened\n"
            "from app.errors import UserError\n"
            "opened = Opened(sys.argv[1], sys.argv[2], Path(sys.argv[3]))\n"
        )
        command = [sys.executable, "-c", before + code, self.kind, self.url, str(self.home)]
        places = [TESTS, TESTS.parent, *filter(None, [os.environ.get("PYTHONPATH")])]
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(map(str, places))}
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        with subprocess.Popen(command, env=environment, **pipes) as process:
            yield process


def skip_without(kind: str) -> None:
    """Skip a test where the store's package is missing."""
    if not installed(kind):
        pytest.skip(f"{PACKAGES[kind]} is not installed: make test-stores installs it")


def installed(kind: str) -> bool:
    """Tell whether a store can be had here."""
    return kind not in PACKAGES or find_spec(PACKAGES[kind]) is not None


@contextmanager
def engine(kind: str) -> Iterator[Callable[[Path], Opened]]:
    """Run a store's engine; what it gives makes a new index each time."""
    skip_without(kind)
    if kind == "postgresql":
        with postgres() as database:
            yield lambda home: Opened(kind, new_schema(database), home)
    elif kind in SERVERS:
        with SERVERS[kind]() as server:
            yield lambda home: Opened(kind, f"{server.url}/n{uuid4().hex}", home)
    elif kind == "pinecone":
        with pinecone(dimension=len(WORDS)) as service:
            yield lambda home: Opened(kind, f"{service}/n{uuid4().hex}", home)
    elif kind == "weaviate":
        from weaviate_stand_in import weaviate  # which needs the package

        with weaviate() as service:
            yield lambda home: Opened(kind, service.replace("NAME", f"n{uuid4().hex}"), home)
    elif kind == "faiss":
        yield lambda home: Opened(kind, "", home)
    else:
        yield lambda home: Opened(kind, f"{kind}://{home}/{kind}", home)


def new_schema(database: str) -> str:
    name = f"index_{uuid4().hex}"
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("CREATE EXTENSION IF NOT EXISTS vector")
        connection.execute(f"CREATE SCHEMA {name}".encode())
    return f"{database}&options=-csearch_path%3D{name},public"


class Server:
    """A store's server on this machine, which can die and come back."""

    def __init__(self, url: str, command: Sequence[str], ready: Callable[[], object]) -> None:
        self.url = url
        self._command = [sys.executable, "-c", *command]
        self._ready = ready

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start it, and wait until it answers."""
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self._process = subprocess.Popen(self._command, **quiet)
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until and self._process.poll() is None:
            with suppress(httpx.HTTPError, OSError):
                self._ready()
                return
            time.sleep(0.2)
        raise AssertionError(f"the server did not start (exit code {self._process.poll()})")

    def stop(self) -> None:
        """End it as a power cut would."""
        self._process.kill()
        self._process.wait(timeout=60)


@contextmanager
def chroma_server() -> Iterator[Server]:
    """Run a Chroma server on this machine."""
    at = f"127.0.0.1:{free_port()}"
    with tempfile.TemporaryDirectory() as folder:
        start = "from chromadb.cli.cli import app; app()"
        places = ["--path", folder, "--host", "127.0.0.1", "--port", at.partition(":")[2]]
        beat = f"http://{at}/api/v2/heartbeat"
        with Server(
            f"chroma+http://{at}",
            [start, "run", *places],
            lambda: httpx.get(beat).raise_for_status(),
        ) as server:
            yield server


@contextmanager
def milvus_server() -> Iterator[Server]:
    """Run Milvus Lite as a server on this machine."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        start = "import sys; from milvus_lite.cmdline import main; sys.exit(main())"
        places = ["--data-dir", folder, "--host", "127.0.0.1", "--port", str(port)]
        with Server(
            f"milvus+http://127.0.0.1:{port}",
            [start, "server", *places],
            lambda: socket.create_connection(("127.0.0.1", port)).close(),
        ) as server:
            yield server


SERVERS = {"chroma server": chroma_server, "milvus server": milvus_server}


def check_places(opened: Opened, scratch: Path) -> None:
    """Check that the command which mends an index names all places, and after a rebuild no more."""
    one, two = (write_files(scratch / name, {"a.txt": f"alpha {name}"}) for name in ("one", "two"))
    bring(opened(), one)
    bring(opened(), two)
    opened().add_texts(["beta"])
    with pytest.raises(UserError, match=rf"run groundtune ingest {one} {two} --rebuild$"):
        opened(chunk_size=300).hybrid_search("alpha")
    bring(opened(), two, rebuild=True)
    with pytest.raises(UserError, match=rf"run groundtune ingest {two} --rebuild$"):
        opened(chunk_size=300).hybrid_search("alpha")
