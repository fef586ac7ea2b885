"""One path is one document, whatever it is called and whichever folder brings it."""

from pathlib import Path

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
from mode_parts import closed

from app.index import fusion
from app.index.store import HybridVectorStore
from app.ingest.identity import origin


@pytest.fixture
def embeddings() -> CountingEmbeddings:
    return CountingEmbeddings()


@pytest.fixture
def store(tmp_path: Path, embeddings: CountingEmbeddings) -> HybridVectorStore:
    return open_store(tmp_path / "index", embeddings)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_files(tmp_path / "files", FILES)


def test_the_same_name_from_two_roots_lives_twice(
    store: HybridVectorStore, folder: Path, tmp_path: Path
) -> None:
    other = write_files(tmp_path / "other", {"a.txt": "delta", "e.txt": "alpha"})
    for _ in range(2):  # within one run, and against what the index holds
        report = bring(store, folder, other)
        assert report.skipped == {}
    assert bring(store, other).unchanged == ["other/a.txt", "e.txt"]
    assert store.text_of("a.txt") == "alpha"
    assert store.text_of("other/a.txt") == "delta"
    assert documents(store) == {*FILES, "other/a.txt", "e.txt"}
    (other / "a.txt").unlink()
    assert bring(store, other).removed == ["other/a.txt"]


def test_documents_of_a_closed_folder_stay_and_keep_their_names(
    store: HybridVectorStore, folder: Path, tmp_path: Path
) -> None:
    bring(store, folder)
    other = write_files(tmp_path / "other", {"a.txt": "delta"})
    with closed(folder):
        report = bring(store, other)
    assert (report.added, report.removed) == (["other/a.txt"], [])
    assert documents(store) == {*FILES, "other/a.txt"}


@pytest.mark.parametrize("roots", [["sub", "."], [".", "sub"]])
def test_a_file_that_two_roots_bring_is_one_document(
    store: HybridVectorStore, folder: Path, roots: list[str]
) -> None:
    for root in roots:
        bring(store, folder / root)
    assert store.size == len(FILES)
    assert bring(store, folder, folder / "sub").embedded == 0
    (folder / "sub" / "c.txt").unlink()
    assert len(bring(store, folder).removed) == 1


def test_a_renamed_file_keeps_its_vectors(
    store: HybridVectorStore, folder: Path, embeddings: CountingEmbeddings
) -> None:
    bring(store, folder)
    before = len(embeddings.texts)
    (folder / "b.md").rename(folder / "sub" / "gamma notes.md")
    report = bring(store, folder)
    assert report.renamed == {"b.md": "sub/gamma notes.md"}
    assert (report.embedded, report.removed, report.added) == (0, [], [])
    assert len(embeddings.texts) == before
    (chunk,) = [c for c in store.all_chunks() if "beta" in c.page_content]
    assert chunk.metadata["document"] == "sub/gamma notes.md"
    assert "# Title\n\nbeta" in found(store, "notes")
    assert bring(store, folder).unchanged == ["a.txt", "sub/c.txt", "sub/gamma notes.md"]


def test_equal_texts_take_one_place_and_name_the_others(
    store: HybridVectorStore, tmp_path: Path
) -> None:
    copies = {f"{name}/note.txt": "alpha beta" for name in "xyz"}
    bring(store, write_files(tmp_path / "copies", {**copies, "w.txt": "alpha gamma"}))
    hits = store.hybrid_search("alpha beta", 2)
    assert texts([hit for hit, _ in hits]) == ["alpha beta", "alpha gamma"]
    first = hits[0][0].metadata
    assert sorted([first["document"], *first["also"]]) == sorted(copies)
    assert "also" not in hits[1][0].metadata


@pytest.mark.parametrize("copies", [3, 12, 60, 180, 230])
def test_copies_leave_room_for_other_texts_and_all_are_named(
    store: HybridVectorStore, tmp_path: Path, copies: int
) -> None:
    """Both rankings begin with the copies, of which few or many are searched at first."""
    same = {f"{at:03}.txt": "alpha beta" for at in range(copies)}
    others = {f"other-{at}.txt": f"alpha gamma {at}" for at in range(8)}
    bring(store, write_files(tmp_path / "copies", same | others))
    hits = [hit for hit, _ in store.hybrid_search("alpha beta", 6)]
    first, *rest = texts(hits)
    assert (first, len(set(rest)), set(rest) < set(others.values())) == ("alpha beta", 5, True)
    named = [hits[0].metadata["document"], *hits[0].metadata["also"]]
    assert sorted(named) == sorted(same)
    assert [hit.metadata["similarity"] for hit in hits] == [1.0, *[0.5] * 5]


def test_more_copies_than_are_looked_at_end_the_search(
    store: HybridVectorStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fusion, "DEEPEST", 60)
    same = {f"{at:03}.txt": "alpha beta" for at in range(300)}
    bring(store, write_files(tmp_path / "copies", same | {"z.txt": "alpha gamma"}))
    (hit,) = [hit for hit, _ in store.hybrid_search("alpha beta", 6)]
    assert len(hit.metadata["also"]) == 199  # of the 200 of the second search


@pytest.mark.parametrize(
    ("root", "document", "file"),
    [
        ("/home/docs", "a.txt", "/home/docs/a.txt"),
        ("/home/docs", "sub/a.txt", "/home/docs/sub/a.txt"),
        ("/home/docs/a.txt", "a.txt", "/home/docs/a.txt"),
        ("/home", "old.zip/a.txt", "/home/old.zip/a.txt"),
        ("/", "home/docs/a.txt", "/home/docs/a.txt"),
        ("s3://bucket/docs", "sub/a.txt", "s3://bucket/docs/sub/a.txt"),
    ],
)
def test_root_and_name_tell_the_file_wherever_it_is(root: str, document: str, file: str) -> None:
    assert origin(root, document) == file
