"""An index goes from one store to another as it is, or the copy says what differs."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Sequence
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from index_parts import FILES, bring, open_store, write_files
from store_parts import engine

from app import cli
from app.errors import CheckFailed, UserError
from app.index.copying import copy_index
from app.index.current import current_folder
from app.index.generation import Generation
from app.index.vectors import Vectors

EMBEDDED = ("qdrant", "chroma", "milvus")


def test_an_index_goes_through_every_store_and_comes_back_as_it_was(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first, last = tmp_path / "first", tmp_path / "last"
    store = open_store(first)
    (tmp_path / "access.toml").write_text('"sub/*" = ["hr"]')
    bring(store, write_files(tmp_path / "docs", FILES), access=tmp_path / "access.toml")
    with ExitStack() as running:
        makes = [running.enter_context(engine(kind)) for kind in ("postgresql", *EMBEDDED)]
        stops = [str(first), *(make(tmp_path).url for make in makes), str(last)]
        for source, target in pairwise(stops):
            assert cli.main(["store", "copy", source, target, "--index", str(tmp_path)]) == 0
            assert f"3 documents and 3 chunks, version {store.version}" in capsys.readouterr().out
    again = open_store(last)
    with store.snapshot() as ours, again.snapshot() as theirs:
        assert ours.changed(list(FILES)) == theirs.changed(list(FILES))
        assert len(ours.changed(list(FILES))) == 3
    assert again.documents() == store.documents()
    assert again.seen_by() == store.seen_by() == {"sub/c.txt": '["hr"]'}
    assert [chunk.model_dump() for chunk in again.all_chunks()] == [
        chunk.model_dump() for chunk in store.all_chunks()
    ]
    assert next(score for _, score in again.similarity_search_with_score("gamma")) == 1


def test_a_copy_replaces_no_other_index_unasked(tmp_path: Path) -> None:
    places = [str(tmp_path / name) for name in ("one", "two")]
    for place, text in zip(places, ("alpha", "beta"), strict=True):
        open_store(Path(place)).add_texts([text])
    with pytest.raises(UserError, match=r"holds another index of 1 chunks: .* with --anew"):
        copy_index(*places, machine=tmp_path)
    assert copy_index(*places, machine=tmp_path, anew=True).chunks == 1
    before = current_folder(Path(places[1]))
    copy_index(*places, machine=tmp_path)
    assert current_folder(Path(places[1])) == before  # equal content is only compared
    with pytest.raises(UserError, match="is both ends of the copy"):
        copy_index(places[0], places[0], machine=tmp_path)


def test_a_copy_that_differs_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    open_store(tmp_path / "one").add_texts(["alpha", "beta"])
    stored = Generation.stored

    def bent(self: Generation, rows: Sequence[int]) -> Vectors:
        bend = 1e-4 if self.folder.parent.name == "two" else 0
        return stored(self, rows) + bend

    monkeypatch.setattr(Generation, "stored", bent)
    with pytest.raises(CheckFailed, match=r"two holds differs from its source in vectors$"):
        copy_index(str(tmp_path / "one"), str(tmp_path / "two"), machine=tmp_path)


@pytest.mark.parametrize("change", ["root", "hash", "date", "vectors"])
def test_a_target_of_the_same_texts_is_brought_up_to_date(tmp_path: Path, change: str) -> None:
    one, two = open_store(tmp_path / "one"), open_store(tmp_path / "two")
    places = [str(store.folder) for store in (one, two)]
    folder = write_files(tmp_path / "docs", {"a.html": "<p>alpha</p>"})
    bring(one, folder)
    copy_index(*places, machine=tmp_path)
    version = two.version
    if change == "root":
        bring(one, folder.rename(tmp_path / "moved"))
    elif change == "hash":
        write_files(folder, {"a.html": "<p>alpha</p><!-- the same -->"})
        bring(one, folder)
    elif change == "date":
        os.utime(folder / "a.html", (0, 0))
        bring(one, folder, rebuild=True)
    else:
        chunks = one.all_chunks()
        with one.write() as writer:
            writer.add(chunks, np.eye(1, 4, 2, dtype=np.float32))
    assert copy_index(*places, machine=tmp_path).version == one.version == version
    assert two.documents() == one.documents()
    dates = []
    for store in (one, two):
        with store.snapshot() as snapshot:
            dates.append(snapshot.changed(["a.html"]))
    assert dates[0] == dates[1] != {}
    assert two.similarity_search_with_score("alpha") == one.similarity_search_with_score("alpha")
    before = current_folder(two.folder)
    copy_index(*places, machine=tmp_path)
    assert current_folder(two.folder) == before
    copy_index(*places, machine=tmp_path, anew=True)
    assert current_folder(two.folder) != before


def test_the_command_that_mends_an_old_source_names_that_index(tmp_path: Path) -> None:
    source = tmp_path / "old index"
    bring(open_store(source), write_files(tmp_path / "docs", FILES))
    folder = current_folder(source)
    assert folder
    with sqlite3.connect(folder / "chunks.sqlite") as database:
        (text,) = database.execute("SELECT value FROM meta WHERE key = 'config'").fetchone()
        record = json.dumps({**json.loads(text), "schema_version": 2})
        database.execute("UPDATE meta SET value = ? WHERE key = 'config'", [record])
    with pytest.raises(UserError) as told:
        copy_index(str(source), str(tmp_path / "new"), machine=tmp_path, progress=False)
    mend = f"groundtune ingest {tmp_path / 'docs'} --index '{source}' --rebuild"
    assert str(told.value).endswith(
        f"schema_version 2 instead of 3: restore those settings, or run {mend}"
    )
