"""The store that the example's package adds behaves as all others do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from fakes import KeywordEmbeddings
from index_parts import WORDS, bring, config, texts, write_files
from plugin_parts import installed, package
from store_parts import Opened, check_places
from test_conformance import *  # noqa: F403  # each behaviour runs here on the example's store
from test_conformance import DOCUMENTS
from test_records import (  # noqa: F401  # and so does this one
    test_what_another_index_or_its_owner_named_alike_is_left_alone,
)

from app import cli
from app.errors import UserError
from app.index.choice import open_index
from app.index.forgotten import Forgotten
from app.index.records import lease as leases
from app.index.records.lease import lease
from app.index.records.state import load_state
from app.index.records.store import RecordVectorStore
from app.index.records.writer import RecordWriter, begin


@pytest.fixture
def opened(own_parts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Opened]:
    monkeypatch.setenv("PYTHONPATH", str(own_parts))  # for other processes
    with installed(own_parts):
        yield Opened("sqlite", f"sqlite://{tmp_path}/sqlite", tmp_path)


def test_a_setting_names_it_by_the_scheme(
    opened: Opened, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GROUNDTUNE_STORE", "sqlite://host/folder")
    assert cli.main(["search", "boat"]) == 3
    told = capsys.readouterr().err
    assert told == "groundtune: GROUNDTUNE_STORE is no URL of sqlite (expected sqlite:///FOLDER)\n"
    monkeypatch.setenv("GROUNDTUNE_STORE", "mysql://host/db")
    assert cli.main(["search", "boat"]) == 3
    assert "sqlite://..., or nothing for the folder" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("def make(url): import nowhere", "but it cannot open its store (ModuleNotFoundError: No"),
        ("def make(url): return {}", "but what it returns is of type dict, not a Database"),
    ],
)
def test_a_mistake_is_told_with_the_package(code: str, told: str, tmp_path: Path) -> None:
    package(tmp_path, "bad", code, stores="bad = make")
    with installed(tmp_path), pytest.raises(UserError) as error:
        open_index("bad://place", tmp_path, KeywordEmbeddings(WORDS), config())
    assert str(error.value).startswith(f"bad 1.0 adds 'bad' to groundtune.stores, {told}")


NOTED = [Forgotten(document="old.txt", path="/old.txt", sha256="0", since="2026-01-01")]


@pytest.mark.parametrize(
    "change",
    [
        lambda late: late.delete(["1"]),
        lambda late: late.add(DOCUMENTS[:1], np.eye(1, 4, dtype=np.float32)),
        lambda late: late.put_document(document="a.txt", root="r", sha256="s", text="delta"),
        lambda late: late.show_document("a.txt", '["hr"]'),
        lambda late: late.move_document("a.txt", root="/moved"),
        lambda late: late.rename_document("a.txt", "c.txt", root="r"),
        lambda late: late.delete_document("a.txt"),
        lambda late: late.put_forgotten([]),
    ],
    ids="delete add put show move rename delete_document forget".split(),
)
def test_a_writer_that_was_overtaken_changes_nothing_of_what_the_other_writes(
    opened: Opened, monkeypatch: pytest.MonkeyPatch, change: Callable[[RecordWriter], None]
) -> None:
    monkeypatch.setattr(leases, "SETTLED_SECONDS", 0)
    monkeypatch.setattr(leases, "LEASE_SECONDS", -1)
    store = opened()
    assert isinstance(store, RecordVectorStore)
    with store.write() as writer:
        writer.put_document(document="a.txt", root="r", sha256="s", text="alpha beta")
        writer.add(DOCUMENTS, store.embed_chunks(DOCUMENTS))
    before = (store.version, store.documents(), texts(store.all_chunks()))
    with _writing(store, "one") as late, _writing(store, "two") as winner:
        winner.put_forgotten(NOTED)
        with pytest.raises(UserError, match="another process has begun to write"):
            change(late)
        winner.save()
    assert (store.version, store.documents(), texts(store.all_chunks())) == before
    assert store.forgotten() == NOTED


@contextmanager
def _writing(store: RecordVectorStore, holder: str) -> Iterator[RecordWriter]:
    database = store._database
    with lease(database, holder) as renew:
        state = begin(database, load_state(database), store.config, fresh=False)
        yield RecordWriter(database, state, renew)


def test_the_command_that_mends_it_names_what_was_ingested(opened: Opened, tmp_path: Path) -> None:
    check_places(opened, tmp_path)


@pytest.mark.parametrize("many", [3, 40])
def test_an_ingestion_of_however_many_places_that_changes_nothing_writes_nothing(
    opened: Opened, tmp_path: Path, many: int
) -> None:
    store = opened()
    assert isinstance(store, RecordVectorStore)
    files = {f"{'long' * 50}-{at}.txt": f"alpha {at}" for at in range(many)}
    folder = write_files(tmp_path / "docs", files)
    paths = [folder / name for name in files]
    bring(store, *paths)
    with store.snapshot() as snapshot:
        assert (snapshot.config.places is None) == (many > 3)
    written = load_state(store._database).generation
    bring(store, *paths)
    assert load_state(store._database).generation == written
    bring(store, folder)  # one place, which brings the same
    assert load_state(store._database).generation == written + 1
    with store.snapshot() as snapshot:
        assert len(snapshot.config.places or ()) == (1 if many > 3 else 4)


def test_more_places_than_a_record_takes_are_not_noted(opened: Opened) -> None:
    """Stores of records take no text of any length: a write that notes them has to end."""
    store = opened()
    for many, noted in ((3, 3), (1_000, None)):
        with store.write() as writer:
            writer.put_places([f"/a/long/path/of/a/document-{at}.txt" for at in range(many)])
        with store.snapshot() as snapshot:
            assert (snapshot.config.places and len(snapshot.config.places)) == noted
