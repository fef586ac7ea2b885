"""A file that cannot be written is told in one line with its name, and the index stays as it was.

The limit of a file's size stands in for a full disk: libraries meet both when they write.
"""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import closing, contextmanager
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
from index_parts import bring, open_store, texts, write_files
from langchain_core.documents import Document

from app.errors import UserError
from app.index.copying import copy_index
from app.index.journal import JOURNAL_FILE, EmbeddingJournal
from app.ingest.content import Elsewhere
from app.ingest.scan import SourceFile
from app.ingest.versions import VERSIONS_FILE, Versions

ROOM = 200_000  # bytes; an empty index takes some 100,000
LONG = "alpha " * 100_000
WIDE = 100_000  # dimensions of a vector


@contextmanager
def full_disk(room: int = ROOM) -> Iterator[None]:
    """Let no file grow beyond a size."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize(
    ("file", "text", "dimension"), [("chunks.sqlite", LONG, 4), ("vectors.faiss", "alpha", WIDE)]
)
def test_an_index_that_cannot_be_written_stays_as_it_was(
    tmp_path: Path, file: str, text: str, dimension: int
) -> None:
    store = open_store(tmp_path / "index", dimension=dimension)
    with store.write():
        pass
    before = (store.version, sorted(path.name for path in store.folder.iterdir()))

    def add() -> None:
        with store.write() as writer:
            writer.add([Document(text, id="1")], np.eye(1, dimension, dtype=np.float32))

    place = tmp_path / "index" / "generation-000002.tmp" / file
    with (
        full_disk(),
        pytest.raises(UserError, match=rf"^{place} cannot be written \(.+\): the index is as it"),
    ):
        add()
    assert (store.version, sorted(path.name for path in store.folder.iterdir())) == before
    add()
    assert texts(store.all_chunks()) == [text]


def test_an_ingestion_that_cannot_be_written_leaves_the_index_and_goes_on_later(
    tmp_path: Path,
) -> None:
    store = open_store(tmp_path / "index")
    bring(store, write_files(tmp_path / "docs", {"a.txt": "alpha"}))
    write_files(tmp_path / "docs", {"b.txt": "beta " * 15_000})
    with full_disk(), pytest.raises(UserError, match="cannot be written"):
        bring(store, tmp_path / "docs")
    assert store.documents().keys() == {"a.txt"}
    assert bring(store, tmp_path / "docs").added == ["b.txt"]


def test_vectors_that_wait_and_versions_of_files_are_told_too(tmp_path: Path) -> None:
    vectors, chunk = np.eye(1, WIDE, dtype=np.float32), Document("alpha", metadata={})
    journal = tmp_path / JOURNAL_FILE
    with (
        closing(EmbeddingJournal(tmp_path, model="words")) as opened,
        full_disk(),
        pytest.raises(UserError, match=rf"^{journal} cannot be written"),
    ):
        opened.keep([chunk], vectors)
    (tmp_path / "a.txt").write_text("alpha")
    file = SourceFile("a.txt", "s3://b/a.txt", "s3://b", Elsewhere("1", lambda: tmp_path / "a.txt"))
    place = tmp_path / VERSIONS_FILE
    with full_disk(1), pytest.raises(UserError, match=rf"^{place} cannot be written"):
        Versions(tmp_path).sha256(file, 100)
    assert Versions(tmp_path).sha256(file, 100) == sha256(b"alpha").hexdigest()


def test_a_copy_that_cannot_be_written_blames_its_target(tmp_path: Path) -> None:
    open_store(tmp_path / "one").add_texts([LONG])
    target = tmp_path / "two"
    with full_disk(), pytest.raises(UserError, match=rf"^{target}/.* cannot be written"):
        copy_index(str(tmp_path / "one"), str(target), machine=tmp_path)
    assert not open_store(target).exists()
