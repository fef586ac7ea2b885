"""A store whose server falls silent is asked again, and then tells so in one line."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import postgres_parts
import pytest
from index_parts import texts
from langchain_core.documents import Document
from store_parts import SERVERS, Opened, new_schema, skip_without
from tenacity import wait_fixed, wait_none

from app import patience
from app.errors import UserError

Act = Callable[[], None]


@contextmanager
def postgresql(home: Path) -> Iterator[tuple[Opened, Act, Act]]:
    with postgres_parts.postgres() as url:
        folder = Path(url.partition("host=")[2])
        opened = Opened("postgresql", new_schema(url), home)
        yield opened, lambda: postgres_parts.stop(folder), lambda: postgres_parts.start(folder)


@contextmanager
def of_records(kind: str, home: Path) -> Iterator[tuple[Opened, Act, Act]]:
    skip_without(kind)
    with SERVERS[kind]() as server:
        yield Opened(kind, server.url, home), server.stop, server.start


@pytest.mark.parametrize("kind", ["postgresql", *SERVERS])
def test_a_server_that_dies_and_comes_back_is_asked_again(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "TRIES", 1000)  # as long as the server may take to start
    monkeypatch.setattr(patience, "BACKING_OFF", wait_fixed(0.2))
    running = postgresql(tmp_path) if kind == "postgresql" else of_records(kind, tmp_path)
    with running as (opened, stop, start):
        store = opened()
        store.add_documents([Document("alpha", id="1"), Document("beta", id="2")])
        stop()
        back = threading.Timer(1, start)
        back.start()
        assert texts(store.similarity_search("alpha", 1)) == ["alpha"]
        back.join()
        assert store.lexical_search("beta", 1)[0][0].page_content == "beta"
        if kind != "postgresql":  # whose write is one transaction, which ends with its server
            with store.write() as writer:
                chunks = [Document("gamma", id="3")]
                stop()
                back = threading.Timer(1, start)
                back.start()
                writer.add(chunks, store.embed_chunks(chunks))
            back.join()
            assert sorted(texts(store.all_chunks())) == ["alpha", "beta", "gamma"]


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("kind", ["qdrant", "chroma", "pinecone", "weaviate"])
def test_a_busy_server_is_asked_four_times_and_then_told_in_one_line(
    kind: str, status: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    skip_without(kind)
    monkeypatch.setattr(patience, "BACKING_OFF", wait_none())
    with busy(status) as (port, asked):
        key = ":key@" * (kind == "pinecone")  # whose client wants one
        store = Opened(kind, f"{kind}+http://{key}127.0.0.1:{port}", tmp_path)()
        with pytest.raises(UserError, match=r"^GROUNDTUNE_STORE cannot be used \(.*\)$") as told:
            store.hybrid_search("alpha")
    assert "busy now" in str(told.value) or str(status) in str(told.value)
    assert (len(asked), len(set(asked))) == (patience.TRIES, 1)


@contextmanager
def busy(status: int) -> Iterator[tuple[int, list[str]]]:
    """Run a server that answers every request with a status, and notes what was asked."""
    asked: list[str] = []

    class Busy(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(status)
            self.end_headers()
            self.wfile.write(b"busy now")

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Busy) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_port, asked
        finally:
            server.shutdown()
            thread.join()
