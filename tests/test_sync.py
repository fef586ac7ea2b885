"""A watched folder and its index stay alike, whatever happens to files, and others are told how."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import fsspec
import pytest
from index_parts import bring, documents, found, open_store, write_files
from mode_parts import closed
from test_full_disk import full_disk

from app.errors import UserError
from app.index.store import HybridVectorStore
from app.index.writer import only_writer
from app.ingest.freshness import WATCHED, Freshness, freshness
from app.ingest.sources.choice import places_of
from app.ingest.watching import Watcher

PATIENCE_S = 120


@contextmanager
def watching(store: HybridVectorStore, *paths: Any, **how: Any) -> Iterator[list[str]]:
    """Watch folders in a thread; gives the lines that were told."""
    told: list[str] = []
    how = {"every": 600.0, "quiet_ms": 50, "again_s": 0.1} | how
    ingest = how.pop("ingest", lambda: bring(store, *paths))
    watcher = Watcher(places=paths, index=store.folder, ingest=ingest, tell=told.append, **how)
    thread = threading.Thread(target=watcher.run)
    thread.start()
    try:
        yield told
    finally:
        watcher.stop.set()
        thread.join(PATIENCE_S)
    assert not thread.is_alive()


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.fixture
def store(tmp_path: Path) -> HybridVectorStore:
    return open_store(tmp_path / "docs" / "index")  # whose own changes must not count


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_files(tmp_path / "docs", {"a.txt": "alpha"})


def test_what_is_added_changed_and_deleted_is_in_the_index_soon(
    store: HybridVectorStore, folder: Path
) -> None:
    with watching(store, folder) as told:
        until(lambda: told == ["1 added"])
        write_files(folder, {"sub/b.txt": "beta"})
        until(lambda: documents(store) == {"a.txt", "sub/b.txt"})
        write_files(folder, {"a.txt": "delta"})
        until(lambda: found(store, "alpha delta") == ["delta"])
        (folder / "a.txt").unlink()
        until(lambda: documents(store) == {"sub/b.txt"})
        until(lambda: freshness(store.folder).startswith(f"{folder}: current, last ingested "))
    assert told == ["1 added", "1 added", "1 changed", "1 removed"]
    assert freshness(store.folder).startswith("not watched")


def test_one_ingestion_at_a_time_and_none_without_a_change(
    store: HybridVectorStore, folder: Path
) -> None:
    at_work, most, runs = 0, 0, 0
    begun, written = threading.Event(), threading.Event()

    def slow() -> Any:
        nonlocal at_work, most, runs
        at_work, runs = at_work + 1, runs + 1
        most = max(most, at_work)
        begun.set()
        assert written.wait(PATIENCE_S)
        report = bring(store, folder)
        at_work -= 1
        return report

    with watching(store, folder, ingest=slow):
        assert begun.wait(PATIENCE_S)
        for number in range(20):
            write_files(folder, {f"{number}.txt": "alpha"})
        written.set()
        until(lambda: (runs, at_work) == (2, 0))  # once more for all that changed meanwhile
        assert len(documents(store)) == 21
        (store.folder / "more").touch()
        (folder / ".hidden.txt").touch()
        time.sleep(1)
    assert (most, runs) == (1, 2)


def test_a_file_that_is_being_written_or_vanishes_does_no_harm(
    store: HybridVectorStore, folder: Path
) -> None:
    def vanishing() -> Any:
        (folder / "gone.txt").unlink(missing_ok=True)
        return bring(store, folder)

    with watching(store, folder, ingest=vanishing) as told:
        until(lambda: told == ["1 added"])
        with (folder / "b.txt").open("w") as file:
            for word in ("beta ", "gamma ", "delta"):
                file.write(word)
                file.flush()
                time.sleep(0.2)
        (folder / "gone.txt").write_text("alpha")
        (folder / "broken.pdf").write_bytes(b"%PDF-1.7 half of it")
        until(lambda: found(store, "delta") == ["beta gamma delta"])
        until(lambda: "skipped broken.pdf" in " ".join(told))
    assert documents(store) == {"a.txt", "b.txt"}


def test_files_are_compared_now_and_then_though_no_change_is_noticed(
    store: HybridVectorStore, folder: Path, tmp_path: Path
) -> None:
    other = write_files(tmp_path / "other", {"b.txt": "beta"})
    with watching(store, folder, ingest=lambda: bring(store, folder, other), every=0.5):
        until(lambda: store.exists() and "b.txt" in documents(store))
        (other / "b.txt").unlink()
        until(lambda: documents(store) == {"a.txt"})


def test_a_failure_is_told_with_its_lag_and_mends_itself(
    store: HybridVectorStore, folder: Path
) -> None:
    store.folder.mkdir()
    with watching(store, folder) as told, only_writer(store.folder):
        until(lambda: len(told) == 1)
        assert told[0].startswith("failed, and is tried again: another process is writing to")
        with pytest.raises(UserError, match=r"lags \d+ s, last ingested never; another process is"):
            freshness(store.folder)
        with pytest.raises(UserError, match="another 'groundtune sync --watch' keeps"):
            Watcher([folder], store.folder, lambda: bring(store), told.append, 60).run()
        time.sleep(0.5)
        assert len(told) == 1
    with watching(store, folder) as told:
        until(lambda: told == ["1 added"])


def test_a_disk_is_full_until_there_is_room_again(store: HybridVectorStore, folder: Path) -> None:
    with watching(store, folder) as told:
        until(lambda: told == ["1 added"])
        with full_disk(20):
            write_files(folder, {"b.txt": "beta"})
            until(lambda: len(told) == 2)
            time.sleep(0.5)
        until(lambda: len(told) == 3)
        assert freshness(store.folder).startswith(f"{folder}: current, last ingested ")
    assert told[1].startswith("failed, and is tried again: ")
    assert (told[2], documents(store)) == ("1 added", {"a.txt", "b.txt"})


def test_a_closed_folder_inside_a_watched_one_costs_one_line(
    store: HybridVectorStore, folder: Path
) -> None:
    write_files(folder, {"sub/b.txt": "beta"})
    with closed(folder / "sub"), watching(store, folder) as told:
        until(lambda: bool(told))
        write_files(folder, {"c.txt": "gamma"})
        until(lambda: documents(store) == {"a.txt", "c.txt"})
    skipped = f"skipped {folder / 'sub'}: cannot be listed (Permission denied)"
    assert told == [f"1 added; {skipped}", "1 added"]


def test_a_folder_that_is_empty_or_gone_prunes_nothing(
    store: HybridVectorStore, tmp_path: Path
) -> None:
    mounted = write_files(tmp_path / "drive", {"a.txt": "alpha"})
    with watching(store, mounted, every=0.1) as told:
        until(lambda: told == ["1 added"])
        away = mounted.rename(tmp_path / "away")
        until(lambda: len(told) == 2)
        mounted.mkdir()
        until(lambda: len(told) == 3)
        assert "drive is empty, as a folder that is not mounted" in told[-1]
        assert documents(store) == {"a.txt"}
        mounted.rmdir()
        away.rename(mounted)
        write_files(mounted, {"b.txt": "beta"})
        until(lambda: documents(store) == {"a.txt", "b.txt"})


def test_a_watcher_that_was_killed_is_told_with_the_command_that_starts_it_again(
    tmp_path: Path,
) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    Freshness(paths=["/my docs"], succeeded=now.isoformat()).write(tmp_path)
    with pytest.raises(UserError, match="sync '/my docs' --watch") as caught:
        freshness(tmp_path, now + timedelta(seconds=90))
    assert "/my docs: current, last ingested 90 s ago" in str(caught.value)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_command_stops_cleanly(folder: Path, tmp_path: Path, number: signal.Signals) -> None:
    command = [sys.executable, "-m", "app.cli", "sync", str(folder), "--watch", "--index", "index"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert "watching" in process.stdout.readline()
        assert process.stdout.readline().endswith(" 1 added\n")
        assert (tmp_path / "index" / WATCHED).exists()
        process.send_signal(number)
        out, _ = process.communicate(timeout=PATIENCE_S)
    assert (process.returncode, out.splitlines()[-1][9:16]) == (0, "stopped")
    assert not (tmp_path / "index" / WATCHED).exists()


def test_a_source_elsewhere_is_looked_at_now_and_then_and_never_emptied(
    store: HybridVectorStore,
) -> None:
    files = fsspec.filesystem("memory")
    files.pipe("/watched/a.txt", b"alpha")
    with watching(store, *places_of(["memory://watched"]), every=0.1) as told:
        until(lambda: told == ["1 added"])
        files.pipe("/watched/b.txt", b"beta")
        until(lambda: documents(store) == {"a.txt", "b.txt"})
        assert freshness(store.folder).startswith("memory://watched: ")
        files.rm("/watched", recursive=True)
        until(lambda: "lists no file" in told[-1])
    assert documents(store) == {"a.txt", "b.txt"}
