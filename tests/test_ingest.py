"""Ingestion makes the index hold what the folders hold, and touches nothing else."""

import shutil
import sys
from pathlib import Path
from typing import Any
from weakref import ref

import pytest
from index_parts import (
    FILES,
    CountingEmbeddings,
    bring,
    documents,
    found,
    open_store,
    texts,
    write_files,
)
from pptx import Presentation

from app.errors import UserError
from app.index.store import HybridVectorStore
from app.ingest import run
from app.ingest.cutting import Cut, Cutter
from app.ingest.engines import ray_engine
from app.ingest.scan import SourceFile


@pytest.fixture
def embeddings() -> CountingEmbeddings:
    return CountingEmbeddings()


@pytest.fixture
def store(tmp_path: Path, embeddings: CountingEmbeddings) -> HybridVectorStore:
    return open_store(tmp_path / "index", embeddings)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_files(tmp_path / "files", FILES)


def test_a_second_run_embeds_nothing_and_writes_nothing(
    store: HybridVectorStore, folder: Path, embeddings: CountingEmbeddings
) -> None:
    first = bring(store, folder)
    before = (len(embeddings.texts), store.generation.folder)
    second = bring(store, folder)
    assert (first.added, first.embedded, first.chunks) == (list(FILES), 3, 3)
    assert (second.unchanged, second.added, second.embedded) == (list(FILES), [], 0)
    assert (len(embeddings.texts), store.generation.folder) == before == (3, before[1])
    assert first.index == second.index == store.version


def test_a_changed_file_is_replaced_and_only_it_is_embedded(
    store: HybridVectorStore, folder: Path
) -> None:
    bring(store, folder)
    write_files(folder, {"a.txt": "delta"})
    report = bring(store, folder)
    assert (report.changed, report.embedded, report.chunks) == (["a.txt"], 1, 3)
    assert found(store, "alpha") == []
    assert found(store, "delta") == texts(store.similarity_search("delta", k=1)) == ["delta"]


@pytest.mark.parametrize(("left", "again"), [("alpha", ["a.txt"]), ("delta", [])])
def test_a_file_that_becomes_another_before_it_is_read_is_known_by_what_was_read(
    store: HybridVectorStore, folder: Path, left: str, again: list[str]
) -> None:
    def check_out(document: str, done: int, of: int) -> None:
        write_files(folder, {"a.txt": "delta"})

    assert bring(store, folder, notify=check_out).added == list(FILES)
    assert store.text_of("a.txt") == "delta"
    write_files(folder, {"a.txt": left})
    assert bring(store, folder).changed == again
    assert store.text_of("a.txt") == left


def test_a_deleted_file_is_pruned_and_found_no_more(store: HybridVectorStore, folder: Path) -> None:
    bring(store, folder)
    (folder / "a.txt").unlink()
    report = bring(store, folder)
    assert (report.removed, report.chunks) == (["a.txt"], 2)
    assert found(store, "alpha") == []
    assert "alpha" not in texts(store.similarity_search("alpha", k=9))
    assert store.text_of("a.txt") is None


def test_the_last_file_of_a_folder_is_pruned_too(
    store: HybridVectorStore, folder: Path, tmp_path: Path
) -> None:
    other = write_files(tmp_path / "other", {"d.txt": "delta"})
    bring(store, folder, other)
    (other / "d.txt").unlink()
    assert bring(store, folder, other).removed == ["d.txt"]
    shutil.rmtree(folder / "sub")
    for name in ("a.txt", "b.md"):
        (folder / name).unlink()
    assert bring(store, folder).removed == list(FILES)
    assert store.similarity_search("alpha", k=9) == []


def test_other_roots_are_left_alone(store: HybridVectorStore, folder: Path, tmp_path: Path) -> None:
    other = write_files(tmp_path / "other", {"d.txt": "delta"})
    bring(store, other)
    report = bring(store, folder)
    (folder / "a.txt").unlink()
    assert bring(store, folder).removed == ["a.txt"]
    assert report.removed == []
    assert documents(store) == {"b.md", "sub/c.txt", "d.txt"}


def test_a_file_brought_alone_belongs_to_its_folder_as_well(
    store: HybridVectorStore, folder: Path
) -> None:
    bring(store, folder / "a.txt")
    assert documents(store) == {"a.txt"}
    report = bring(store, folder, folder / "a.txt", folder)
    assert (report.unchanged, report.added, report.skipped) == (
        ["a.txt"],
        ["b.md", "sub/c.txt"],
        {},
    )
    (folder / "a.txt").unlink()
    assert bring(store, folder).removed == ["a.txt"]


def test_hidden_folders_brought_by_name_survive_an_ingestion_of_their_parent(
    store: HybridVectorStore, folder: Path
) -> None:
    hidden = write_files(folder / ".notes", {"d.txt": "delta"})
    bring(store, hidden)
    assert bring(store, folder).removed == []
    assert documents(store) == {*FILES, "d.txt"}


def test_a_moved_folder_keeps_its_vectors_and_is_pruned_at_its_new_place(
    store: HybridVectorStore, folder: Path, tmp_path: Path
) -> None:
    version = bring(store, folder).index
    moved = folder.rename(tmp_path / "moved")
    report = bring(store, moved)
    assert (report.unchanged, report.embedded, report.skipped) == (list(FILES), 0, {})
    assert report.index == version
    assert {root for root, _ in store.documents().values()} == {str(moved)}
    (moved / "a.txt").unlink()
    assert bring(store, moved).removed == ["a.txt"]


