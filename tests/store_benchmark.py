"""Measure every store on one and the same index: `python tests/store_benchmark.py STEP DATA`.

    recall          200 questions about Redis over its documents: is the gold page among the first
                    ten chunks, and how many of them are the default's?
    latency         100 searches of an index of 10,000 chunks, and of one of 200,000: those of Redis
                    again and again, their words in another order and their vectors a little turned

Runs on the real engines that are installed (`make test-stores` installs them) and writes
tests/results/stores-STEP.json. DATA holds `redis/`.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from benchmark import redis_questions, unpack
from langchain_core.documents import Document
from langchain_core.embeddings import Embeddings
from store_parts import engine, installed
from tqdm import tqdm

from app.assistant import Assistant
from app.index.choice import open_index
from app.index.copying import copy_index
from app.index.store import HybridVectorStore
from app.index.vectors import Vectors
from app.provenance import published
from app.settings import Settings

RESULTS = Path(__file__).parent / "results"
KINDS = ("faiss", "postgresql", "qdrant", "chroma", "chroma server", "milvus", "milvus server")
SIZES = (10_000, 200_000)
MOST = dict.fromkeys(("qdrant", "chroma server", "milvus server"), 20_000)
"""Chunks that a store is given at most: its embedded engine should hold no more, as its makers say,
or it is the engine of another row behind a server."""
SEED = 17
K = 10
SEARCHES = 100
TURNED = 0.3  # length of what is added to a vector of length one
TOGETHER = 1_000  # chunks that are added at once
PACKAGES = ("groundtune", "faiss-cpu")


class Remembered(Embeddings):
    """Vectors of questions, embedded before the clock runs."""

    def __init__(self, embeddings: Embeddings, questions: Sequence[str]) -> None:
        self._vectors = {question: embeddings.embed_query(question) for question in questions}

    def embed_query(self, text: str) -> list[float]:
        return self._vectors[text]

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        raise NotImplementedError


def recall(data: Path) -> dict[str, Any]:
    """Tell of each store how often the gold page is found, and what else than by the default."""
    with tempfile.TemporaryDirectory() as scratch:
        assistant, asked = redis_index(data, Path(scratch))
        embeddings = Remembered(assistant.embeddings, [question for question, _ in asked])
        usual: list[set[str]] = []
        told = {}
        for kind, store, pace in stores(assistant, embeddings, Path(scratch)):
            found, waits = searched(store, [question for question, _ in asked])
            names = [{str(chunk.id) for chunk in chunks} for chunks in found]
            usual = usual or names
            hits = [
                page in {chunk.metadata["document"] for chunk in chunks}
                for chunks, (_, page) in zip(found, asked, strict=True)
            ]
            same = [len(one & other) / K for one, other in zip(usual, names, strict=True)]
            told[kind] = {
                f"recall@{K}": round(statistics.mean(hits), 4),
                "chunks of the default": round(statistics.mean(same), 4),
                **waits,
                "chunks written a second": pace,
            }
        return {"questions": len(asked), "chunks": assistant.store.size, "stores": told}


def latency(data: Path) -> dict[str, Any]:
    """Tell of each store how long a search takes among so many chunks."""
    with tempfile.TemporaryDirectory() as scratch:
        assistant, pairs = redis_index(data, Path(scratch) / "few")
        asked = [question for question, _ in pairs][:SEARCHES]
        embeddings = Remembered(assistant.embeddings, asked)
        sizes = {}
        for chunks in SIZES:
            folder = Path(scratch) / str(chunks)
            large = Assistant(Settings(index=folder / "index"))
            multiply(assistant, large.store, chunks)
            told = {}
            for kind, store, pace in stores(large, embeddings, folder):
                _, waits = searched(store, asked)
                told[kind] = {**waits, "chunks written a second": pace}
                print(chunks, kind, told[kind], flush=True)
            sizes[str(large.store.size)] = told
        return {"searches": len(asked), "stores by chunks": sizes}


def redis_index(data: Path, scratch: Path) -> tuple[Assistant, list[tuple[str, str]]]:
    """Index Redis's documents in a folder; returns questions with their pages too."""
    pages = unpack(data / "redis" / "documents.jsonl.gz", scratch / "pages")
    assistant = Assistant(Settings(index=scratch / "index"))
    assistant.ingest([scratch / "pages"], progress=True)
    commands = json.loads((data / "redis" / "commands.json").read_text(encoding="utf-8"))
    return assistant, redis_questions(commands, pages)


