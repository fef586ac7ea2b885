"""Every store of the index behaves alike: each test runs against all of them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from fakes import KeywordEmbeddings
from index_parts import FILES, WORDS, bring, config, open_store, scored_texts, texts, write_files
from langchain_core.documents import Document
from postgres_parts import postgres

from app import cli
from app.errors import NoIndex, UserError
from app.index.choice import open_index
from app.index.current import current_folder
from app.index.postgres.store import PostgresVectorStore
from app.index.store import HybridVectorStore
from app.settings import Settings

Open = Callable[..., HybridVectorStore]

TESTS = Path(__file__).parent
DOCUMENTS = [
    Document("alpha beta", id="1", metadata={"document": "a.txt", "tenant": "x"}),
    Document("beta", id="2", metadata={"document": "a.txt", "tenant": "y"}),
    Document("gamma", id="3", metadata={"document": "b.txt", "tenant": "y"}),
]


@pytest.fixture(scope="module")
def database() -> Iterator[str]:
    with postgres() as url:
        yield url


@pytest.fixture(params=["faiss", "postgresql"])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Open:
    """Open one new and empty index as often as wanted."""
    if request.param == "faiss":
        return lambda **changes: open_store(tmp_path / "index", **changes)
    url = new_schema(request.getfixturevalue("database"))

    def open_postgres(**changes: Any) -> HybridVectorStore:
        machine = tmp_path / uuid4().hex
        return PostgresVectorStore(url, machine, KeywordEmbeddings(WORDS), config(**changes))

    return open_postgres


def new_schema(database: str) -> str:
    name = f"index_{uuid4().hex}"
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("CREATE EXTENSION IF NOT EXISTS vector")
        connection.execute(f"CREATE SCHEMA {name}".encode())
    return f"{database}&options=-csearch_path%3D{name},public"


def test_nothing_is_there_before_the_first_ingestion(opened: Open) -> None:
    store = opened()
    assert not store.exists()
    with pytest.raises(NoIndex, match="run 'groundtune ingest PATH' first"):
        store.hybrid_search("alpha")


def test_what_was_added_is_there_after_a_restart(opened: Open) -> None:
    opened().add_documents(DOCUMENTS)
    again = opened()
    assert texts(again.all_chunks()) == ["alpha beta", "beta", "gamma"]
    assert [again.size, texts(again.chunks_of("a.txt"))] == [3, ["alpha beta", "beta"]]
    assert [chunk.metadata for chunk in again.get_by_ids(["3", "9"])] == [DOCUMENTS[2].metadata]


def test_an_id_that_is_there_already_is_replaced(opened: Open) -> None:
    store = opened()
    store.add_documents(DOCUMENTS)
    store.add_texts(["old", "delta"], ids=["1", "1"])
    assert sorted(texts(store.all_chunks())) == ["beta", "delta", "gamma"]
    assert [t for t, _ in scored_texts(store.lexical_search("alpha"))] == []
    assert scored_texts(store.similarity_search_with_score("delta", 1)) == [("delta", 1.0)]


def test_chunks_go_by_id_and_by_document(opened: Open) -> None:
    store = opened()
    store.add_documents(DOCUMENTS)
    store.delete(["1", "unknown"])
    assert texts(store.all_chunks()) == ["beta", "gamma"]
    with store.write() as writer:
        writer.delete_document("b.txt")
    assert texts(store.similarity_search("gamma", 9)) == ["beta"]


def test_filters_apply_inside_every_search(opened: Open) -> None:
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


def test_similarity_is_the_cosine_and_the_higher_the_nearer(opened: Open) -> None:
    store = opened()
    store.add_documents(DOCUMENTS)
    found = store.similarity_search_with_score("alpha", 9)
    assert scored_texts(found)[0] == ("alpha beta", 0.707107)
    assert [round(score, 6) for _, score in found] == [0.707107, 0, 0]
    chunk, _ = store.hybrid_search("alpha", 1)[0]
    assert (chunk.metadata["similarity"], chunk.metadata["index"]) == (0.7071, store.version)


def test_words_that_the_embeddings_do_not_know_are_found(opened: Open) -> None:
    store = opened()
    store.add_texts(["alpha", "beta", "the boats leave at 18:30, C++ (x-y)"])
    for query in ("boat", "C++ 'or' x-y?", "18:30 | & !"):
        assert store.hybrid_search(query, 1)[0][0].page_content.startswith("the boats")
    assert store.lexical_search("", 3) == store.lexical_search("?!", 3) == []


def test_a_word_in_the_title_counts_more(opened: Open) -> None:
    store = opened()
    names = [{"document": name} for name in ("tree.md", "kite.md", "x.md", "y.md")]
    store.add_texts(["stone kite", "stone stone", "stone x", "stone y"], names, ids=list("abcd"))
    assert [chunk.id for chunk, _ in store.lexical_search("kite")] == ["b", "a"]


def test_ingestion_updates_prunes_and_renames(opened: Open, tmp_path: Path) -> None:
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


def test_equal_content_has_an_equal_version_in_every_store(opened: Open, tmp_path: Path) -> None:
    folder = write_files(tmp_path / "docs", {**FILES, "Ä.txt": "delta", "Z.txt": "alpha"})
    store, files = opened(), open_store(tmp_path / "files")
    bring(store, folder)
    bring(files, folder)
    assert store.version == files.version
    assert [c.model_dump() for c in store.all_chunks()] == [
        c.model_dump() for c in files.all_chunks()
    ]


@pytest.mark.parametrize("changes", [{"embedding_model": "other"}, {"dimension": 5}])
def test_another_model_or_dimension_is_refused(opened: Open, changes: dict[str, Any]) -> None:
    opened().add_documents(DOCUMENTS)
    (name, value), *_ = changes.items()
    other = opened(**changes)
    for act in (lambda: other.hybrid_search("alpha"), lambda: other.add_texts(["beta"])):
        with pytest.raises(UserError, match=f"was built with {name} .* instead of '?{value}"):
            act()
    assert opened().size == 3


def test_an_error_while_writing_changes_nothing(opened: Open) -> None:
    store = opened()
    store.add_documents(DOCUMENTS)
    before = store.version
    error = RuntimeError("the machine went down")
    with suppress(RuntimeError), store.write(fresh=True) as writer:
        writer.put_document(document="c.txt", root="", sha256="", text="delta")
        raise error
    assert (store.version, store.size, store.documents()) == (before, 3, {})


def test_readers_see_the_old_state_until_a_write_is_done_and_one_writer_at_a_time(
    opened: Open,
) -> None:
    store = opened()
    store.add_documents(DOCUMENTS)
    with store.snapshot() as old:
        with store.write(fresh=True) as writer:
            writer.delete(["1"])
            assert opened().size == 3
            with (
                pytest.raises(UserError, match="another process is writing"),
                opened().write(),
            ):
                pass
        assert (old.size, len(old.chunks(old.rows()))) == (3, 3)
    assert opened().size == 0


def test_a_killed_postgres_writer_leaves_the_old_index_whole(database: str, tmp_path: Path) -> None:
    url = new_schema(database)
    store = PostgresVectorStore(url, tmp_path, KeywordEmbeddings(WORDS), config())
    store.add_documents(DOCUMENTS)
    before = store.version
    code = (
        "import sys; from pathlib import Path; from fakes import KeywordEmbeddings\n"
        "from index_parts import WORDS, config; from langchain_core.documents import Document\n"
        "from app.index.postgres.store import PostgresVectorStore\n"
        "store = PostgresVectorStore(sys.argv[1], Path(sys.argv[2]),"
        " KeywordEmbeddings(WORDS), config())\n"
        "with store.write(fresh=True) as writer:\n"
        "    chunks = [Document('delta', id='new')]\n"
        "    writer.add(chunks, store.embed_chunks(chunks))\n"
        "    print('written', flush=True); sys.stdin.read()\n"
    )
    environment = os.environ | {"PYTHONPATH": f"{TESTS}:{TESTS.parent}"}
    command = [sys.executable, "-c", code, url, str(tmp_path)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"written\n"
        process.send_signal(signal.SIGKILL)
    assert (store.version, store.size) == (before, 3)
    for _ in range(50):  # until the server has noticed that the writer is gone
        try:
            store.add_texts(["delta"])
            break
        except UserError:
            time.sleep(0.1)
    assert store.size == 4


def test_a_database_that_is_away_is_told_in_one_line(tmp_path: Path) -> None:
    url = "postgresql://nobody:secret@127.0.0.1:9/none"
    store = PostgresVectorStore(url, tmp_path, KeywordEmbeddings(WORDS), config())
    with pytest.raises(UserError, match=r"^GROUNDTUNE_STORE cannot be used \(.*\)") as told:
        store.hybrid_search("alpha")
    assert "\n" not in str(told.value)
    assert "secret" not in str(told.value)


def test_the_setting_leads_every_command_to_the_database(
    database: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("GROUNDTUNE_STORE", new_schema(database))
    monkeypatch.setenv("GROUNDTUNE_INDEX", str(tmp_path / "index"))
    folder = write_files(tmp_path / "docs", {"boats.txt": "The last boat leaves at 18:30."})
    assert cli.main(["search", "boat"]) == 3
    assert "there is no index in PostgreSQL" in capsys.readouterr().err
    assert cli.main(["ingest", str(folder)]) == 0
    assert cli.main(["search", "When does the last boat leave?", "--json"]) == 0
    assert '"document": "boats.txt"' in capsys.readouterr().out
    assert cli.main(["doctor", "--quick"]) == 0
    assert "in the database of GROUNDTUNE_STORE" in " ".join(capsys.readouterr().out.split())
    assert current_folder(tmp_path / "index") is None


@pytest.mark.parametrize("url", ["mysql://host/db", "postgresql"])
def test_another_kind_of_store_is_refused(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GROUNDTUNE_STORE", url)
    with pytest.raises(ValueError, match="expected postgresql://USER@HOST/DATABASE"):
        Settings()


def test_a_missing_client_is_told_with_its_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "app.index.postgres.store", None)
    with pytest.raises(UserError, match=r"run pip install 'groundtune\[postgresql\]'"):
        open_index("postgresql://host/db", tmp_path, KeywordEmbeddings(WORDS), config())


def test_the_command_that_mends_a_database_names_no_folder(database: str, tmp_path: Path) -> None:
    url, folder = new_schema(database), write_files(tmp_path / "docs", FILES)
    old, new = (
        PostgresVectorStore(url, tmp_path / "i", KeywordEmbeddings(WORDS), config(chunk_size=size))
        for size in (200, 300)
    )
    bring(old, folder)
    with pytest.raises(UserError, match=rf"run groundtune ingest {folder} --rebuild$"):
        bring(new, folder)
    assert bring(new, folder, rebuild=True).chunks == new.size == 3


def test_a_comparison_refuses_a_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GROUNDTUNE_STORE", "postgresql://host/db")
    questions = tmp_path / "questions.jsonl"
    questions.write_text('{"id": "1", "question": "q", "answer": "a"}\n')
    assert cli.main(["compare", str(tmp_path), "--questions", str(questions)]) == 3
    assert "leave GROUNDTUNE_STORE empty" in capsys.readouterr().err
