"""What ended early goes on where it stopped, and leaves nothing behind."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from index_parts import FILES, CountingEmbeddings, bring, open_store, write_files

from app.index.journal import JOURNAL_FILE
from app.index.store import HybridVectorStore
from app.index.writer import only_writer
from app.ingest import run


@pytest.fixture
def store(tmp_path: Path) -> HybridVectorStore:
    return open_store(tmp_path / "index")


def test_a_broken_ingestion_resumes_with_what_is_missing(
    store: HybridVectorStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "EMBED_TOGETHER", 4)
    folder = write_files(tmp_path / "many", {f"{n:02}.txt": f"alpha {n}" for n in range(18)})
    with pytest.raises(RuntimeError, match=r"the machine went down"):
        bring(open_store(store.folder, CountingEmbeddings(fail_after=12)), folder)
    assert not store.exists()
    with closing(sqlite3.connect(store.folder / JOURNAL_FILE)) as database:
        assert database.execute("SELECT count(*) FROM vectors").fetchone() == (12,)
    report = bring(store, folder)
    assert (report.embedded, report.chunks, len(report.added)) == (6, 18, 18)
    assert not (store.folder / JOURNAL_FILE).exists()
    scores = [score for _, score in store.similarity_search_with_score("alpha", k=99)]
    assert scores == pytest.approx([1.0] * 18)
    assert bring(store, folder).embedded == 0


def test_a_large_document_is_told_how_long_it_will_take(
    store: HybridVectorStore, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = "\n\n".join(f"alpha {n} " + "word " * 36 for n in range(1300))
    folder = write_files(tmp_path / "large", {"a.txt": lines})
    report = bring(store, folder, max_bytes=1_000_000)
    told = capsys.readouterr().err
    assert report.chunks == 1300
    assert "1,172 chunks to embed will take about" in told
    assert "the next run goes on" in told


def test_what_a_run_left_after_its_last_write_is_deleted_unless_another_one_is_writing(
    store: HybridVectorStore, tmp_path: Path
) -> None:
    folder = write_files(tmp_path / "files", FILES)
    bring(store, folder)
    journal = store.folder / JOURNAL_FILE
    journal.touch()
    with only_writer(store.folder):
        bring(store, folder)
        assert journal.exists()
    bring(store, folder)
    assert not journal.exists()
