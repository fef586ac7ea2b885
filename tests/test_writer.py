"""Generations switch in one step: readers and killed writers see the old one or the new one."""

import random
import signal
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from functools import partial
from pathlib import Path

import pytest
from index_parts import bring, open_store, texts, write_files
from kill_parts import PARAGRAPHS, Killer, held_edition, write_edition
from langchain_core.documents import Document

from app.errors import BeingWritten, UserError
from app.index.current import current_folder
from app.index.journal import JOURNAL_FILE
from app.index.store import HybridVectorStore
from app.index.writer import KEPT

KILLS = 30
ATTEMPTS = 3 * KILLS  # an ingestion may end before its kill, which then counts for nothing
WRITING_SECONDS = 0.03  # about how long it takes from the last vector to the end


def replace_all(store: HybridVectorStore, number: int, chunks: int = 20) -> None:
    documents = [
        Document(id=f"{number}-{n}", page_content=f"alpha {n}", metadata={"made": number})
        for n in range(chunks)
    ]
    vectors = store.embed_chunks(documents)
    with store.write() as writer:
        writer.delete([f"{number - 1}-{n}" for n in range(chunks)])
        writer.add(documents, vectors)


def folders(store: HybridVectorStore) -> list[str]:
    return sorted(path.name for path in store.folder.iterdir() if path.is_dir())


