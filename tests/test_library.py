"""Uploads change the index in the background, and nothing but uploads can be deleted."""

from __future__ import annotations

import json
import resource
import threading
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import pytest
from filelock import FileLock
from library_parts import CALLER, USER, done, halted, names, open_library, told_of

from app.assistant import Assistant
from app.index.writer import only_writer
from app.serving.changes import STOPPED, Progress
from app.serving.library import (
    CHANGING,
    FAILED,
    Changing,
    Library,
    Listed,
    NoRoom,
    Refused,
)
from app.serving.users import Caller
from app.settings import Settings


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return open_library(tmp_path)


def test_an_upload_can_be_read_replaced_and_deleted(library: Library) -> None:
    library.add([("tea.md", b"Tea costs two pounds.")], CALLER)
    done(library)
    assert library.listed(CALLER) == [
        Listed(name="boats.md", uploaded=False),
        Listed(name="tea.md", uploaded=True),
    ]
    assert library.changes.status(USER) == {
        "running": False, "document": "", "done": 1, "of": 1,
        "skipped": (), "partly": (), "error": "",
    }  # fmt: skip
    library.add([("tea.md", b"Tea costs three pounds.")], CALLER)
    done(library)
    assert library.shown("tea.md", CALLER)["text"] == "Tea costs three pounds."
    library.delete("tea.md", CALLER)
    done(library)
    assert names(library) == ["boats.md"]


def test_another_process_sees_the_change_and_makes_none_meanwhile(
    library: Library, tmp_path: Path
) -> None:
    other = Library(Assistant(Settings(index=tmp_path / "index")), tmp_path / "server" / "uploads")
    assert names(other) == ["boats.md"]
    with halted(library):
        library.add([("tea.md", b"Tea costs two pounds.")], CALLER)
        with pytest.raises(Changing, match=CHANGING):
            other.add([("coffee.md", b"Coffee costs three.")], CALLER)
        assert other.changes.status(USER)["running"]
    done(library)
    assert other.changes.status(USER) == library.changes.status(USER)
    assert names(other) == ["boats.md", "tea.md"]


def test_a_change_may_follow_as_soon_as_the_last_one_is_told_done(
    library: Library, tmp_path: Path
) -> None:
    (tmp_path / "server").mkdir()
    letting_go = FileLock(tmp_path / "server" / "ingestion.lock", thread_local=False)
    letting_go.acquire()
    threading.Timer(0.3, letting_go.release).start()
    library.add([("tea.md", b"Tea costs two pounds.")], CALLER)
    done(library)
    assert names(library) == ["boats.md", "tea.md"]


