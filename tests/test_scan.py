"""Which files are found below a folder, and which are reported or left out."""

import os
from pathlib import Path

import pytest
from index_parts import bring, open_store, write_files
from mode_parts import closed

from app.errors import UserError
from app.index.store import HybridVectorStore
from app.ingest.scan import find_files, is_there, told_left_out

FILES = {"a.txt": "alpha", "b.md": "# Title\n\nbeta", "sub/c.txt": "gamma"}
NAMES = [
    "two words.txt",
    "Ünï 中文 😀.md",
    "new\nline.txt",
    "quote\"s'.txt",
    "$x;--.txt",
    "deep/er/a.TXT",
]


@pytest.fixture
def store(tmp_path: Path) -> HybridVectorStore:
    return open_store(tmp_path / "index")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_files(tmp_path / "files", FILES)


def documents(store: HybridVectorStore) -> set[str]:
    return set(store.documents())


def test_files_come_in_a_stable_order_each_once(folder: Path) -> None:
    found = find_files([folder, folder / "sub" / "..", folder / "a.txt", folder / "sub"])
    assert [file.document for file in found.files] == [*FILES, "c.txt"]
    assert found.unreadable == {}


def test_a_link_given_by_name_is_followed(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(folder)
    (by_link, *_), (by_name, *_) = (find_files([p]).files for p in (tmp_path / "link", folder))
    assert by_link == by_name


def test_a_folder_that_cannot_be_listed_is_reported_and_keeps_its_documents(
    store: HybridVectorStore, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring(store, folder)
    scandir = os.scandir

    def refuse(path: str) -> object:  # in place of chmod, which does not stop root
        if Path(path).name == "sub":
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    report = bring(store, folder)
    assert report.skipped == {str(folder / "sub"): "cannot be listed (Permission denied)"}
    assert (report.removed, documents(store)) == ([], set(FILES))


@pytest.mark.parametrize(
    ("mode", "place", "reason"),
    [
        (0o000, "sub", "cannot be listed (Permission denied)"),
        (
            0o400,
            "sub/c.txt",
            "cannot be read (Permission denied); its last readable version stays in the index",
        ),
    ],
)
def test_a_closed_folder_is_reported_and_keeps_its_documents(
    store: HybridVectorStore, folder: Path, mode: int, place: str, reason: str
) -> None:
    bring(store, folder)
    with closed(folder / "sub", mode):
        report = bring(store, folder)
    told = str(folder / place) if place == "sub" else place
    assert report.skipped == {told: reason}
    assert (report.removed, documents(store)) == ([], set(FILES))


@pytest.mark.parametrize(
    ("place", "there"),
    [
        ("a.txt", True),
        ("sub", True),
        ("gone.txt", False),
        ("a.txt/inside.txt", False),
        ("round", False),
        ("closed/a.txt", True),
        ("n" * 300, True),
        ("zero\0byte", False),
    ],
)
def test_what_nobody_may_look_at_counts_as_there(folder: Path, place: str, there: bool) -> None:
    (folder / "round").symlink_to(folder / "round")
    (folder / "closed").mkdir()
    with closed(folder / "closed"):
        assert is_there(str(folder / place)) is there


def test_hidden_files_links_pipes_and_other_types_are_left_out(
    store: HybridVectorStore, folder: Path, tmp_path: Path
) -> None:
    write_files(folder, {".hidden.txt": "x", ".git/x.txt": "x", "x": "x"})
    write_files(folder, {"x.zip": "x", "sub/Y.ZIP": "x", "x.bmp": "x"})
    outside = write_files(tmp_path / "outside", {"secret.txt": "delta"})
    (folder / "link.txt").symlink_to(outside / "secret.txt")
    (folder / "broken.txt").symlink_to(outside / "none.txt")
    (folder / "linked").symlink_to(outside)
    os.mkfifo(folder / "pipe.txt")
    report = bring(store, folder)
    assert (documents(store), report.skipped) == (set(FILES), {})
    assert told_left_out(report.left_out) == (
        "3 links, 2 archives that --archives opens, 2 hidden, 1 .bmp, 1 pipe or device, "
        "1 without a suffix"
    )


def test_a_folder_without_documents_tells_what_there_is(
    store: HybridVectorStore, tmp_path: Path
) -> None:
    folder = write_files(tmp_path / "pictures", {"a.bmp": "x", "b.bmp": "x"})
    with pytest.raises(
        UserError, match=r"no documents in .*, only 2 \.bmp: expected files of type"
    ):
        bring(store, folder)


def test_any_utf8_name_goes_in_and_another_is_reported(
    store: HybridVectorStore, tmp_path: Path
) -> None:
    folder = write_files(tmp_path / "names", dict.fromkeys(NAMES, "alpha"))
    Path(os.fsdecode(bytes(folder) + b"/caf\xe9.txt")).write_text("beta")
    report = bring(store, folder)
    assert documents(store) == set(NAMES)
    assert report.skipped == {f"{folder}/caf\ufffd.txt": "has a name that is not UTF-8: rename it"}
    for name in NAMES:
        (document,) = store.similarity_search("alpha", k=9, filter={"document": name})
        assert document.metadata["document"] == name


def test_paths_without_documents_are_refused_before_anything_is_written(
    store: HybridVectorStore, folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(UserError, match=r"no documents in .*empty: expected .*\.csv \.docm \.docx"):
        bring(store, tmp_path / "empty")
    with pytest.raises(UserError, match=r"gone does not exist"):
        bring(store, folder, tmp_path / "gone")
    assert not store.folder.exists()