def multiply(few: Assistant, large: HybridVectorStore, chunks: int) -> None:
    """Write so many chunks that are like those of an index."""
    draw, noise = random.Random(SEED), np.random.default_rng(SEED)
    with few.store.snapshot() as snapshot, large.write() as writer:
        rows = snapshot.rows()
        known, vectors = snapshot.chunks(rows), snapshot.stored(rows)
        for begin in tqdm(range(0, chunks, TOGETHER), desc="making chunks", disable=None):
            drawn = [
                draw.randrange(len(known)) for _ in range(begin, min(begin + TOGETHER, chunks))
            ]
            made = [like(known[at], begin + place, draw) for place, at in enumerate(drawn)]
            writer.add(made, turned(vectors[drawn], noise))


def like(chunk: Document, number: int, draw: random.Random) -> Document:
    """Return a chunk of the same words in another order."""
    words = chunk.page_content.split()
    draw.shuffle(words)
    return Document(" ".join(words), id=f"chunk-{number}", metadata=chunk.metadata)


def turned(vectors: Vectors, noise: np.random.Generator) -> Vectors:
    """Turn each vector a little, in a direction of its own."""
    away = noise.standard_normal(vectors.shape).astype(np.float32)
    away *= TURNED / np.linalg.norm(away, axis=1, keepdims=True)
    moved: Vectors = vectors + away
    return moved / np.linalg.norm(moved, axis=1, keepdims=True)


def stores(
    source: Assistant, embeddings: Embeddings, scratch: Path
) -> Iterator[tuple[str, HybridVectorStore, int]]:
    """Yield each store with a copy of an index, and how many chunks a second were written."""
    folder = source.settings.index
    config = source.store.config
    yield "faiss", open_index("", folder, embeddings, config), 0
    for kind in KINDS[1:]:
        if not installed(kind):
            print(f"{kind} is left out: its package is not installed")
            continue
        if source.store.size > MOST.get(kind, math.inf):
            continue
        with engine(kind) as make:
            opened = make(scratch / kind.replace(" ", "-"))
            start = time.perf_counter()
            copied = copy_index(str(folder), opened.url, machine=opened.home)
            pace = round(copied.chunks / (time.perf_counter() - start))
            yield kind, open_index(opened.url, opened.home, embeddings, config), pace


def searched(
    store: HybridVectorStore, questions: Sequence[str]
) -> tuple[list[list[Document]], dict[str, float]]:
    """Search for each question; the first search, which opens the index, is not timed."""
    store.hybrid_search(questions[0], K)
    found, seconds = [], []
    for question in tqdm(questions, desc=store.place, disable=None):
        start = time.perf_counter()
        found.append([chunk for chunk, _ in store.hybrid_search(question, K)])
        seconds.append(time.perf_counter() - start)
    seconds.sort()
    middle, late = (seconds[int(share * len(seconds))] for share in (0.5, 0.95))
    return found, {"median ms": round(1000 * middle, 1), "p95 ms": round(1000 * late, 1)}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("step", choices=["recall", "latency"])
    parser.add_argument("data", type=Path)
    given = parser.parse_args()
    figures = {"recall": recall, "latency": latency}[given.step](given.data)
    record = {
        "command": f"python tests/store_benchmark.py {given.step} DATA",
        "figures": figures,
        **published(Assistant.__module__, data=[given.data / "redis"], packages=PACKAGES),
    }
    (RESULTS / f"stores-{given.step}.json").write_text(
        f"{json.dumps(record, indent=2)}\n", encoding="utf-8"
    )
    print(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
