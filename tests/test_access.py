"""A file says who may see which documents, and a command can be run as somebody."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest
from index_parts import bring, open_store, write_files

from app import cli
from app.errors import UserError
from app.index.audience import label_of, private_folder, sees
from app.index.current import ingested
from app.index.generation import ADDED, TEXT_FILE
from app.index.seen import SeenStore
from app.ingest.access import Access

RULES = '"*.md" = ["staff"]\n"pay/*" = ["hr", "board"]\n"pay/public.md" = ["*"]\n'


@pytest.fixture
def access(tmp_path: Path) -> Path:
    file = tmp_path / "access.toml"
    file.write_text(RULES)
    return file


@pytest.mark.parametrize(
    ("document", "groups"),
    [("a.txt", None), ("a.md", ["staff"]), ("pay/2026/rates.md", ["board", "hr"]),
     ("pay/public.md", None), ("other/pay/rates.txt", ["board", "hr"]),
     ("other/pay/public.md", None), ("repay/a.txt", None), ("PAY/a.txt", None)],
)  # fmt: skip
def test_the_last_pattern_that_fits_counts_also_behind_other_folders(
    access: Path, document: str, groups: list[str] | None
) -> None:
    label = Access.read(access).label(document, f"/docs/{document}")
    assert label == (groups and label_of(groups))


@pytest.mark.parametrize(
    ("pattern", "document", "fits"),
    [
        ("[hr]/*", "[hr]/pay.md", True),
        ("[hr]/*", "old/[hr]/pay.md", True),
        ("[hr]/*", "h/pay.md", False),
        ("pay [2026].md", "pay [2026].md", True),
        ("pay [2026].md", "pay 2.md", False),
        ("pay[!a].md", "pay[!a].md", True),
        ("[*].m?", "[draft].md", True),
        ("a]b[.md", "a]b[.md", True),
    ],
)
def test_brackets_of_a_pattern_stand_for_themselves(
    pattern: str, document: str, fits: bool
) -> None:
    access = Access({pattern: ["hr"]})
    assert access.label(document, f"/docs/{document}") == (label_of(["hr"]) if fits else None)
    assert access.unused([document]) == ([] if fits else [pattern])


@pytest.mark.parametrize("user", ["alice", "Alice", "auth0|7/../x", "a%2Fb", "Zoë@b.org", " ", "*"])
def test_a_private_folder_is_seen_by_its_user_alone_whatever_the_name(user: str) -> None:
    folder = private_folder(user)
    assert ("/" in folder, folder) == (False, folder.lower())
    for name in (f"{folder}/a.md", f"uploads/{folder}/deep/a.md"):
        assert Access({"*": ["*"]}).label("a.md", f"/{name}") == label_of([f"user:{user}"])
    assert Access().label(folder, f"/a/{folder}") is None  # a file's name is no folder


def test_labels_are_seen_by_members_alone() -> None:
    assert label_of(["hr", "board", "hr"]) == label_of(["board", "hr"]) == '["board", "hr"]'
    label = label_of(["hr, board", 'a"b'])
    assert sees(['a"b'], label)
    assert not any(sees([name], label) for name in ("hr", "board", "a", "", "*", "hr, board "))
    assert not sees(["hr"], label_of([]))
    assert sees([], None)


@pytest.mark.parametrize(
    ("written", "told"),
    [(b'"pay/*" = "hr"', r"pay/\*: expected lines of TOML"), (b"pay/* = x", "at line 1, column 4"),
     (b'"a" = [1]', r"a\.0: expected"), (b"\xff", "expected lines of TOML such as"),
     (b'[pay]\nx = ["hr"]', "pay: expected"), (b'"a" = []\n"a" = []', "expected lines"),
     (None, r"cannot be read \(No such file")],
)  # fmt: skip
def test_a_file_that_says_something_else_is_told_in_one_line(
    tmp_path: Path, written: bytes | None, told: str
) -> None:
    file = tmp_path / "access.toml"
    if written is not None:
        file.write_bytes(written)
    with pytest.raises(UserError, match=rf"^GROUNDTUNE_ACCESS: {file}.*{told}") as error:
        bring(open_store(tmp_path / "index"), tmp_path, access=file)
    assert "\n" not in str(error.value)


def test_documents_of_other_roots_follow_the_file_too(tmp_path: Path, access: Path) -> None:
    store = open_store(tmp_path / "index")
    bring(store, write_files(tmp_path / "one", {"pay/a.txt": "alpha"}))
    bring(store, write_files(tmp_path / "two", {"b.txt": "beta"}), access=access)
    assert store.seen_by() == {"pay/a.txt": '["board", "hr"]'}


def test_what_cannot_be_read_any_more_is_shown_to_nobody_else(tmp_path: Path, access: Path) -> None:
    store = open_store(tmp_path / "index")
    folder = write_files(tmp_path / "docs", {"pay/a.txt": "alpha"})
    bring(store, folder)
    (folder / "pay" / "a.txt").write_bytes(b"\0" * 9)
    report = bring(store, folder, access=access)
    assert (set(report.skipped), report.shown) == ({"pay/a.txt"}, ["pay/a.txt"])
    assert SeenStore(store, ["staff"]).hybrid_search("alpha") == []


def test_an_index_of_an_earlier_release_learns_who_may_see_it_and_dates(
    tmp_path: Path, access: Path
) -> None:
    store = open_store(tmp_path / "index")
    folder = write_files(tmp_path / "docs", {"pay/a.txt": "alpha", "b.txt": "beta"})
    bring(store, folder)
    with sqlite3.connect(ingested(tmp_path / "index") / TEXT_FILE) as database:
        for column in ADDED:
            database.execute(f"ALTER TABLE documents DROP COLUMN {column}")
    old = open_store(tmp_path / "index")
    assert (old.seen_by(), set(SeenStore(old, []).documents())) == ({}, {"pay/a.txt", "b.txt"})
    assert "changed" not in old.hybrid_search("beta")[0][0].metadata
    assert bring(old, folder, access=access).embedded == 0
    assert set(SeenStore(old, []).documents()) == {"b.txt"}
    write_files(folder, {"b.txt": "beta gamma"})
    bring(old, folder, access=access)
    assert "changed" in old.hybrid_search("gamma")[0][0].metadata


def test_a_view_cannot_be_written(tmp_path: Path) -> None:
    store = open_store(tmp_path / "index")
    store.add_texts(["alpha"])
    with pytest.raises(PermissionError, match="write to the whole index"):
        SeenStore(store, []).add_texts(["beta"])


def test_commands_see_everything_or_what_a_group_sees(
    tmp_path: Path,
    access: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("GROUNDTUNE_INDEX", str(tmp_path / "index"))
    monkeypatch.setenv("GROUNDTUNE_ACCESS", str(access))
    files = {
        "boats.txt": "The last boat leaves at 18:30.",
        "pay/boat.txt": "A boat pays 40 pounds.",
    }
    assert cli.main(["ingest", str(write_files(tmp_path / "docs", files))]) == 0
    assert "no document fits 'pay/public.md'" in capsys.readouterr().out
    for flags, documents in (
        ([], set(files)),
        (["--as", "staff,board"], set(files)),
        (["--as", ""], {"boats.txt"}),
    ):
        assert cli.main(["search", "boat", "--json", *flags]) == 0
        results = json.loads(capsys.readouterr().out)["results"]
        assert {hit["document"] for hit in results} == documents
    checked = ["check", "What does a boat pay?", "--answer", "A boat pays 40 pounds.", "--as"]
    assert [cli.main([*checked, group]) for group in ("board", "staff")] == [0, 2]
    assert cli.main(["show", "pay/boat.txt", "0", "6", "--as", "staff"]) == 3
    assert "holds no document 'pay/boat.txt'" in capsys.readouterr().err