def test_bad_files_are_reported_by_name_and_the_rest_goes_in(
    store: HybridVectorStore, folder: Path
) -> None:
    bad = {
        "broken.pdf": (b"%PDF-1.4 nonsense", ""),
        "broken.docx": (b"PK nonsense", ""),
        "empty.txt": (b"", "is empty"),
        "blank.md": (b" \n\t\n", "is empty"),
        "binary.txt": (bytes(range(256)) * 9, ""),
        "large.txt": (b"word " * 30_000, "is larger than 0.1 MB"),
    }
    for name, (content, _) in bad.items():
        (folder / name).write_bytes(content)
    report = bring(store, folder)
    assert report.skipped.keys() == bad.keys()
    for name, (_, reason) in bad.items():
        assert report.skipped[name].startswith(reason)
        assert "\n" not in report.skipped[name]
        assert "stays" not in report.skipped[name]
    assert documents(store) == set(FILES)


def test_a_file_that_is_too_large_is_not_even_hashed(
    store: HybridVectorStore, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed: list[str] = []
    sha256 = SourceFile.sha256

    def remember(source: SourceFile) -> str:
        hashed.append(source.document)
        return sha256(source)

    monkeypatch.setattr(SourceFile, "sha256", remember)
    with (folder / "huge.txt").open("wb") as file:
        file.truncate(10**6)
    report = bring(store, folder)
    assert report.skipped["huge.txt"].startswith("is larger than 0.1 MB")
    assert hashed == list(FILES)


def test_one_text_at_a_time_is_held_and_written(
    store: HybridVectorStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "EMBED_TOGETHER", 2)
    made: list[ref[Cut]] = []
    most = 0
    cut = Cutter.__call__

    def watch(cutter: Cutter, raw: Any) -> Any:
        nonlocal most
        new = cut(cutter, raw)
        made.append(ref(new))
        most = max(most, sum(each() is not None for each in made))
        return new

    monkeypatch.setattr(Cutter, "__call__", watch)
    folder = write_files(tmp_path / "many", {f"{n:02}.txt": f"alpha {n}" for n in range(20)})
    assert len(bring(store, folder).added) == 20
    assert most <= 3  # the one being read, the one before it, and the very first


def test_files_that_all_are_unreadable_write_nothing(
    store: HybridVectorStore, folder: Path
) -> None:
    bring(store, folder)
    before = store.generation.folder
    write_files(folder, {"a.txt": "", "new.txt": " "})
    assert bring(store, folder).skipped.keys() == {"a.txt", "new.txt"}
    assert store.generation.folder == before


def test_a_file_that_became_unreadable_keeps_its_last_readable_version(
    store: HybridVectorStore, folder: Path
) -> None:
    bring(store, folder)
    write_files(folder, {"a.txt": ""})
    report = bring(store, folder)
    assert report.skipped == {"a.txt": "is empty; its last readable version stays in the index"}
    assert found(store, "alpha") == ["alpha"]


def test_chunks_are_slices_of_the_stored_text_and_keep_their_metadata(
    store: HybridVectorStore, folder: Path
) -> None:
    page = "alpha beta gamma delta. " * 9
    write_files(folder, {"long.md": f"# One\n\n{page}\n\n## Two\n\n中文 😀 {page}", "t.txt": page})
    bring(store, folder)
    chunks = store.similarity_search("alpha", k=99)
    for chunk in chunks:
        place = chunk.metadata
        text = store.text_of(place["document"]) or ""
        assert text[place["start"] : place["end"]] == chunk.page_content
        titled = {"title"} if place["section"] else set()
        assert place.keys() == {"document", "start", "end", "page", "section"} | titled
    assert len(chunks) == store.size > 6
    assert {chunk.metadata["section"] for chunk in chunks} == {"", "Title", "One", "One > Two"}


def test_pages_are_kept(store: HybridVectorStore, tmp_path: Path) -> None:
    presentation = Presentation()
    for word in ("alpha", "beta", "gamma"):
        slide = presentation.slides.add_slide(presentation.slide_layouts[5])
        slide.shapes.title.text = f"{word} " * 20
    (tmp_path / "slides").mkdir()
    presentation.save(str(tmp_path / "slides" / "talk.pptx"))
    bring(store, tmp_path / "slides")
    pages = {d.page_content.split()[0]: d.metadata["page"] for d in store.similarity_search("x", 9)}
    assert pages == {"alpha": 1, "beta": 2, "gamma": 3}


def test_the_version_names_the_content(tmp_path: Path) -> None:
    def version(number: int, files: dict[str, str]) -> str:
        store = open_store(tmp_path / f"index{number}")
        return bring(store, write_files(tmp_path / f"files{number}", files)).index

    versions = [
        version(0, FILES),
        version(1, dict(reversed(FILES.items()))),
        version(2, FILES | {"a.txt": "Alpha"}),
        version(3, FILES | {"a.txt": "alpha "}),
        version(4, FILES | {"b.md": "# Titles\n\nbeta"}),
        version(5, {("aa.txt" if name == "a.txt" else name): t for name, t in FILES.items()}),
    ]
    assert versions[0] == versions[1]
    assert len(set(versions)) == len(versions) - 1
    store = open_store(tmp_path / "index2")
    write_files(tmp_path / "files2", FILES)
    assert bring(store, tmp_path / "files2").index == versions[0]


def test_a_cluster_without_its_package_is_told_in_one_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    monkeypatch.delitem(sys.modules, "app.ingest.ray_engine", raising=False)
    with pytest.raises(UserError, match=r"run pip install 'groundtune\[ray\]'$"):
        ray_engine(CountingEmbeddings)
