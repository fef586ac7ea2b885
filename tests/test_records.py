"""Stores without transactions: a writer killed at any step loses and doubles nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from fakes import KeywordEmbeddings
from index_parts import WORDS, bring, config, found, open_store, texts, write_files
from store_parts import Opened, engine

from app.errors import BeingWritten, UserError
from app.index.records import lease as leases
from app.index.records.lease import WRITING, Lease, lease
from app.index.records.state import CHUNKS, load_state
from app.index.records.store import RecordVectorStore
from app.index.records.tables import FOREVER, SINCE, Between

CHANGES = {"create", "drop", "put", "end", "remove"}


class Killed(BaseException):
    """What no code cleans up after."""


class Frail:
    """A database, or a table of it, that dies instead of a change once it made so many."""

    def __init__(self, real: Any, left: list[int]) -> None:
        self._real = real
        self._left = left

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._real, name)
        if name == "table":
            return lambda table: Frail(value(table), self._left)
        return self._counted(value) if name in CHANGES else value

    def _counted(self, change: Any) -> Any:
        def counted(*given: Any, **named: Any) -> Any:
            if not self._left[0]:
                raise Killed
            self._left[0] -= 1
            return change(*given, **named)

        return counted


@pytest.fixture(params=["qdrant", "chroma", "milvus"])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Opened]:
    with engine(request.param) as make:
        yield make(tmp_path)


@pytest.mark.parametrize("rebuild", [False, True])
def test_a_kill_at_every_step_leaves_the_old_index_or_the_new(
    opened: Opened, tmp_path: Path, rebuild: bool
) -> None:
    folder = write_files(tmp_path / "docs", {"a.txt": "alpha", "b.txt": "beta", "c.txt": "gamma"})
    store, files = opened(), open_store(tmp_path / "files")
    bring(store, folder)
    before = store.version
    write_files(folder, {"a.txt": "delta"})
    (folder / "b.txt").unlink()
    (folder / "c.txt").rename(folder / "d.txt")
    bring(files, folder)
    steps = 0
    while store.version == before:
        assert sorted(texts(store.similarity_search("alpha", 9))) == ["alpha", "beta", "gamma"]
        assert sorted(found(store, "alpha beta gamma delta")) == ["alpha", "beta", "gamma"]
        frail: Any = Frail(store._database, [steps])
        writing = RecordVectorStore(frail, tmp_path, KeywordEmbeddings(WORDS), config())
        with suppress(Killed):
            bring(writing, folder, rebuild=rebuild)
        steps += 1
    assert steps > 8
    assert (store.version, store.documents()) == (files.version, files.documents())
    assert sorted(texts(store.similarity_search("delta", 9))) == ["delta", "gamma"]
    assert sorted(found(store, "delta gamma")) == ["delta", "gamma"]


def test_what_nobody_can_read_any_more_is_deleted(opened: Opened) -> None:
    store = opened()
    assert isinstance(store, RecordVectorStore)
    for text in WORDS:
        store.add_texts([text], ids=["1"])
    table = store._database.table(load_state(store._database).table(CHUNKS))
    assert len(table.rows([Between(SINCE, -1, FOREVER)])) == 3  # now, before, and ended by now
    with store.write(fresh=True):
        pass
    with store.write(fresh=True):
        pass
    names = [name for name in store._database.names() if name.startswith(CHUNKS)]
    assert (len(names), store.size, store.hybrid_search("alpha")) == (3, 0, [])


def test_what_another_index_or_its_owner_named_alike_is_left_alone(opened: Opened) -> None:
    store = opened()
    assert isinstance(store, RecordVectorStore)
    database = store._database
    kinds = ("chunks", "documents", "forgotten")
    # of the index whose prefix goes on where this one's ends, and of nobody known
    others = [f"{kind}{end}" for kind in kinds for end in ("_index", "_chunks_000001", "", "_01")]
    left = [f"{kind}_000009" for kind in kinds]
    for name in (*others, *left):
        database.create(name)
    for text in WORDS:
        store.add_texts([text], ids=["1"])
    own = ["chunks_000001", "documents_000001", "index"]
    assert sorted(database.names()) == sorted([*others, *own])


def test_a_lease_is_held_by_one_and_outlives_its_holder_for_a_while(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leases, "SETTLED_SECONDS", 0)
    store = opened()
    assert isinstance(store, RecordVectorStore)
    database = store._database
    with lease(database, "one"), pytest.raises(BeingWritten, match="another process is writing to"):
        Lease(database, "two").take()
    killed = Lease(database, "one")
    killed.take()
    with pytest.raises(BeingWritten, match=r"another can write in (600|599) seconds"):
        Lease(database, "two").take()
    Lease(database, "one").take()  # the same machine knows that it is gone
    monkeypatch.setattr(leases, "LEASE_SECONDS", -1)
    Lease(database, "one").take()
    with lease(database, "two"), pytest.raises(UserError, match="nothing was changed"):
        killed.renew()
    assert WRITING not in database.names()
