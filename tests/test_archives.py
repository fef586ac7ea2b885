"""Archives are opened when that is asked for, bounded, and their files named by their place."""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pytest
from file_parts import zipped
from index_parts import bring, documents, open_store

from app.ingest import archives, tapes
from app.ingest.scan import told_left_out


def taped(members: dict[str, str]) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as tape:
        for name, text in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(text.encode())
            tape.addfile(info, io.BytesIO(text.encode()))
        link = tarfile.TarInfo("link.txt")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tape.addfile(link)
    return file.getvalue()


MEMBERS = {"inner/a.txt": "alpha", "b.md": "# Beta\n\nbeta", ".hidden.txt": "x", "c.png": "x"}


@pytest.mark.parametrize(("name", "pack"), [("old.zip", zipped), ("old.tar.gz", taped)])
def test_files_of_archives_are_documents_named_by_their_place(
    tmp_path: Path, name: str, pack: object
) -> None:
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / name).write_bytes(pack(MEMBERS))  # type: ignore[operator]  # either function
    (folder / "d.txt").write_text("delta")
    store = open_store(tmp_path / "index")
    closed = bring(store, folder)
    assert (closed.added, closed.left_out) == (["d.txt"], {"archive that --archives opens": 1})
    opened = bring(store, folder, archives=True)
    assert sorted(opened.added) == [f"{name}/b.md", f"{name}/inner/a.txt"]
    assert opened.left_out["hidden"] == opened.left_out[".png"] == 1
    assert opened.left_out.get("link", 0) == (pack is taped)
    assert bring(store, folder, archives=True).embedded == 0
    (folder / name).write_bytes(pack({"inner/a.txt": "alpha beta"}))  # type: ignore[operator]
    changed = bring(store, folder, archives=True)
    assert (changed.changed, changed.removed) == ([f"{name}/inner/a.txt"], [f"{name}/b.md"])
    assert store.text_of(f"{name}/inner/a.txt") == "alpha beta"


def test_an_archive_can_be_named_itself(tmp_path: Path) -> None:
    file = tmp_path / "old.zip"
    file.write_bytes(zipped({"a.txt": "alpha"}))
    store = open_store(tmp_path / "index")
    assert bring(store, file).skipped == {str(file): "is an archive: --archives opens it"}
    assert bring(store, file, archives=True).added == ["old.zip/a.txt"]
    assert bring(store, file, archives=True).unchanged == ["old.zip/a.txt"]
    assert documents(store) == {"old.zip/a.txt"}


@pytest.mark.parametrize("name", ["../out.txt", "/etc/out.txt", "a/../../out.txt", "C:\\out.txt"])
def test_names_that_lead_out_are_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "old.zip").write_bytes(zipped({name: "alpha", "a.txt": "alpha"}))
    report = bring(open_store(tmp_path / "index"), tmp_path / "old.zip", archives=True)
    assert report.added == ["old.zip/a.txt"]
    (reason,) = report.skipped.values()
    assert reason == "has a name that leads out of its archive: pack it anew"
    assert not list(tmp_path.parent.glob("out.txt"))


@pytest.mark.parametrize(
    ("name", "encoding"),
    [
        ("Gebühren.md", "utf-8"),
        ("Gebu\u0308hren.md", "utf-8"),
        ("料金/表.txt", "utf-8"),
        ("Gebühren.md", "cp437"),
        ("plain.md", "ascii"),
    ],
)
def test_names_of_a_zip_are_read_though_it_does_not_tell_their_encoding(
    tmp_path: Path, name: str, encoding: str
) -> None:
    written = name.encode(encoding)
    held = b"x" * len(written)
    (tmp_path / "old.zip").write_bytes(zipped({held.decode(): "alpha"}).replace(held, written))
    store = open_store(tmp_path / "index")
    assert bring(store, tmp_path / "old.zip", archives=True).added == [f"old.zip/{name}"]
    assert store.text_of(f"old.zip/{name}") == "alpha"
    assert bring(store, tmp_path / "old.zip", archives=True).embedded == 0


def test_archives_inside_archives_stay_closed_and_are_told(tmp_path: Path) -> None:
    inner = zipped({"a.txt": "alpha"})
    (tmp_path / "old.zip").write_bytes(zipped({"b.txt": "beta", "inner.zip": inner}))
    report = bring(open_store(tmp_path / "index"), tmp_path / "old.zip", archives=True)
    assert (report.added, report.left_out) == (["old.zip/b.txt"], {"archive inside an archive": 1})


