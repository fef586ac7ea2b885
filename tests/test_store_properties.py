"""After any writes the store holds what a dictionary would, and finds what arithmetic finds."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from fakes import KeywordEmbeddings
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from index_parts import WORDS, open_store

from app.index.store import HybridVectorStore

IDS = st.sampled_from(["a", "b", "c", "d", "Ünï 中", "x' OR 1=1"])
TEXTS = st.lists(st.sampled_from([*WORDS, "NOT", '"', "é", "…"]), min_size=1, max_size=4).map(
    " ".join
)
TENANTS = st.sampled_from([None, 1, 2.5, "1", True, "it's"])
CHUNKS = st.dictionaries(IDS, st.tuples(TEXTS, TENANTS), min_size=1, max_size=4)
Chunks = dict[str, tuple[str, object]]


class Writes(RuleBasedStateMachine):
    """Adds, replaces and deletes chunks, and keeps in a dictionary what must be there."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.store = self.opened("index")
        self.held: Chunks = {}

    def opened(self, name: str) -> HybridVectorStore:
        return open_store(Path(self.folder.name) / name)

    def teardown(self) -> None:
        self.folder.cleanup()

    @rule(chunks=CHUNKS)
    def add(self, chunks: Chunks) -> None:
        added_to(self.store, chunks)
        self.held |= chunks

    @rule(ids=st.lists(IDS, max_size=4))
    def delete(self, ids: list[str]) -> None:
        self.store.delete(ids)
        for id_ in ids:
            self.held.pop(id_, None)

    @precondition(lambda self: self.store.exists())
    @rule()
    def open_again(self) -> None:
        self.store = self.opened("index")

    @precondition(lambda self: self.held)
    @rule()
    def equal_content_has_an_equal_version(self) -> None:
        other = self.opened(f"other-{len(list(Path(self.folder.name).iterdir()))}")
        added_to(other, dict(reversed(self.held.items())))
        assert other.version == self.store.version

    @precondition(lambda self: self.store.exists())
    @invariant()
    def it_holds_what_was_written(self) -> None:
        found = {c.id: (c.page_content, c.metadata["tenant"]) for c in self.store.all_chunks()}
        assert (found, self.store.size) == (self.held, len(self.held))

    @precondition(lambda self: self.store.exists())
    @rule(query=TEXTS, tenant=TENANTS)
    def search(self, query: str, tenant: object) -> None:
        wanted = {id_: text for id_, (text, of) in self.held.items() if same(of, tenant)}
        where = {"tenant": tenant}
        near = self.store.similarity_search_with_score(query, k=9, filter=where)
        assert {c.id: score for c, score in near} == pytest.approx(cosines(query, wanted), abs=1e-6)
        lexical = {c.id for c, _ in self.store.lexical_search(query, 9, where=where)}
        assert lexical == {id_ for id_, text in wanted.items() if shared(text, query)}
        hybrid = self.store.hybrid_search(query, 9, where=where)
        assert {c.id for c, _ in hybrid} == set(wanted)


def added_to(store: HybridVectorStore, chunks: Chunks) -> None:
    metadatas = [{"tenant": tenant} for _, tenant in chunks.values()]
    store.add_texts([text for text, _ in chunks.values()], metadatas, ids=list(chunks))


def same(tenant: object, wanted: object) -> bool:
    """Compare as a filter does, which tells texts from numbers and knows no truth values."""
    return tenant == wanted and isinstance(tenant, str) is isinstance(wanted, str)


def cosines(query: str, held: dict[str, str]) -> dict[str, float]:
    embeddings = KeywordEmbeddings(WORDS)
    asked = embeddings.embed_query(query)
    return {
        id_: sum(a * b for a, b in zip(asked, embeddings.embed_query(text), strict=True))
        for id_, text in held.items()
    }


def shared(text: str, query: str) -> set[str]:
    words = (set(said.casefold().split()) & {*WORDS, "not", "é"} for said in (text, query))
    return set.intersection(*words)


TestWrites = Writes.TestCase
TestWrites.settings = settings(max_examples=12, stateful_step_count=10)