def test_an_exception_inside_the_block_leaves_the_old_generation(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    store.add_texts(["alpha"], ids=["a"])
    before = (store.version, folders(store))

    def fail(error: type[BaseException]) -> None:
        with store.write() as writer:
            writer.delete(["a"])
            raise error

    for error in (ValueError, KeyboardInterrupt):
        with pytest.raises(error):
            fail(error)
    assert (store.version, folders(store)) == before
    assert texts(open_store(tmp_path).similarity_search("alpha")) == ["alpha"]


def test_what_killed_writers_and_old_generations_left_is_removed(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    for number in range(1, 6):
        replace_all(store, number)
    assert len(folders(store)) <= KEPT + 1
    for name in ("generation-000006.tmp", "generation-000006", "generation-000007"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "vectors.faiss").write_bytes(b"half")
    (tmp_path / "CURRENT.tmp").write_text("generation-0")
    assert {d.metadata["made"] for d in open_store(tmp_path).similarity_search("alpha")} == {5}
    replace_all(store, 6)
    assert folders(store) == ["generation-000004", "generation-000005", "generation-000006"]
    assert {d.metadata["made"] for d in store.similarity_search("alpha")} == {6}


def test_a_second_writer_is_refused_and_the_first_goes_on(tmp_path: Path) -> None:
    store, other = open_store(tmp_path / "index"), open_store(tmp_path / "index")
    files = write_files(tmp_path / "files", {"b.txt": "beta"})
    attempts: list[Callable[[], object]] = [
        lambda: other.add_texts(["beta"]),
        lambda: store.add_texts(["beta"]),
        lambda: bring(other, files),
    ]
    store.add_texts(["alpha"], ids=["a"])
    with store.write() as writer:
        for attempt in attempts:
            with pytest.raises(BeingWritten, match=r"another process is writing to .*: wait until"):
                attempt()
        writer.delete(["a"])
    assert store.size == 0
    assert not (store.folder / JOURNAL_FILE).exists()
    other.add_texts(["beta"])
    assert texts(store.similarity_search("beta")) == ["beta"]


def test_a_pointer_that_makes_no_sense_is_reported_and_a_rebuild_mends_it(tmp_path: Path) -> None:
    files = write_files(tmp_path / "files", {"a.txt": "alpha"})
    for number, content in enumerate(["", "nonsense", "generation-000042"]):
        store = open_store(tmp_path / f"index{number}")
        bring(store, files)
        (store.folder / "CURRENT").write_text(content)
        with pytest.raises(UserError, match=r"cannot be read .*--rebuild"):
            store.similarity_search("alpha")
        bring(store, files, rebuild=True)
        assert texts(store.similarity_search("alpha")) == ["alpha"]


def test_a_generation_in_use_stays_readable_after_it_was_removed(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    replace_all(store, 1)
    old = store.generation
    for number in range(2, 6):
        replace_all(store, number)
    assert not old.folder.exists()
    rows = [row for row, _ in old.lexical("alpha", 99)]
    assert {document.metadata["made"] for document in old.chunks(rows)} == {1}
    assert len(rows) == 20


def test_searches_during_ten_writes_see_exactly_one_generation_each(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    replace_all(store, 1)
    done, failures, seen = threading.Event(), list[Exception](), Counter[tuple[int, ...]]()

    def search(reader: HybridVectorStore, read: Callable[[], list[Document]]) -> None:
        newest = 0
        try:
            while not done.is_set():
                found = read()
                made = sorted({document.metadata["made"] for document in found})
                assert len(found) == 20
                assert made[0] >= newest, "a search went back in time"
                newest = made[-1]
                seen[tuple(made)] += 1
        except Exception as error:
            failures.append(error)

    shared, own = open_store(tmp_path), open_store(tmp_path)
    reads: list[tuple[HybridVectorStore, Callable[[], list[Document]]]] = [
        (shared, lambda: [d for d, _ in shared.hybrid_search("alpha", k=20)]),
        (shared, lambda: shared.similarity_search("alpha", k=20, filter={"none": None})),
        (own, lambda: [d for d, _ in own.hybrid_search("alpha", k=20)]),
    ]
    threads = [threading.Thread(target=search, args=pair) for pair in reads]
    for thread in threads:
        thread.start()
    for number in range(2, 12):
        replace_all(store, number)
        assert {d.metadata["made"] for d in shared.similarity_search("alpha", k=20)} == {number}
    done.set()
    for thread in threads:
        thread.join()
    assert failures == []
    assert all(len(made) == 1 for made in seen), "a search mixed two generations"
    assert len(seen) > 3


@pytest.fixture
def killer(tmp_path: Path) -> Iterator[Killer]:
    killer = Killer(tmp_path / "index", tmp_path / "files")
    yield killer
    killer.close()


def journaled(index: Path) -> int:
    """Count the vectors that ingestions left for later ones, or are collecting now."""
    uri = f"{(index / JOURNAL_FILE).as_uri()}?mode=ro"
    with suppress(sqlite3.OperationalError), closing(sqlite3.connect(uri, uri=True)) as database:
        return int(database.execute("SELECT count(*) FROM vectors").fetchone()[0])
    return 0


def all_is_embedded(index: Path, vectors: int, current: Path | None) -> bool:
    return journaled(index) == vectors or current_folder(index) != current


def test_thirty_kills_at_any_moment_leave_a_whole_index(tmp_path: Path, killer: Killer) -> None:
    rng, index, folder = random.Random(30), tmp_path / "index", tmp_path / "files"
    names = {0: write_edition(folder, 0)}
    assert killer.run() == 0
    names[1] = write_edition(folder, 1)
    began = time.monotonic()
    assert killer.run() == 0
    duration = time.monotonic() - began

    held, moments = 1, Counter[str]()
    edition = 1
    while moments["killed"] < KILLS and edition < ATTEMPTS:
        edition += 1
        names[edition] = write_edition(folder, edition)
        before, chunks = journaled(index), len(names[edition]) * PARAGRAPHS
        if edition % 2:  # half of the kills at any moment, half in the short time of writing
            code = killer.run(until=lambda: True, delay=rng.uniform(0, duration))
        else:
            until = partial(all_is_embedded, index, before + chunks, current_folder(index))
            code = killer.run(until=until, delay=rng.uniform(0, WRITING_SECONDS))
        embedded = (journaled(index) - before) / chunks
        moments["killed"] += code == -signal.SIGKILL
        moments["while embedding"] += 0 < embedded < 1
        moments["while writing"] += embedded == 1
        now = held_edition(open_store(index), names)
        assert now in {held, edition}
        held = now
    assert moments["killed"] == KILLS
    assert moments["while embedding"] >= 2
    assert moments["while writing"] >= 2

    report = bring(open_store(index), folder)
    assert held_edition(open_store(index), names) == edition
    assert report.skipped == {}
    assert not (index / JOURNAL_FILE).exists()
    assert not list(index.glob("*.tmp"))