def locked(content: bytes) -> bytes:
    """Set the mark of encryption in both headers of the first file."""
    marked = bytearray(content)
    marked[6] |= 1
    marked[marked.index(b"PK\x01\x02") + 8] |= 1
    return bytes(marked)


TWO = {"a.txt": "alpha", "b.txt": "beta"}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (locked(zipped(TWO)), "is encrypted: pack it without a password"),
        (zipped(TWO | {"a.txt": "a" * 100_001}), "is larger than 0.1 MB: split it or raise GROUNDTUNE_MAX_FILE_MB"),
        (zipped(TWO).replace(b"alpha", b"alphb"), "cannot be unpacked (Bad CRC-32 for file 'a.txt'): pack it anew"),
        (zipped(TWO | {"a.txt": " "}), "is empty"),
    ],
)  # fmt: skip
def test_a_file_that_became_unreadable_in_its_archive_keeps_its_last_readable_version(
    tmp_path: Path, content: bytes, reason: str
) -> None:
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "old.zip").write_bytes(zipped(TWO))
    store = open_store(tmp_path / "index")
    bring(store, folder, archives=True)
    (folder / "old.zip").write_bytes(content)
    for _ in range(2):
        report = bring(store, folder, archives=True)
        assert report.removed == []
        told = f"{reason}; its last readable version stays in the index"
        assert report.skipped == {"old.zip/a.txt": told}
        assert store.text_of("old.zip/a.txt") == "alpha"
    (folder / "old.zip").write_bytes(zipped({"b.txt": "beta"}))
    assert bring(store, folder, archives=True).removed == ["old.zip/a.txt"]


def test_an_archive_that_became_unreadable_keeps_its_documents(tmp_path: Path) -> None:
    file = tmp_path / "old.zip"
    file.write_bytes(zipped(TWO))
    store = open_store(tmp_path / "index")
    bring(store, file, archives=True)
    file.write_bytes(b"PK")
    report = bring(store, file, archives=True)
    assert report.skipped == {str(file): "is not a readable archive"}
    assert (report.removed, documents(store)) == ([], {"old.zip/a.txt", "old.zip/b.txt"})


def bomb() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        for number in range(30):
            package.writestr(f"{number}.txt", b"a" * 90_000)
    return file.getvalue()


def flipped() -> bytes:
    return zipped({"a.txt": "alpha"}).replace(b"alpha", b"alphb")


def from_the_future() -> bytes:
    """Ask for a version of the format that does not exist."""
    content = bytearray(zipped({"a.txt": "alpha"}))
    content[content.index(b"PK\x01\x02") + 6] = 99
    return bytes(content)


def misnamed() -> bytes:
    """Mark a name as UTF-8 that is none."""
    return zipped({"é.txt": "alpha"}).replace("é".encode(), b"\xff\xfe")


def oddly_named(name: str, suffix: str) -> bytes:
    """Give a file a name that packing programs do not give, and pack another behind it."""
    file = io.BytesIO()
    if suffix == ".zip":
        with zipfile.ZipFile(file, "w") as package:
            package.writestr("x", "alpha")
            package.filelist[0].filename = name
            package.writestr("b.txt", "beta")
        return file.getvalue()
    with tarfile.open(fileobj=file, mode="w") as tape:
        for info in (tarfile.TarInfo("x"), tarfile.TarInfo("b.txt")):
            info.size, info.pax_headers = 5, {"path": name} if info.name == "x" else {}
            tape.addfile(info, io.BytesIO(b"alpha"))
    return file.getvalue()


@pytest.mark.parametrize("suffix", [".zip", ".tar"])
@pytest.mark.parametrize(
    ("name", "told"),
    [("", ["1 without a suffix"]), (".", ["1 without a suffix"]), ("..", ["has a name that leads out of its archive: pack it anew"])],
)  # fmt: skip
def test_an_odd_name_costs_that_file_alone(
    tmp_path: Path, name: str, told: list[str], suffix: str
) -> None:
    (tmp_path / f"old{suffix}").write_bytes(oddly_named(name, suffix))
    report = bring(open_store(tmp_path / "index"), tmp_path, archives=True)
    assert report.added == [f"old{suffix}/b.txt"]
    assert [*report.skipped.values(), *filter(None, [told_left_out(report.left_out)])] == told


