"""An index built with other choices refuses to open, and says which command mends that."""

import re
import shlex
import sqlite3
from contextlib import closing
from dataclasses import asdict
from pathlib import Path

import pytest
from fakes import KeywordEmbeddings
from file_parts import zipped
from index_parts import WORDS, bring, config, open_store, texts, write_files

from app.errors import UserError
from app.index.config import IndexConfig
from app.index.generation import TEXT_FILE
from app.index.store import HybridVectorStore
from app.ingest.forget import forget, with_copies
from app.ingest.places import as_given_again
from app.ingest.sources.choice import places_of


def refusal(store: HybridVectorStore) -> str:
    with pytest.raises(UserError) as caught:
        store.hybrid_search("alpha")
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("changes", "difference"),
    [
        ({"embedding_model": "other"}, "embedding_model 'words' instead of 'other'"),
        ({"dimension": 5}, "dimension 4 instead of 5"),
        ({"chunk_size": 300}, "chunk_size 200 instead of 300"),
        ({"chunk_overlap": 9}, "chunk_overlap 0 instead of 9"),
        ({"schema_version": 99}, "schema_version 3 instead of 99"),
        ({"chunk_size": 300, "dimension": 5}, "dimension 4 instead of 5, chunk_size 200 instead "),
    ],
)
def test_each_difference_is_named_and_the_named_command_mends_it(
    tmp_path: Path, changes: dict[str, object], difference: str
) -> None:
    folders = [
        write_files(tmp_path / "my files", {"a.txt": "alpha"}),
        write_files(tmp_path / "more", {"b.txt": "beta"}),
    ]
    place = tmp_path / "an index"
    bring(open_store(place), *folders)
    vocabulary = [*WORDS, "epsilon"][: int(str(changes.get("dimension", 4)))]
    store = open_store(place, KeywordEmbeddings(vocabulary), **changes)
    message = refusal(store)
    assert f"the index in {place} was built with {difference}" in message
    with pytest.raises(UserError, match=re.escape(difference)):
        bring(store, *folders)
    with pytest.raises(UserError, match=re.escape(difference)):
        store.add_texts(["gamma"])

    command = shlex.split(message.partition("or run ")[2])
    assert command[:2] == ["groundtune", "ingest"]
    assert command[-3:] == ["--index", str(place), "--rebuild"]
    report = bring(store, *map(Path, command[2:-3]), rebuild=True)
    assert (report.added, report.embedded, report.chunks) == (["b.txt", "a.txt"], 2, 2)
    assert texts(store.similarity_search("beta", k=1)) == ["beta"]
    assert open_store(place, KeywordEmbeddings(vocabulary), **changes).generation.size == 2


