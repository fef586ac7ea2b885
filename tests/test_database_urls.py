"""A database's URL is read as it was meant, or refused without a word of its password."""

from __future__ import annotations

from pathlib import Path

import pytest
from langchain_core.embeddings import DeterministicFakeEmbedding

from app.errors import UserError
from app.index.choice import open_index
from app.index.config import IndexConfig
from app.index.store import HybridVectorStore
from app.serving.persistence import check_database, open_checkpointer
from app.serving.settings import ServerSettings

TOLD = (
    "{} cannot be read: expected postgresql://USER:PASSWORD@HOST/DATABASE, and in PASSWORD "
    "%25 for %, %40 for @, %2F for /"
)
MISREAD = [
    "postgresql://me:pa%zz@127.0.0.1:9/d",
    "postgresql://me:p@ss@127.0.0.1:9/d",
    "postgresql://me:pa/ss@127.0.0.1:9/d",
    "postgresql://me:p?a@ss@127.0.0.1:9/d",
    "postgresql://me:p/a?s@127.0.0.1:9/d",
    "postgres://me:p@s/s@127.0.0.1:9/d",
    "postgresql://me@127.0.0.1:9/d?password=pa%zz",
]
MALFORMED = ["postgresql://me:pass@[::1/d", "postgresql+psycopg://me:pass@127.0.0.1:9/d"]
READ = [
    ("postgresql://me:pa%25%40%2Fsecret@127.0.0.1:9/d", "(127.0.0.1, d)"),
    ("postgresql://me:pa?#:secret@127.0.0.1:9/d", "(127.0.0.1, d)"),
    ("postgresql://me@127.0.0.1:9/d?password=p@secret/", "(127.0.0.1, d)"),
    ("postgresql:///d?host=/nowhere&user=me@home", "(/nowhere, d)"),
]
PLAIN = ["host=127.0.0.1 port=9 password=p@://secret@y dbname=d"]


def opened(url: str, folder: Path) -> HybridVectorStore:
    config = IndexConfig(embedding_model="fake", dimension=8, chunk_size=64, chunk_overlap=8)
    return open_index(url, folder, DeterministicFakeEmbedding(size=8), config)


def served(url: str) -> ServerSettings:
    return ServerSettings.model_validate({"database": url})


@pytest.mark.parametrize("url", [*MISREAD, *MALFORMED])
async def test_threads_are_not_kept_where_a_url_is_misread(url: str) -> None:
    told = TOLD.format("GROUNDTUNE_DATABASE")
    with pytest.raises(UserError) as checked:
        check_database(served(url))
    with pytest.raises(UserError) as kept:
        await open_checkpointer(served(url)).__aenter__()
    assert (str(checked.value), str(kept.value)) == (told, told)
    assert checked.value.__cause__ is None


@pytest.mark.parametrize("url", MISREAD)
def test_an_index_is_not_kept_where_a_url_is_misread(url: str, tmp_path: Path) -> None:
    with pytest.raises(UserError) as told:
        opened(url, tmp_path)
    assert str(told.value) == TOLD.format("GROUNDTUNE_STORE")


@pytest.mark.parametrize("url", [*(url for url, _ in READ), *PLAIN])
def test_of_a_url_that_is_read_the_database_is_asked(url: str) -> None:
    with pytest.raises(UserError, match=r"^GROUNDTUNE_DATABASE cannot be used \(.*\)$") as told:
        check_database(served(url))
    assert "secret" not in str(told.value)
    assert "127.0.0.1" in str(told.value) or "/nowhere" in str(told.value)


@pytest.mark.parametrize(("url", "place"), READ)
def test_the_place_of_an_index_is_told_without_its_password(
    url: str, place: str, tmp_path: Path
) -> None:
    assert getattr(opened(url, tmp_path), "place") == f"PostgreSQL {place}"  # noqa: B009