def test_a_zero_byte_in_a_name_costs_that_file_alone(tmp_path: Path) -> None:
    """A tape may hold one; in a ZIP a name ends before it."""
    (tmp_path / "old.tar").write_bytes(oddly_named("a\0.txt", ".tar"))
    report = bring(open_store(tmp_path / "index"), tmp_path, archives=True)
    assert report.added == ["old.tar/b.txt"]
    assert report.skipped == {"old.tar/a\0.txt": "has a name with a zero byte: pack it anew"}


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.zip", b"PK\x03\x04 no archive", "is not a readable archive"),
        ("a.tar.gz", b"\x1f\x8b no archive", "is not a readable archive"),
        ("a.tgz", taped({"a.txt": "alpha"})[:-30], "is not a readable archive"),
        ("a.zip", bomb(), "unpacks to more than 2 MB: split it"),
        ("a.zip", zipped({"a.txt": "a" * 100_001}), "is larger than 0.1 MB"),
        ("a.zip", zipped(dict.fromkeys(map("{}.txt".format, range(51)), "a")), "holds more than 50 files"),
        ("a.zip", locked(zipped({"a.txt": "alpha"})), "is encrypted: pack it without a password"),
        ("a.zip", flipped(), "cannot be unpacked (Bad CRC-32"),
        ("a.zip", from_the_future(), "is not a readable archive"),
        ("a.zip", misnamed(), "is not a readable archive"),
    ],
)  # fmt: skip
def test_archives_that_cannot_be_read_say_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, content: bytes, reason: str
) -> None:
    monkeypatch.setattr(archives, "MOST_MEMBERS", 50)
    (tmp_path / name).write_bytes(content)
    (tmp_path / "z.txt").write_text("gamma")
    report = bring(open_store(tmp_path / "index"), tmp_path, archives=True)
    (told,) = report.skipped.values()
    assert told.startswith(reason)
    assert report.added == ["z.txt"]


def headed(name: str, *infos: tarfile.TarInfo) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as tape:
        for info in infos:
            tape.addfile(info, io.BytesIO(b"a" * info.size))
    return gzip.compress(file.getvalue()) if name.endswith(".gz") else file.getvalue()


def member(name: str, size: int = 0, **of: Any) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.size = size
    for key, value in of.items():
        setattr(info, key, value)
    return info


@pytest.mark.parametrize("name", ["a.tar", "a.tar.gz"])
@pytest.mark.parametrize(
    ("infos", "added"),
    [
        ([member("a.txt", pax_headers={"comment": "a" * 30_000})], False),
        ([member("a" * 30_000)], False),
        ([member(f"{number}", type=tarfile.DIRTYPE) for number in range(60)], False),
        ([member("a.txt", 1), *(member(f"{n}", type=tarfile.DIRTYPE) for n in range(60))], False),
        ([member("a.txt", 50_000), member("b.txt", 50_000)], True),
        ([member("a.txt", 1), *(member(f"{n}", type=tarfile.DIRTYPE) for n in range(20))], True),
    ],
)
def test_what_headers_of_a_tape_take_is_bounded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, added: bool,
    infos: list[tarfile.TarInfo],
) -> None:  # fmt: skip
    monkeypatch.setattr(tapes, "MOST_HEADER_BYTES", 20_000)
    (tmp_path / name).write_bytes(headed(name, *infos))
    (tmp_path / "z.txt").write_text("gamma")
    report = bring(open_store(tmp_path / "index"), tmp_path, archives=True)
    told = {str(tmp_path / name): "has headers of more than 0 MB: pack it anew"}
    assert (f"{name}/a.txt" in report.added, "z.txt" in report.added) == (added, True)
    assert report.skipped == ({} if added else told)


def test_archives_of_one_name_in_two_folders_keep_their_documents_apart(tmp_path: Path) -> None:
    store = open_store(tmp_path / "index")
    for name, text in (("a", "alpha"), ("b", "beta")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "old.zip").write_bytes(zipped({"x.txt": text}))
        bring(store, tmp_path / name, archives=True)
    assert documents(store) == {"old.zip/x.txt", "b/old.zip/x.txt"}
    assert store.text_of("old.zip/x.txt") == "alpha"
    assert bring(store, tmp_path / "b", archives=True).unchanged == ["b/old.zip/x.txt"]
    (tmp_path / "a").rename(tmp_path / "moved")
    moved = bring(store, tmp_path / "moved", archives=True)
    assert (moved.unchanged, moved.embedded) == (["old.zip/x.txt"], 0)