def test_a_change_waits_for_whoever_else_writes_to_the_index(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.serving.library.AGAIN_S", 0.05)

    def beside_another(change: Callable[[], None]) -> list[str]:
        with only_writer(tmp_path / "index"):
            change()
            time.sleep(0.5)
            assert library.changes.status(USER)["running"]
        done(library)
        return names(library)

    added = beside_another(lambda: library.add([("tea.md", b"Tea costs two pounds.")], CALLER))
    assert added == ["boats.md", "tea.md"]
    assert beside_another(lambda: library.delete("tea.md", CALLER)) == ["boats.md"]


def test_nothing_is_read_while_somebody_else_writes_to_the_index(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.serving.library.AGAIN_S", 0.05)
    told = told_of(library, monkeypatch)
    with only_writer(tmp_path / "index"):
        library.add([("tea.md", b"Tea costs two pounds.")], CALLER)
        time.sleep(0.5)
    done(library)
    assert [progress.document for progress in told] == ["", "tea.md", ""]


def test_a_change_whose_process_died_is_told_as_such(library: Library, tmp_path: Path) -> None:
    told = tmp_path / "server" / "changes.json"
    told.parent.mkdir()
    running = asdict(Progress(running=True, document="tea.md", of=2))
    told.write_text(json.dumps({USER: running, "bob": running}))
    assert library.changes.status(USER)["error"] == STOPPED
    library.add([("tea.md", b"Tea costs two pounds.")], CALLER)
    done(library)
    assert library.changes.status(USER)["error"] == ""
    assert library.changes.status("bob")["error"] == STOPPED


def test_what_the_operator_must_mend_is_told_without_its_folders(
    library: Library, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    library.add([], CALLER)
    while library.changes.progress(USER).running:
        time.sleep(0.02)
    assert library.changes.progress(USER).error == FAILED
    assert str(tmp_path) in caplog.text


@pytest.mark.parametrize("name", ["../../escape.md", "..\\..\\escape.md", "/etc/escape.md"])
def test_a_name_with_folders_stays_in_the_uploads(
    library: Library, tmp_path: Path, name: str
) -> None:
    library.add([(name, b"text")], CALLER)
    done(library)
    assert names(library) == ["boats.md", "escape.md"]
    assert [path.parent.name for path in tmp_path.rglob("escape.md")] == ["uploads"]


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [("song.mp3", b"la", "'song.mp3' cannot be read: upload"), ("", b"x", "cannot be read"),
     ("empty.md", b"", "is empty, hidden or named"), (".md", b"x", "cannot be read"),
     (".hidden.md", b"x", "is empty, hidden or named"),
     ("private:bob.md", b"x", "named like a private folder"),
     ("big.md", b"x" * 1_000_001, "larger than 1 MB"),
     ("boats.md", b"x", "another document is called 'boats.md' already"),
     ("n" * 300 + ".md", b"x", "cannot be kept"), ("a\0.md", b"x", "cannot be kept")],
)  # fmt: skip
def test_what_cannot_be_taken_in_is_refused_with_its_reason_and_nothing_is_kept(
    library: Library, tmp_path: Path, name: str, content: bytes, told: str
) -> None:
    with pytest.raises(Refused, match=told):
        library.add([("good.md", b"text"), (name, content)], CALLER)
    assert not (tmp_path / "server" / "uploads").exists()


def test_the_documents_of_the_index_are_listed_as_often_for_one_file_as_for_many(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    roots, listed = Assistant.roots, []
    monkeypatch.setattr(Assistant, "roots", lambda self: listed.append(self) or roots(self))

    def times(files: list[tuple[str, bytes]]) -> int:
        with pytest.raises(Refused, match=r"another document is called 'boats\.md' already"):
            library.add(files, CALLER)
        return len(listed)

    assert (times([("boats.md", b"a")]), times([*[("tea.md", b"a")] * 9, ("boats.md", b"a")])) == (
        2,
        4,
    )


@pytest.mark.parametrize(
    ("name", "told"),
    [("boats.md", "was not uploaded here: delete its file"), ("tea.md", "there is no document")],
)
def test_only_uploads_can_be_deleted(library: Library, name: str, told: str) -> None:
    with pytest.raises(Refused, match=told):
        library.delete(name, CALLER)


def test_a_file_that_turns_out_unreadable_is_named_and_the_others_are_indexed(
    library: Library,
) -> None:
    library.add([("broken.pdf", b"no pdf"), ("tea.md", b"Tea costs two pounds.")], CALLER)
    done(library)
    (reason,) = library.changes.progress(USER).skipped
    assert reason.startswith("broken.pdf: ")
    assert names(library) == ["boats.md", "tea.md"]
    library.add([("milk.md", b"Milk costs one pound.")], CALLER)
    done(library)
    assert (
        library.changes.progress(USER).skipped == ()
    )  # what nobody could see is not told of for ever


def test_what_was_left_out_is_told_to_its_user_until_the_next_change_and_logged(
    library: Library, caplog: pytest.LogCaptureFixture
) -> None:
    rows = b'{"text": "Tea costs two pounds."}\n{"text": \n{"text": "Milk costs one."}\n'
    library.add([("prices.jsonl", rows), ("broken.pdf", b"no pdf")], Caller("alice"))
    done(library, "alice")
    (note,) = library.changes.progress("alice").partly
    assert note.startswith("prices.jsonl: line 2 column ")
    assert names(library) == ["boats.md", "prices.jsonl"]
    library.add([("tea.md", b"Tea costs two pounds.")], Caller("bob"))
    done(library, "bob")
    assert library.changes.status("bob")["partly"] == library.changes.status("bob")["skipped"] == ()
    assert library.changes.status("alice")["partly"] == (note,)
    assert len(library.changes.status("alice")["skipped"]) == 1
    assert "upload of alice: prices.jsonl: line 2" in caplog.text
    assert "upload of alice: broken.pdf: " in caplog.text
    library.delete("prices.jsonl", Caller("alice"))
    done(library)
    assert library.changes.status("alice")["partly"] == ()


def test_one_change_at_a_time(library: Library) -> None:
    library.add([("tea.md", b"Tea costs two pounds.")], CALLER)
    done(library)
    with halted(library):
        library.add([("milk.md", b"Milk costs one pound.")], CALLER)
        for change in (
            lambda: library.add([("a.md", b"a")], CALLER),
            lambda: library.delete("tea.md", CALLER),
        ):
            with pytest.raises(Changing, match=CHANGING):
                change()
    done(library)
    assert names(library) == ["boats.md", "milk.md", "tea.md"]


def test_an_upload_for_which_there_is_no_room_leaves_the_old_text_and_nothing_else(
    library: Library, tmp_path: Path
) -> None:
    library.add([("tea.md", b"Tea costs two pounds.")], CALLER)
    done(library)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        with pytest.raises(NoRoom, match="nothing was kept: File too large"):
            library.add([("milk.md", b"Milk."), ("tea.md", b"Tea is free. " * 100)], CALLER)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    kept = tmp_path / "server" / "uploads"
    assert {file.name: file.read_text() for file in kept.iterdir()} == {
        "tea.md": "Tea costs two pounds."
    }
    assert list(kept.parent.glob("arriving-*")) == []
    assert not library.changes.progress(USER).running


def test_an_upload_is_replaced_and_deleted_by_its_user_alone(library: Library) -> None:
    library.add([("tea.md", b"Tea costs two pounds.")], Caller("alice"))
    done(library)
    for change in (
        lambda: library.add([("tea.md", b"Tea is free.")], Caller("bob")),
        lambda: library.delete("tea.md", Caller("bob")),
    ):
        with pytest.raises(Refused, match=r"another user uploaded 'tea\.md'"):
            change()
    assert [each["uploaded"] for each in library.listed(Caller("bob"))] == [False, False]
    assert [each["uploaded"] for each in library.listed(Caller("alice"))] == [False, True]
    library.delete("tea.md", Caller("alice"))
    done(library)
    library.add([("tea.md", b"Tea is free.")], Caller("bob"))
    done(library, "bob")
    assert library.shown("tea.md", CALLER)["text"] == "Tea is free."


def test_an_upload_that_its_user_may_no_longer_see_is_not_replaced(
    library: Library, tmp_path: Path
) -> None:
    library.add([("policy.md", b"Leave is thirty days.")], CALLER)
    done(library)
    (tmp_path / "access.toml").write_text('"policy.md" = ["hr"]')
    settings = Settings(index=tmp_path / "index", access=tmp_path / "access.toml", max_file_mb=1)
    uploads = tmp_path / "server" / "uploads"
    Assistant(settings).ingest([uploads])
    closed, of_hr = Library(Assistant(settings), uploads), Caller(USER, ["hr"])
    assert names(closed) == ["boats.md"]
    with pytest.raises(Refused, match=r"another document is called 'policy\.md' already"):
        closed.add([("policy.md", b"Leave is as long as you like.")], CALLER)
    assert (uploads / "policy.md").read_text() == "Leave is thirty days."
    closed.add([("policy.md", b"Leave is forty days.")], of_hr)
    done(closed)
    assert closed.shown("policy.md", of_hr)["text"] == "Leave is forty days."
