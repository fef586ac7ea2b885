"""Every store of the index behaves alike: each test runs against all of them."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from conformance_table import STORES
from index_parts import FILES, bring, open_store, scored_texts, texts, write_files
from langchain_core.documents import Document
from store_parts import Opened, engine

from app.errors import BeingWritten, NoIndex, UserError
from app.index.audience import SEEN_BY, label_of, labelled, sees
from app.index.forgotten import Forgotten
from app.index.seen import SeenStore
from app.ingest.forget import forget, recall, with_copies

TENANTS = ("hr", "board", "ops")
AUDIENCES = [(), ("hr",), ("board",), ("ops",), ("board", "hr"), ("*",)]
DOCUMENTS = [
    Document("alpha beta", id="1", metadata={"document": "a.txt", "tenant": "x"}),
    Document("beta", id="2", metadata={"document": "a.txt", "tenant": "y"}),
    Document("gamma", id="3", metadata={"document": "b.txt", "tenant": "y"}),
]


@pytest.fixture(scope="module", params=STORES)
def running(request: pytest.FixtureRequest) -> Iterator[Callable[[Path], Opened]]:
    with engine(request.param) as make:
        yield make


@pytest.fixture
def opened(running: Callable[[Path], Opened], tmp_path: Path) -> Opened:
    return running(tmp_path)


def test_nothing_is_there_before_the_first_ingestion(opened: Opened) -> None:
    store = opened()
    assert not store.exists()
    with pytest.raises(NoIndex, match="run 'groundtune ingest PATH' first"):
        store.hybrid_search("alpha")


def test_what_was_added_is_there_after_a_restart(opened: Opened) -> None:
    opened().add_documents(DOCUMENTS)
    again = opened()
    assert texts(again.all_chunks()) == ["alpha beta", "beta", "gamma"]
    assert [again.size, texts(again.chunks_of("a.txt"))] == [3, ["alpha beta", "beta"]]
    assert [chunk.metadata for chunk in again.get_by_ids(["3", "9"])] == [DOCUMENTS[2].metadata]


def test_an_id_that_is_there_already_is_replaced(opened: Opened) -> None:
    store = opened()
    store.add_documents(DOCUMENTS)
    store.add_texts(["old", "delta"], ids=["1", "1"])
    assert sorted(texts(store.all_chunks())) == ["beta", "delta", "gamma"]
    assert [t for t, _ in scored_texts(store.lexical_search("alpha"))] == []
    assert scored_texts(store.similarity_search_with_score("delta", 1)) == [("delta", 1.0)]


def test_chunks_go_by_id_and_by_document(opened: Opened) -> None:
    store = opened()
    store.add_documents(DOCUMENTS)
    store.delete(["1", "unknown"])
    assert texts(store.all_chunks()) == ["beta", "gamma"]
    with store.write() as writer:
        writer.delete_document("b.txt")
    assert texts(store.similarity_search("gamma", 9)) == ["beta"]


def test_filters_apply_inside_every_search(opened: Opened) -> None:
    store = opened()
    store.add_texts(["beta"] * 60, [{"tenant": "x"}] * 60, ids=[str(n) for n in range(60)])
    store.add_texts(["alpha beta", "gamma"], [{"tenant": 'y"'}, {}], ids=["far", "none"])
    wanted: list[tuple[dict[str, Any], set[str]]] = [
        ({"tenant": 'y"'}, {"far"}),
        ({"tenant": ['y"', None]}, {"far", "none"}),
        ({"tenant": "x", "other": 1}, set()),
    ]
    for where, ids in wanted:
        dense = store.similarity_search("beta", 3, filter=where)
        fused = [chunk for chunk, _ in store.hybrid_search("beta gamma", 3, where=where)]
        lexical = [chunk for chunk, _ in store.lexical_search("beta gamma", 3, where=where)]
        assert [{chunk.id for chunk in found} for found in (dense, fused, lexical)] == [ids] * 3


def test_nobody_finds_or_reads_what_others_alone_may_see(opened: Opened) -> None:
    store = opened()
    chunks = [
        Document(f"{word} {'beta' * (at % 2)}", id=f"{word}{at}", metadata=labelled(place, label))
        for at, label in enumerate(map(label_of, AUDIENCES))
        for word in ("alpha", "gamma")
        for place in [{"document": f"{at}.txt"}]
    ]
    with store.write() as writer:
        for at, label in enumerate(map(label_of, AUDIENCES)):
            name = f"{at}.txt"
            writer.put_document(document=name, root="", sha256="", text=name, seen_by=label)
        writer.add(chunks, store.embed_chunks(chunks))
    assert store.size == 12
    for groups in [[], *([tenant] for tenant in TENANTS), TENANTS]:
        view, own = SeenStore(opened(), groups), {c.id for c in chunks if visible(c, groups)}
        for query in ("alpha", "beta gamma"):
            found = [view.hybrid_search(query, 12), view.similarity_search_with_score(query, 12)]
            assert {chunk.id for each in found for chunk, _ in each} == own
            assert {chunk.id for chunk, _ in view.lexical_search(query, 12)} <= own
            assert view.hybrid_search(query, 12, where={"document": "0.txt"}) == []
        assert {chunk.id for chunk in view.get_by_ids([str(c.id) for c in chunks])} == own
        assert {chunk.id for chunk in view.all_chunks()} == own
        names = {f"{at}.txt" for at in range(len(AUDIENCES))}
        assert {name for name in names if view.text_of(name)} == set(view.documents())
        assert {name for name in names if view.chunks_of(name)} == set(view.documents())
        assert not any(SEEN_BY in chunk.metadata for chunk in view.all_chunks())


def visible(chunk: Document, groups: Sequence[str]) -> bool:
    return sees(groups, chunk.metadata.get(SEEN_BY))


def test_who_may_see_a_document_changes_without_embedding_anew(
    opened: Opened, tmp_path: Path
) -> None:
    folder, access = write_files(tmp_path / "docs", FILES), tmp_path / "access.toml"
    access.write_text('"sub/*" = ["hr"]\n"d.txt" = ["board"]\n"x*" = []\n')
    store = opened()
    report = bring(store, folder, access=access)
    assert (report.embedded, report.shown, report.unused) == (3, [], ["d.txt", "x*"])
    board, hr, everybody = (SeenStore(store, groups) for groups in (["board"], ["hr"], []))
    assert texts(hr.similarity_search("gamma", 1)) == ["gamma"]
    assert set(board.documents()) == set(everybody.documents()) == {"a.txt", "b.md"}
    (folder / "sub" / "c.txt").rename(folder / "d.txt")
    before = store.version
    report = bring(store, folder, access=access)
    assert (report.embedded, report.shown, report.unused) == (0, ["d.txt"], ["sub/*", "x*"])
    assert board.text_of("d.txt") == "gamma"
    assert hr.text_of("d.txt") is None
    assert "gamma" not in texts(hr.similarity_search("gamma", 9))
    assert store.version != before
    with pytest.raises(UserError, match=r"not everybody may see \(1\), and GROUNDTUNE_ACCESS"):
        bring(store, folder)
    access.write_text("")
    assert bring(store, folder, access=access).embedded == 0
    assert texts(everybody.similarity_search("gamma", 1)) == ["gamma"]


def test_similarity_is_the_cosine_and_the_higher_the_nearer(opened: Opened) -> None:
    store = opened()
    store.add_documents(DOCUMENTS)
    found = store.similarity_search_with_score("alpha", 9)
    assert scored_texts(found)[0] == ("alpha beta", 0.707107)
    assert [round(score, 6) for _, score in found] == [0.707107, 0, 0]
    chunk, _ = store.hybrid_search("alpha", 1)[0]
    assert (chunk.metadata["similarity"], chunk.metadata["index"]) == (0.7071, store.version)


def test_words_that_the_embeddings_do_not_know_are_found(opened: Opened) -> None:
    store = opened()
    store.add_texts(["alpha", "beta", "the boats leave at 18:30, C++ (x-y)"])
    for query in ("boat", "C++ 'or' x-y?", "18:30 | & !"):
        for found in (store.hybrid_search(query, 1), store.lexical_search(query, 1)):
            assert found[0][0].page_content.startswith("the boats")
    assert store.lexical_search("", 3) == store.lexical_search("?!", 3) == []


def test_a_word_in_the_title_counts_more(opened: Opened) -> None:
    store = opened()
    names = [{"document": name} for name in ("tree.md", "kite.md", "x.md", "y.md")]
    store.add_texts(["stone kite", "stone stone", "stone x", "stone y"], names, ids=list("abcd"))
    assert [chunk.id for chunk, _ in store.lexical_search("kite")] == ["b", "a"]


def test_a_rare_word_counts_more_than_common_ones(opened: Opened) -> None:
    store = opened()
    store.add_texts(["stone tree " * 3, *(f"stone tree {name}" for name in "xyz"), "a kite"])
    (best, _), *_ = store.lexical_search("stone tree kite", 2)
    assert best.page_content == "a kite"


def test_ingestion_updates_prunes_and_renames(opened: Opened, tmp_path: Path) -> None:
    folder = write_files(tmp_path / "docs", FILES)
    store = opened()
    assert bring(store, folder).embedded == 3
    assert bring(opened(), folder).embedded == 0
    (folder / "a.txt").write_text("delta")
    (folder / "b.md").unlink()
    (folder / "sub" / "c.txt").rename(folder / "d.txt")
    report = bring(store, folder)
    assert (report.embedded, report.removed, report.chunks) == (1, ["b.md"], 2)
    assert set(store.documents()) == {"a.txt", "d.txt"}
    assert [store.text_of("a.txt"), store.text_of("b.md")] == ["delta", None]
    assert store.chunks_of("d.txt")[0].metadata["document"] == "d.txt"
    assert store.lexical_search("d", 1)[0][0].page_content == "gamma"  # found by its new name


def test_a_forgotten_document_is_gone_and_stays_out_until_it_is_let_in_again(
    opened: Opened, tmp_path: Path
) -> None:
    folder = write_files(tmp_path / "docs", {**FILES, "copy.txt": "alpha"})
    store = opened()
    bring(store, folder)
    forget(with_copies("a.txt", store), store)
    assert with_copies("a.txt", store) == []
    assert sorted(store.documents()) == ["b.md", "sub/c.txt"]
    assert [store.text_of("a.txt"), store.lexical_search("alpha")] == [None, []]
    (folder / "copy.txt").rename(folder / "new name.txt")
    for rebuild in (False, True):  # neither by its name, nor by its bytes, nor into a new index
        report = bring(opened(), folder, rebuild=rebuild)
        assert (report.forgotten, report.chunks) == (["a.txt", "new name.txt"], 2)
    assert [each.document for each in recall("a.txt", store)] == ["a.txt", "copy.txt"]
    assert bring(opened(), folder).added == ["a.txt", "new name.txt"]


def test_texts_and_lists_of_any_length_come_back_whole(opened: Opened, tmp_path: Path) -> None:
    text = "😀 Größe " * 9_000
    many = [Forgotten(document=str(n), path="p" * 99, sha256="", since="") for n in range(600)]
    store, files = opened(), open_store(tmp_path / "files")
    for each in (store, files):
        with each.write() as writer:
            writer.put_document(document="old.txt", root="r", sha256="s", text=text)
            writer.put_forgotten(many)
        with each.write() as writer:
            writer.rename_document("old.txt", "new.txt", root="r")
    assert (store.documents(), store.text_of("new.txt")) == ({"new.txt": ("r", "s")}, text)
    assert (store.forgotten(), store.version) == (many, files.version)


def test_a_search_tells_when_documents_were_last_changed(opened: Opened, tmp_path: Path) -> None:
    store, folder = opened(), write_files(tmp_path / "docs", FILES)

    def told(name: str, day: int) -> str | None:
        os.utime(folder / name, (0, day * 86_400))
        bring(store, folder)
        found = [chunk.metadata for chunk, _ in store.hybrid_search("alpha", 9)]
        return {each["document"]: each.get("changed") for each in found}[name]

    assert told("a.txt", 1) == "1970-01-02T00:00:00+00:00"
    (folder / "a.txt").rename(folder / "d.txt")
    assert told("d.txt", 2) == "1970-01-02T00:00:00+00:00"  # what it says is as old as before
    (folder / "d.txt").write_text("alpha delta")
    assert told("d.txt", 3) == "1970-01-04T00:00:00+00:00"
    store.add_texts(["gamma"], [{"document": "of no file"}])
    unknown, _ = store.hybrid_search("gamma", 1, where={"document": "of no file"})[0]
    assert "changed" not in unknown.metadata


def test_equal_content_has_an_equal_version_in_every_store(opened: Opened, tmp_path: Path) -> None:
    folder = write_files(tmp_path / "docs", {**FILES, "Ä.txt": "delta", "Z.txt": "alpha"})
    store, files = opened(), open_store(tmp_path / "files")
    bring(store, folder)
    bring(files, folder)
    assert store.version == files.version
    assert [c.model_dump() for c in store.all_chunks()] == [
        c.model_dump() for c in files.all_chunks()
    ]


@pytest.mark.parametrize(
    "changes", [{"embedding_model": "other"}, {"dimension": 5}], ids=["model", "dimension"]
)
def test_another_model_or_dimension_is_refused(opened: Opened, changes: dict[str, Any]) -> None:
    opened().add_documents(DOCUMENTS)
    (name, value), *_ = changes.items()
    other = opened(**changes)
    for act in (lambda: other.hybrid_search("alpha"), lambda: other.add_texts(["beta"])):
        with pytest.raises(UserError, match=f"was built with {name} .* instead of '?{value}"):
            act()
    assert opened().size == 3


def test_an_error_while_writing_changes_nothing(opened: Opened) -> None:
    store = opened()
    store.add_documents(DOCUMENTS)
    before = store.version
    error = RuntimeError("the machine went down")
    with suppress(RuntimeError), store.write(fresh=True) as writer:
        writer.put_document(document="c.txt", root="", sha256="", text="delta")
        raise error
    assert (store.version, store.size, store.documents()) == (before, 3, {})


def test_readers_see_the_old_state_until_a_write_is_done_and_one_writer_at_a_time(
    opened: Opened,
) -> None:
    store = opened()
    store.add_documents(DOCUMENTS)
    with store.snapshot() as old:
        with store.write(fresh=True) as writer:
            writer.delete(["1"])
            assert opened().size == 3
            with (
                pytest.raises(BeingWritten, match="another process is writing"),
                opened().write(),
            ):
                pass
        assert (old.size, len(old.chunks(old.rows()))) == (3, 3)
    assert opened().size == 0


def test_what_another_process_writes_is_found_at_once(
    opened: Opened, record_property: Callable[[str, object], None]
) -> None:
    store = opened()
    store.add_documents(DOCUMENTS)
    assert scored_texts(store.similarity_search_with_score("delta", 1))[0][1] == 0
    code = (
        "try:\n    opened().add_texts(['delta'], ids=['new'])\n"
        "except UserError as error:\n    print(error)\n"
    )
    with opened.elsewhere(code) as process:
        told, _ = process.communicate()
    if told:
        assert told.startswith(
            ("another process uses the Qdrant in ", "another process uses the Milvus")
        )
        record_property("instead", "refused")
        return
    assert scored_texts(store.similarity_search_with_score("delta", 1)) == [("delta", 1)]
    assert scored_texts(store.lexical_search("delta", 1))[0][0] == "delta"


def test_a_killed_writer_leaves_the_old_index_whole(opened: Opened) -> None:
    store = opened()
    store.add_documents(DOCUMENTS)
    before = store.version
    del store
    code = (
        "store = opened('elsewhere')\nwith store.write(fresh=True) as writer:\n"
        "    chunks = [Document('delta', id='new')]\n"
        "    writer.add(chunks, store.embed_chunks(chunks))\n"
        "    print('written', flush=True); sys.stdin.read()\n"
    )
    with opened.elsewhere(code) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "written\n"
        process.kill()
    store = opened("elsewhere")
    assert (store.version, store.size) == (before, 3)
    wait_until(lambda: store.add_texts(["delta"]))  # a server may yet have to notice
    assert store.size == 4
    assert sorted(texts(store.similarity_search("delta", 9))) == [
        "alpha beta", "beta", "delta", "gamma",
    ]  # fmt: skip


def wait_until(act: Callable[[], object]) -> None:
    for _ in range(50):
        with suppress(UserError):
            act()
            return
        time.sleep(0.1)
    act()
