"""Stores of the index are chosen by a URL, and tell what is wrong in one line."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fakes import KeywordEmbeddings
from index_parts import FILES, WORDS, bring, config, write_files
from store_parts import Opened, check_places, engine, skip_without
from tenacity import wait_none

from app import cli, patience
from app.errors import UserError
from app.index.choice import open_index
from app.index.current import current_folder
from app.index.kinds import KINDS, kind_of
from app.index.records.address import Address
from app.settings import Settings

MODULES = {
    "postgresql": "app.index.postgres.store",
    "qdrant": "app.index.records.qdrant",
    "chroma": "app.index.records.chroma",
    "milvus": "app.index.records.milvus",
    "pinecone": "app.index.records.pinecone",
    "weaviate": "app.index.records.weaviate",
}
AWAY = {
    "postgresql": "postgresql://nobody:secret@127.0.0.1:9/none",
    "qdrant": "qdrant+https://:secret@127.0.0.1:9",
    "chroma": "chroma+http://:secret@127.0.0.1:9",
    "milvus": "milvus+http://:secret@127.0.0.1:9",
    "pinecone": "pinecone+http://:secret@127.0.0.1:9",
    "weaviate": "weaviate+http://:secret@127.0.0.1:9",
}


@pytest.fixture(scope="module")
def database() -> Iterator[Callable[[Path], Opened]]:
    with engine("postgresql") as make:
        yield make


@pytest.mark.parametrize("url", AWAY.values())
def test_a_store_that_is_away_is_told_in_one_line(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    skip_without(kind_of(url).extra)
    monkeypatch.setattr(patience, "BACKING_OFF", wait_none())
    with pytest.raises(UserError, match=r"^GROUNDTUNE_STORE cannot be used \(.*\)") as told:
        open_index(url, tmp_path, KeywordEmbeddings(WORDS), config()).hybrid_search("alpha")
    assert "\n" not in str(told.value)
    assert "secret" not in str(told.value)


def test_the_setting_leads_every_command_to_the_database(
    database: Callable[[Path], Opened],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("GROUNDTUNE_STORE", database(tmp_path).url)
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


@pytest.mark.parametrize(
    "url",
    ["mysql://host/db", "postgresql", "qdrant://host/db", "qdrant://", "qdrant+http:///", "chroma"],
)
def test_another_kind_of_store_is_refused(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GROUNDTUNE_STORE", url)
    with pytest.raises(ValueError, match="expected one of postgresql://USER@HOST/DATABASE, qdran"):
        Settings()


@pytest.mark.parametrize(
    ("url", "user", "key"),
    [
        ("milvus+https://root:a%40b%2Fc@host", "root", "a@b/c"),
        ("milvus+https://a%3Ab:c%3Ad@host:1", "a:b", "c:d"),
        ("qdrant+http://:50%25+%C3%A9@host:6333/name", "", "50%+é"),
        ("qdrant+http://:plain-key_1.x~@host", "", "plain-key_1.x~"),
        ("qdrant+http://host", "", ""),
        ("qdrant:///folder", "", ""),
    ],
)
def test_a_user_and_a_key_are_taken_as_the_server_knows_them(url: str, user: str, key: str) -> None:
    address = Address.of(url)
    assert (address.user, address.key) == (user, key)


@pytest.mark.parametrize("rest", [":se/cret@host:1", "host:secret", "host:65536", "root:s#x@host"])
def test_a_port_that_is_none_is_told_without_the_key(rest: str) -> None:
    told = "^GROUNDTUNE_STORE: its port is no number up to 65535: see to it, .* and @ as %40$"
    with pytest.raises(UserError, match=told) as caught:
        Address.of(f"qdrant+http://{rest}")
    assert not any(part in str(caught.value) for part in ("cret", "s#x", "host"))


@pytest.mark.parametrize("form", [form for kind in KINDS for form in kind.forms])
def test_each_form_that_is_told_is_taken(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GROUNDTUNE_STORE", form)
    assert Settings().store_url() == form


@pytest.mark.parametrize("extra", MODULES)
def test_a_missing_client_is_told_with_its_extra(
    extra: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, MODULES[extra], None)
    with pytest.raises(UserError, match=rf"run pip install 'groundtune\[{extra}\]'"):
        open_index(AWAY[extra], tmp_path, KeywordEmbeddings(WORDS), config())


def test_a_write_reads_what_the_database_holds_in_parts(
    database: Callable[[Path], Opened], tmp_path: Path
) -> None:
    code = (
        "import os, resource\n"
        "def peak(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "with opened().write() as writer:\n"
        "    for number in range(900):\n"
        "        text = os.urandom(50_000).hex()\n"
        "        writer.put_document(document=str(number), root='r', sha256='s', text=text)\n"
        "    before = peak()\n"
        "print(peak() - before)\n"
    )
    with database(tmp_path).elsewhere(code) as process:
        told, _ = process.communicate(timeout=120)
    assert int(told) < 20_000  # kilobytes; the texts are four times as much


@pytest.mark.parametrize("kind", ["postgresql", "qdrant"])
def test_the_command_that_mends_a_store_names_no_folder(kind: str, tmp_path: Path) -> None:
    folder = write_files(tmp_path / "docs", FILES)
    with engine(kind) as make:
        opened = make(tmp_path)
        old, new = (opened(chunk_size=size) for size in (200, 300))
        bring(old, folder)
        with pytest.raises(UserError, match=rf"run groundtune ingest {folder} --rebuild$"):
            bring(new, folder)
        assert bring(new, folder, rebuild=True).chunks == new.size == 3


@pytest.mark.parametrize("kind", ["postgresql", "qdrant"])
def test_that_command_names_the_places_of_all_ingestions(kind: str, tmp_path: Path) -> None:
    with engine(kind) as make:
        check_places(make(tmp_path), tmp_path)


def test_a_comparison_refuses_a_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GROUNDTUNE_STORE", "postgresql://host/db")
    questions = tmp_path / "questions.jsonl"
    questions.write_text('{"id": "1", "question": "q", "answer": "a"}\n')
    assert cli.main(["compare", str(tmp_path), "--questions", str(questions)]) == 3
    assert "leave GROUNDTUNE_STORE empty" in capsys.readouterr().err
