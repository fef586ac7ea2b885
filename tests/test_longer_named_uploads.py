"""In an index built anew an upload may have a longer name; it stays its user's."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from library_parts import CALLER, USER, done, names, open_library, told_of

from app.assistant import Assistant
from app.ingest.forget import forget, with_copies
from app.serving.library import Library, Refused
from app.serving.users import Caller
from app.settings import Settings


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return open_library(tmp_path)


@pytest.fixture
def longer_named(library: Library, tmp_path: Path) -> Library:
    """An index built anew, in which Alice's upload has become "uploads/tea.md"."""
    library.add([("tea.md", b"Tea costs two pounds.")], CALLER)
    done(library)
    (tmp_path / "handbook" / "tea.md").write_text("Tea is served at four.\n")
    uploads = tmp_path / "server" / "uploads"
    assistant = Assistant(Settings(index=tmp_path / "index", max_file_mb=1))
    assistant.ingest([tmp_path / "handbook", uploads], rebuild=True)
    return Library(assistant, uploads)


def test_an_upload_stays_its_users_under_the_longer_name_of_a_rebuilt_index(
    longer_named: Library, tmp_path: Path
) -> None:
    rebuilt, bob, uploads = longer_named, Caller("bob"), tmp_path / "server" / "uploads"
    listed = {"boats.md": False, "tea.md": False, "uploads/tea.md": True}
    assert {each["name"]: each["uploaded"] for each in rebuilt.listed(CALLER)} == listed
    assert {each["uploaded"] for each in rebuilt.listed(bob)} == {False}
    for change in (
        lambda: rebuilt.add([("tea.md", b"Tea is free.")], bob),
        lambda: rebuilt.delete("uploads/tea.md", bob),
    ):
        with pytest.raises(Refused, match=r"another user uploaded 'tea\.md'"):
            change()
    with pytest.raises(Refused, match="was not uploaded here"):
        rebuilt.delete("tea.md", CALLER)
    rebuilt.add([("tea.md", b"Tea costs three pounds.")], CALLER)
    done(rebuilt)
    assert rebuilt.shown("uploads/tea.md", CALLER)["text"] == "Tea costs three pounds."
    assert rebuilt.shown("tea.md", CALLER)["text"] == "Tea is served at four.\n"
    with pytest.raises(Refused, match=r"another document is called 'boats\.md' already"):
        rebuilt.add([("boats.md", b"Boats are free.")], CALLER)
    rebuilt.delete("uploads/tea.md", CALLER)
    done(rebuilt)
    assert (names(rebuilt), list(uploads.iterdir())) == (["boats.md", "tea.md"], [])
    with pytest.raises(Refused, match=r"another document is called 'tea\.md' already"):
        rebuilt.add([("tea.md", b"Tea is free.")], CALLER)


@pytest.mark.parametrize(("user", "named"), [(USER, {"uploads/tea.md"}), ("bob", set[str]())])
def test_an_upload_with_a_longer_name_is_named_to_its_user_alone_while_it_is_read(
    longer_named: Library,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    user: str,
    named: set[str],
) -> None:
    (tmp_path / "server" / "uploads" / "tea.md").write_text("Tea costs three pounds.")
    told = told_of(longer_named, monkeypatch)
    longer_named.add([("milk.md", b"Milk costs one pound.")], Caller(user))
    done(longer_named, user)
    assert {progress.document for progress in told} == {"", "milk.md"} | named
    assert longer_named.shown("uploads/tea.md", CALLER)["text"] == "Tea costs three pounds."


@pytest.mark.parametrize(("user", "skipped"), [(USER, ("tea.md: was forgotten",)), ("bob", ())])
def test_an_upload_with_a_longer_name_that_was_forgotten_goes_and_is_told_to_its_user_alone(
    longer_named: Library,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    user: str,
    skipped: tuple[str, ...],
) -> None:
    store = Assistant(Settings(index=tmp_path / "index")).store
    forget(with_copies("boats.md", store), store)
    file, owners = tmp_path / "server" / "uploads" / "tea.md", tmp_path / "server" / "owners.json"
    file.write_bytes((tmp_path / "handbook" / "boats.md").read_bytes())
    longer_named.add([("milk.md", b"Milk costs one pound.")], Caller(user))
    done(longer_named, user)
    told = longer_named.changes.progress(user).skipped
    assert tuple(note.partition(": the operator")[0] for note in told) == skipped
    assert "upload of alice: tea.md: was forgotten" in caplog.text
    assert (names(longer_named), file.exists()) == (["milk.md", "tea.md"], False)
    assert json.loads(owners.read_text()) == {"milk.md": user}


def test_what_was_left_out_of_an_upload_with_a_longer_name_is_told_to_its_user(
    library: Library, tmp_path: Path
) -> None:
    rows = b'{"text": "Tea costs two pounds."}\n{"text": \n{"text": "Milk costs one."}\n'
    library.add([("tea.jsonl", rows)], CALLER)
    done(library)
    (tmp_path / "handbook" / "tea.jsonl").write_text('{"text": "Tea is served at four."}\n')
    uploads = tmp_path / "server" / "uploads"
    assistant = Assistant(Settings(index=tmp_path / "index", max_file_mb=1))
    assistant.ingest([tmp_path / "handbook", uploads], rebuild=True)
    rebuilt = Library(assistant, uploads)
    rebuilt.add([("tea.jsonl", rows + b" ")], CALLER)
    done(rebuilt)
    (note,) = rebuilt.changes.progress(USER).partly
    assert note.startswith("tea.jsonl: line 2 column ")
