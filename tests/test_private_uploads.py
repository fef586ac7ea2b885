"""Where uploads are private, their user alone sees them, whatever else is ingested later."""

from __future__ import annotations

from pathlib import Path

import pytest
from library_parts import CALLER, done, names, open_library, told_of

from app.assistant import Assistant
from app.errors import UserError
from app.ingest.forget import with_copies
from app.serving.library import Library, Refused
from app.serving.users import Caller
from app.settings import Settings


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return open_library(tmp_path)


@pytest.fixture
def private(library: Library, tmp_path: Path) -> Library:
    """The same index, in which what Alice and Bob upload is theirs alone."""
    assistant = Assistant(Settings(index=tmp_path / "index"))
    opened = Library(assistant, tmp_path / "server" / "uploads", private=True)
    opened.add([("tea.md", b"Tea costs two pounds.")], Caller("alice"))
    done(opened)
    opened.add([("tea.md", b"Tea is free.")], Caller("bob"))
    done(opened, "bob")
    return opened


def test_a_private_upload_is_seen_by_its_user_alone(private: Library) -> None:
    assert names(private) == ["boats.md", "private:alice/tea.md"]
    assert names(private, Caller("bob")) == ["boats.md", "private:bob/tea.md"]
    assert names(private, Caller("carol", ["user:bob", "private:bob"])) == ["boats.md"]
    with pytest.raises(UserError, match="holds no document"):
        private.shown("private:bob/tea.md", CALLER)
    with pytest.raises(Refused, match="there is no document"):
        private.delete("private:bob/tea.md", CALLER)
    private.delete("private:alice/tea.md", CALLER)
    done(private)
    assert (names(private), len(names(private, Caller("bob")))) == (["boats.md"], 2)


def test_private_uploads_stay_private_whatever_the_command_line_does(
    private: Library, tmp_path: Path
) -> None:
    access = tmp_path / "access.toml"
    access.write_text('"*tea.md" = ["*"]')
    places = [tmp_path / "handbook", tmp_path / "server" / "uploads"]
    index, new = tmp_path / "index", tmp_path / "new"
    for settings in (
        Settings(index=index, access=access), Settings(index=index), Settings(index=new)
    ):  # fmt: skip
        assistant = Assistant(settings)
        assistant.ingest(places, rebuild=True)
        assert set(assistant.seen_by(["user:bob"]).roots()) == {"boats.md", "private:bob/tea.md"}


@pytest.mark.parametrize("place", ["private:bob", "private:bob/tea.md"])
def test_a_private_folder_or_file_that_is_ingested_by_itself_stays_private(
    private: Library, tmp_path: Path, place: str
) -> None:
    uploads = tmp_path / "server" / "uploads"
    assistant = Assistant(Settings(index=tmp_path / "new"))
    for root in (uploads / place, uploads):
        assistant.ingest([root])
        seen = {user: set(assistant.seen_by([user]).roots()) for user in ("user:bob", "user:al")}
        assert seen == {"user:bob": {"tea.md"}, "user:al": set()}


def test_nobody_is_told_of_private_files_whose_user_was_not_noted(
    private: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = tmp_path / "server"
    (server / "owners.json").unlink()
    (server / "uploads" / "private:bob" / "payroll.pdf").write_bytes(b"%PDF-1.7")
    told = told_of(private, monkeypatch)
    private.add([("milk.md", b"Milk costs one pound.")], Caller("alice"))
    done(private)
    assert {progress.document for progress in told} == {"", "private:alice/milk.md"}
    assert (told[-1].of, told[-1].skipped) == (2, ())
    assert [each["uploaded"] for each in private.listed(CALLER)] == [False, True, True]


def test_a_user_name_that_makes_no_folder_is_refused_in_words(private: Library) -> None:
    with pytest.raises(Refused, match="your user name is too long"):
        private.add([("tea.md", b"Tea.")], Caller("Ж" * 42))


def test_a_private_upload_is_replaced_and_forgotten(private: Library, tmp_path: Path) -> None:
    private.add([("tea.md", b"Tea costs three pounds.")], Caller("alice"))
    done(private)
    assert private.shown("private:alice/tea.md", CALLER)["text"] == "Tea costs three pounds."
    index = Assistant(Settings(index=tmp_path / "index")).store
    file = tmp_path / "server" / "uploads" / "private:alice" / "tea.md"
    assert private.forget(with_copies("private:alice/tea.md", index)) == [file]
    assert not file.exists()


def test_uploads_that_were_shared_stay_so_when_new_ones_are_private(
    library: Library, tmp_path: Path
) -> None:
    library.add([("tea.md", b"Tea costs two pounds.")], CALLER)
    done(library)
    assistant = Assistant(Settings(index=tmp_path / "index"))
    private = Library(assistant, tmp_path / "server" / "uploads", private=True)
    private.add([("tea.md", b"Tea is free.")], CALLER)
    done(private)
    assert names(private) == ["boats.md", "private:alice/tea.md", "tea.md"]
    assert names(private, Caller("bob")) == ["boats.md", "tea.md"]
