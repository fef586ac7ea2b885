"""Index the Redis pages by one process, then by two workers of Ray: chunks a second of both.

`python tests/engine_benchmark.py DATA [PAGES]` writes tests/results/engines.json. DATA holds
`redis/`; PAGES are how many of its pages are indexed (all, if left out). The workers are two nodes
of one processor each, on this machine; their time includes loading the embedding model, which one
process has loaded.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmark import unpack

from app.assistant import Assistant
from app.ingest.engines import EngineName
from app.provenance import published
from app.settings import Settings

RESULT = Path(__file__).parent / "results" / "engines.json"
WARMING = 8  # pages that each engine indexes before its clock starts
PACKAGES = ("groundtune", "ray", "torch")


@contextmanager
def cluster(folder: Path) -> Iterator[None]:
    """Run a head that does no work and two nodes of one processor each."""
    os.environ |= {"RAY_TMPDIR": str(folder), "RAY_USAGE_STATS_ENABLED": "0"}
    from ray.cluster_utils import Cluster

    head = {"num_cpus": 0, "include_dashboard": False}
    running = Cluster(initialize_head=True, head_node_args=head)
    for _ in range(2):
        running.add_node(num_cpus=1)
    os.environ["RAY_ADDRESS"] = running.address
    try:
        yield
    finally:
        running.shutdown()


def measured(engine: EngineName, pages: list[Path], index: Path) -> tuple[dict[str, Any], Any]:
    """Return how fast an engine indexed pages, and the ids and texts that it made."""
    assistant = Assistant(Settings(index=index))
    assistant.ingest(pages[:WARMING], engine=engine)
    start = time.perf_counter()
    report = assistant.ingest(pages[WARMING:], engine=engine, progress=True)
    seconds = time.perf_counter() - start
    made = [
        (chunk.id, chunk.page_content, chunk.metadata) for chunk in assistant.store.all_chunks()
    ]
    figures = {
        "chunks": report.embedded,
        "seconds": round(seconds, 1),
        "chunks a second": round(report.embedded / seconds, 1),
    }
    return figures, made


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("pages", type=int, nargs="?")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="ray") as name:
        scratch = Path(name)
        unpack(given.data / "redis" / "documents.jsonl.gz", scratch / "pages")
        pages = sorted((scratch / "pages").rglob("*.md"))[: given.pages]
        one, alone = measured("local", pages, scratch / "one")
        with cluster(scratch):
            many, together = measured("ray", pages, scratch / "many")
    record = {
        "command": f"python tests/engine_benchmark.py DATA {given.pages or ''}".strip(),
        "pages": len(pages),
        "one process": one,
        "two workers of Ray": many,
        "same ids, texts and metadata": alone == together,
        **published(Assistant.__module__, data=[given.data / "redis"], packages=PACKAGES),
    }
    RESULT.write_text(f"{json.dumps(record, indent=2)}\n", encoding="utf-8")
    print(json.dumps(record, indent=2))


if __name__ == "__main__":
    main()