def test_an_index_of_another_schema_is_refused_even_if_its_tables_differ(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    store.add_texts(["alpha"])
    with closing(sqlite3.connect(store.generation.folder / TEXT_FILE)) as database, database:
        database.execute("UPDATE meta SET value = '{\"schema_version\": 7, \"new\": 1}' "
                         "WHERE key = 'config'")  # fmt: skip
    assert "schema_version 7 instead of 3" in refusal(open_store(tmp_path))
    with closing(sqlite3.connect(store.generation.folder / TEXT_FILE)) as database, database:
        database.execute("DROP TABLE documents")
    assert "--rebuild" in refusal(open_store(tmp_path))


def test_an_open_store_refuses_what_another_process_rebuilt_otherwise(tmp_path: Path) -> None:
    folder = write_files(tmp_path / "files", {"a.txt": "alpha"})
    store = open_store(tmp_path / "index")
    bring(store, folder)
    assert len(store.hybrid_search("alpha")) == 1
    bring(open_store(tmp_path / "index", chunk_size=300), folder, rebuild=True)
    assert "chunk_size 300 instead of 200" in refusal(store)


def test_a_rebuild_that_can_read_nothing_keeps_the_index(tmp_path: Path) -> None:
    folder = write_files(tmp_path / "files", {"a.txt": "alpha"})
    store = open_store(tmp_path / "index")
    bring(store, folder)
    write_files(folder, {"a.txt": ""})
    report = bring(store, folder, rebuild=True)
    assert report.skipped == {"a.txt": "is empty"}
    assert texts(store.similarity_search("alpha")) == ["alpha"]


def test_a_record_is_read_as_it_was_written() -> None:
    assert IndexConfig.from_record(asdict(config())) == config()
    assert IndexConfig.from_record({}) != config()


def command_of(store: HybridVectorStore) -> list[str]:
    """Return what the refusal under other settings says to ingest."""
    command = shlex.split(refusal(open_store(store.folder, chunk_size=300)).partition("or run ")[2])
    assert command[:2] == ["groundtune", "ingest"]
    assert command[-3:] == ["--index", str(store.folder), "--rebuild"]
    return command[2:-3]


def test_the_command_names_the_places_that_were_given_and_no_other(tmp_path: Path) -> None:
    one, two = (
        write_files(tmp_path / name, {"a.txt": f"alpha {name}", ".b/b.txt": "beta"})
        for name in ("one", "two")
    )
    packed = tmp_path / "old.zip"
    packed.write_bytes(zipped({"x.txt": "gamma"}))
    store = open_store(tmp_path / "index")
    bring(store, one, two)  # the second a.txt is named with its folder
    bring(store, two / ".b" / "b.txt", packed, archives=True)
    given = sorted(map(str, [one, two, two / ".b" / "b.txt", packed]))
    assert command_of(store) == given
    store.add_texts(["delta"])
    forget(with_copies("a.txt", store), store)
    assert command_of(store) == given
    bring(store, packed, archives=True, rebuild=True)
    assert command_of(store) == [str(packed)]


def test_places_are_named_from_whichever_folder_and_by_the_link_that_was_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_files(tmp_path / "docs", {"a.txt": "alpha"})
    (tmp_path / "current").symlink_to(tmp_path / "docs")
    store = open_store(tmp_path / "index")
    monkeypatch.chdir(tmp_path)
    bring(store, Path("current"))
    assert command_of(store) == [str(tmp_path / "current")]
    (tmp_path / "docs").rename(tmp_path / "not mounted")
    bring(store, write_files(tmp_path / "other", {"b.txt": "beta"}))
    assert command_of(store) == [str(tmp_path / "current"), str(tmp_path / "other")]


def test_a_folder_that_moved_is_named_at_its_new_place_alone(tmp_path: Path) -> None:
    folder = write_files(tmp_path / "docs", {"a.txt": "alpha"})
    away = write_files(tmp_path / "drive", {"b.txt": "beta"})
    store = open_store(tmp_path / "index")
    bring(store, folder, away)
    away.rename(tmp_path / "not mounted")
    moved = folder.rename(tmp_path / "moved")
    bring(store, moved)
    assert command_of(store) == [str(away), str(moved)]


def test_an_index_of_an_earlier_release_names_no_place_until_all_are_given_again(
    tmp_path: Path,
) -> None:
    one, two = (write_files(tmp_path / name, {f"{name}.txt": "alpha"}) for name in ("one", "two"))
    store = open_store(tmp_path / "index")
    bring(store, one, two)
    with closing(sqlite3.connect(store.generation.folder / TEXT_FILE)) as database, database:
        database.execute(
            "UPDATE meta SET value = json_remove(value, '$.places') WHERE key = 'config'"
        )
    store = open_store(tmp_path / "index")
    assert command_of(store) == ["PATH"]
    write_files(two, {"new.txt": "beta"})
    bring(store, two)
    assert command_of(store) == ["PATH"]
    bring(store, two, one)  # nothing changed but what is known of them
    assert command_of(store) == [str(one), str(two)]
    version = store.generation.folder
    bring(store, one, two)
    assert store.generation.folder == version


@pytest.mark.parametrize(
    ("url", "given"),
    [
        ("s3://bucket/docs/", "s3://bucket/docs"),
        ("https://us:secret@host/a.html?key=1", "https://host/a.html"),
        ("sitemap+https://host/sitemap.xml", "sitemap+https://host/sitemap.xml"),
        ("git+https://us:secret@host/r.git@v1#docs", "git+https://host/r.git@v1#docs"),
        ("git+https://host/r.git", "git+https://host/r.git"),
        ("sql+sqlite:////shop.db#/goods.sql", "sql+sqlite:////shop.db#/goods.sql"),
        ("wiki+file:///export.xml", "wiki+file:///export.xml"),
    ],
)
def test_a_source_is_named_as_it_is_given_again_without_its_secrets(url: str, given: str) -> None:
    (source,) = places_of([url])
    assert as_given_again(source) == given
    (again,) = places_of([given])
    assert (as_given_again(again), str(again)) == (given, str(source))
