"""The behaviours of test_conformance.py find stores that lack them: each defect fails its test."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from inspect import signature
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import test_conformance
from langchain_core.documents import Document
from store_parts import Opened

from app.index import full_text, writer
from app.index.config import IndexConfig
from app.index.generation import Generation
from app.index.lexical import terms
from app.index.port import Filter
from app.index.seen import SeenSnapshot
from app.index.store import HybridVectorStore
from app.index.vectors import Vectors
from app.index.writer import Writer

Found = list[tuple[int, float]]
BEHAVIOURS = {name for name in vars(test_conformance) if name.startswith("test_")}
ANOTHER_PROCESS = {
    "test_what_another_process_writes_is_found_at_once",
    "test_a_killed_writer_leaves_the_old_index_whole",
}
"""What a defect of this process does not reach."""

dense, lexical, text_of = Generation.dense, Generation.lexical, Generation.text_of
add = Writer.add
write = HybridVectorStore.write


def filtered_afterwards(
    self: Generation, vector: Vectors, k: int, where: Filter | None = None
) -> Found:
    among = self.rows(where)
    return [pair for pair in dense(self, vector, k) if pair[0] in among]


def unfiltered(self: Generation, vector: Vectors, k: int, where: Filter | None = None) -> Found:
    return dense(self, vector, k)


def unfiltered_words(self: Generation, question: str, k: int, where: Filter | None = None) -> Found:
    return lexical(self, question, k)


def shows_no_chunks(self: Writer, document: str, seen_by: str | None) -> None:
    query = "UPDATE documents SET seen_by = ? WHERE document = ?"
    self.database.execute(query, (seen_by, document))


def as_distance(self: Generation, vector: Vectors, k: int, where: Filter | None = None) -> Found:
    return [(row, 1 - score) for row, score in dense(self, vector, k, where)]


def without_words(self: Generation, question: str, k: int, where: Filter | None = None) -> Found:
    return []


def counts_words(self: Generation, question: str, k: int, where: Filter | None = None) -> Found:
    asked, rows = set(terms(question)), self.rows(where)
    texts = [chunk.page_content for chunk in self.chunks(rows)]
    counts = [float(sum(term in asked for term in terms(text))) for text in texts]
    return sorted(zip(rows, counts, strict=True), key=lambda found: -found[1])[:k]


def keeps_the_first(self: Writer, chunks: Sequence[Document], vectors: Vectors) -> None:
    known = {id_ for (id_,) in self.database.execute("SELECT id FROM chunks")}
    new = {str(chunk.id): at for at, chunk in enumerate(chunks) if chunk.id not in known}
    add(self, [chunks[at] for at in new.values()], vectors[list(new.values())])


def renames_no_chunks(self: Writer, old: str, new: str, *, root: str) -> None:
    query = "UPDATE documents SET document = ?, root = ? WHERE document = ?"
    self.database.execute(query, (new, root, old))


def keeps_chunks(self: Writer, document: str) -> None:
    self.database.execute("DELETE FROM documents WHERE document = ?", (document,))


@contextmanager
def commits_what_failed(self: HybridVectorStore, *, fresh: bool = False) -> Iterator[Any]:
    failed = []
    with write(self, fresh=fresh) as writing:
        try:
            yield writing
        except RuntimeError as error:
            failed.append(error)
    for error in failed:
        raise error


Defect = tuple[object, str, Any]

DEFECTS: dict[str, list[Defect]] = {
    "nothing_is_there_before_the_first_ingestion": [
        (HybridVectorStore, "exists", lambda self: True),
    ],
    "what_was_added_is_there_after_a_restart": [
        (Generation, "rows", lambda self, where=None: self._rows("TRUE", ())[::-1]),
    ],
    "an_id_that_is_there_already_is_replaced": [(Writer, "add", keeps_the_first)],
    "chunks_go_by_id_and_by_document": [
        (Writer, "delete_document", keeps_chunks),
        (HybridVectorStore, "delete", lambda self, ids: True),
    ],
    "filters_apply_inside_every_search": [
        (Generation, "dense", filtered_afterwards),
        (Generation, "lexical", without_words),
    ],
    "nobody_finds_or_reads_what_others_alone_may_see": [
        (Generation, "dense", unfiltered),
        (Generation, "lexical", unfiltered_words),
        (SeenSnapshot, "text_of", lambda self, name: self._snapshot.text_of(name)),
        (SeenSnapshot, "documents", lambda self: self._snapshot.documents()),
        (SeenSnapshot, "get", lambda self, ids: self._snapshot.get(ids)),
    ],
    "who_may_see_a_document_changes_without_embedding_anew": [
        (Writer, "show_document", shows_no_chunks),
        (Generation, "seen_by", lambda self: {}),
    ],
    "similarity_is_the_cosine_and_the_higher_the_nearer": [(Generation, "dense", as_distance)],
    "words_that_the_embeddings_do_not_know_are_found": [(Generation, "lexical", without_words)],
    "a_rare_word_counts_more_than_common_ones": [(Generation, "lexical", counts_words)],
    "a_word_in_the_title_counts_more": [(full_text, "TITLE_WEIGHT", 1.0)],
    "ingestion_updates_prunes_and_renames": [
        (Writer, "rename_document", renames_no_chunks),
        (Writer, "delete_document", keeps_chunks),
    ],
    "a_forgotten_document_is_gone_and_stays_out_until_it_is_let_in_again": [
        (Writer, "delete_document", keeps_chunks),
        (HybridVectorStore, "forgotten", lambda self: []),
    ],
    "texts_and_lists_of_any_length_come_back_whole": [
        (Generation, "text_of", lambda self, document: text_of(self, document)[:65_535]),
    ],
    "a_search_tells_when_documents_were_last_changed": [
        (Generation, "changed", lambda self, documents: {}),
        (Writer, "rename_document", renames_no_chunks),
    ],
    "equal_content_has_an_equal_version_in_every_store": [
        (writer, "content_version", lambda database, config: uuid4().hex),
    ],
    "another_model_or_dimension_is_refused": [(IndexConfig, "check", lambda *_, **__: None)],
    "an_error_while_writing_changes_nothing": [(HybridVectorStore, "write", commits_what_failed)],
    "readers_see_the_old_state_until_a_write_is_done_and_one_writer_at_a_time": [
        (writer, "only_writer", nullcontext),
    ],
}


def test_every_behaviour_has_a_defect_that_it_finds() -> None:
    assert {f"test_{name}" for name in DEFECTS} == BEHAVIOURS - ANOTHER_PROCESS


@pytest.mark.parametrize(
    ("behaviour", "defect"),
    [(name, defect) for name, defects in DEFECTS.items() for defect in defects],
    ids=lambda value: value if isinstance(value, str) else value[1],
)
def test_a_broken_store_fails(
    behaviour: str, defect: Defect, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    test: Callable[..., None] = getattr(test_conformance, f"test_{behaviour}")
    given = {
        "opened": Opened("faiss", "", tmp_path / "broken"),
        "tmp_path": tmp_path,
        "changes": {"embedding_model": "other"},
    }
    wanted = {name: given[name] for name in signature(test).parameters}
    monkeypatch.setattr(*defect)
    with pytest.raises((AssertionError, pytest.fail.Exception, sqlite3.Error, LookupError)):
        test(**wanted)
