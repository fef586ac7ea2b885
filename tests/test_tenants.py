"""Twenty tenants ask twenty thousand questions of one index, and find what is theirs alone."""

from __future__ import annotations

import random

import pytest
from langchain_core.documents import Document
from langchain_core.embeddings import DeterministicFakeEmbedding

from app.index.audience import label_of, labelled
from app.index.config import IndexConfig
from app.index.seen import SeenStore
from app.index.store import HybridVectorStore

TENANTS = [f"tenant {number}" for number in range(20)]
WORDS = [f"word{number}" for number in range(200)]
OF_EACH, QUESTIONS, K = 40, 1000, 3


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> HybridVectorStore:
    """An index of chunks of random words: some of one tenant, some of two, some of all."""
    drawn = random.Random(1)
    chunks = [
        Document(
            " ".join(drawn.choices(WORDS, k=12)),
            id=f"{tenant}/{number}",
            metadata=labelled({"tenant": tenant}, label_of(audience(tenant, number))),
        )
        for tenant in TENANTS
        for number in range(OF_EACH)
    ]
    config = IndexConfig(embedding_model="random", dimension=16, chunk_size=200, chunk_overlap=0)
    store = HybridVectorStore(
        tmp_path_factory.mktemp("tenants"), DeterministicFakeEmbedding(size=16), config
    )
    with store.write() as writer:
        for chunk in chunks:
            label = chunk.metadata.get("seen_by")
            writer.put_document(document=str(chunk.id), root="", sha256="", text="", seen_by=label)
        writer.add(chunks, store.embed_chunks(chunks))
    return store


def audience(tenant: str, number: int) -> list[str]:
    if number == 0:
        return ["*"]
    return [tenant, TENANTS[number % len(TENANTS)]] if number < 5 else [tenant]


def may_see(tenant: str, chunk: Document) -> bool:
    owner, _, number = str(chunk.id).partition("/")
    named = audience(owner, int(number))
    return tenant in named or "*" in named


@pytest.mark.parametrize("tenant", TENANTS)
def test_a_tenant_finds_no_chunk_of_another(whole: HybridVectorStore, tenant: str) -> None:
    view, drawn = SeenStore(whole, [tenant]), random.Random(tenant)
    questions = [" ".join(drawn.choices(WORDS, k=4)) for _ in range(QUESTIONS)]
    found = [chunk for question in questions for chunk, _ in view.hybrid_search(question, K)]
    assert len(found) == K * QUESTIONS
    assert all(may_see(tenant, chunk) for chunk in found)
    assert {str(chunk.id).partition("/")[0] for chunk in found} > {tenant}  # what others share too
    nearest = [chunk for question in questions[:9] for chunk, _ in whole.hybrid_search(question, K)]
    assert not all(may_see(tenant, chunk) for chunk in nearest)
