"""What another process writes while an ingestion looks at its files counts, and comes first."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from index_parts import WORDS, bring, open_store, write_files

from app.index.store import HybridVectorStore
from app.ingest.forget import forget, with_copies


@pytest.fixture
def store(tmp_path: Path) -> HybridVectorStore:
    return open_store(tmp_path / "index")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_files(tmp_path / "docs", {"a.txt": "alpha", "b.txt": "beta"})


class Once:
    """Do something when the first file is read, before anything is written; count the files."""

    def __init__(self, act: Callable[[], object]) -> None:
        self.act = act
        self.read: list[str] = []

    def __call__(self, document: str, done: int, of: int) -> None:
        self.read.append(document)
        if len(self.read) == 1:
            self.act()


@pytest.mark.parametrize("rebuild", [False, True])
def test_a_document_that_is_forgotten_meanwhile_stays_out(
    store: HybridVectorStore, folder: Path, rebuild: bool
) -> None:
    bring(store, folder)
    write_files(folder, {"a.txt": "delta"})
    other = open_store(store.folder)
    meanwhile = Once(lambda: forget(with_copies("a.txt", other), other))
    report = bring(store, folder, notify=meanwhile, rebuild=rebuild)
    assert (report.forgotten, report.removed) == (["a.txt"], [])
    assert (report.changed, report.skipped) == ([], {})
    assert store.documents().keys() == {"b.txt"}


def test_a_name_that_is_taken_meanwhile_is_given_to_no_other_file(
    store: HybridVectorStore, folder: Path, tmp_path: Path
) -> None:
    other = write_files(tmp_path / "other", {"a.txt": "gamma"})
    meanwhile = Once(lambda: bring(open_store(store.folder), other))
    report = bring(store, folder, notify=meanwhile)
    assert report.added == ["docs/a.txt", "b.txt"]
    assert (store.text_of("a.txt"), store.text_of("docs/a.txt")) == ("gamma", "alpha")
    assert store.documents()["a.txt"][0] == str(other)
    assert open_store(store.folder).generation.config.places == (str(folder), str(other))


def test_what_happens_to_other_documents_begins_nothing_anew(
    store: HybridVectorStore, folder: Path, tmp_path: Path
) -> None:
    other = write_files(tmp_path / "other", {"c.txt": "gamma"})
    bring(store, folder, other)
    write_files(folder, {"a.txt": "delta"})
    write_files(other, {"c.txt": "alpha", "d.txt": "beta"})
    meanwhile = Once(lambda: bring(open_store(store.folder), other))
    assert bring(store, folder, notify=meanwhile).changed == ["a.txt"]
    assert meanwhile.read == ["a.txt"]
    held = {name: store.text_of(name) for name in store.documents()}
    texts = {"a.txt": "delta", "b.txt": "beta", "c.txt": "alpha", "d.txt": "beta"}
    assert held == texts


def test_it_begins_as_often_as_others_come_first(store: HybridVectorStore, folder: Path) -> None:
    left = list(WORDS)
    bring(store, folder)
    write_files(folder, {"a.txt": "gamma delta"})

    def change(document: str, done: int, of: int) -> None:
        if left:
            theirs = write_files(folder, {"a.txt": f"alpha {left.pop()}"})
            bring(open_store(store.folder), theirs)
            write_files(folder, {"a.txt": "gamma delta"})

    assert bring(store, folder, notify=change).changed == ["a.txt"]
    assert (left, store.text_of("a.txt")) == ([], "gamma delta")
