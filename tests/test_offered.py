"""Questions that a page offers are drawn from a few chunks, and keep nobody else waiting."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path
from threading import Event
from types import SimpleNamespace
from typing import Any

import pytest
from index_parts import bring, open_store, write_files

from app.assistant import Assistant
from app.index.generation import Generation
from app.index.store import HybridVectorStore
from app.serving import examples
from app.serving.documents import Documents
from app.serving.examples import CHUNKS, Examples, drawn

THREADS = 32  # most that Python's own pool has


@pytest.fixture
def store(tmp_path: Path) -> HybridVectorStore:
    """An index of more chunks than are asked about."""
    texts = {f"{number}.txt": f"alpha {number}" for number in range(3 * CHUNKS)}
    store = open_store(tmp_path / "index")
    bring(store, write_files(tmp_path / "docs", texts))
    return store


@pytest.mark.parametrize("count", [0, 1, CHUNKS, 3 * CHUNKS])
def test_the_chunks_are_those_that_a_draw_from_all_gives(tmp_path: Path, count: int) -> None:
    store = open_store(tmp_path / "index")
    texts = {f"{number}.txt": f"alpha {number}" for number in range(count)}
    bring(store, write_files(tmp_path / "docs", {**texts, "last.txt": "beta"}))
    whole = store.all_chunks()
    expected = random.Random(store.version).sample(whole, min(CHUNKS, count + 1))
    assert drawn(store) == expected


def test_no_other_chunks_are_read(
    store: HybridVectorStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, chunks = [], Generation.chunks

    def noted(self: Generation, rows: Any) -> Any:
        read.append(len(rows))
        return chunks(self, rows)

    monkeypatch.setattr(Generation, "chunks", noted)
    Examples().questions(seeing(store))
    assert max(read) == CHUNKS


async def test_many_who_wait_for_questions_hold_one_thread_only(
    store: HybridVectorStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = Event()

    def slowly(*_: Any, **__: Any) -> Any:
        made.wait(30)
        return SimpleNamespace(questions=())

    monkeypatch.setattr(examples, "generate_questions", slowly)
    routes: Any = Documents(None, Examples(), lambda user: seeing(store))  # type: ignore[arg-type]
    asking = [
        asyncio.create_task(routes.examples(SimpleNamespace(user=None))) for _ in range(2 * THREADS)
    ]
    try:
        await asyncio.sleep(0.2)
        await asyncio.wait_for(asyncio.to_thread(int), 5)
    finally:
        made.set()
    assert {reply.body for reply in await asyncio.gather(*asking)} == {b"[]"}


def seeing(store: HybridVectorStore) -> Any:
    """Return what the examples ask of an assistant, over this index."""
    assistant: Any = SimpleNamespace(store=store)
    assistant.roots = lambda: Assistant.roots(assistant)
    assistant.search = lambda question, k: Assistant.search(assistant, question, k)
    return assistant
