"""Hold every store to the behaviours that all must show, and keep what came of it as a table.

`python tests/conformance_table.py` runs tests/test_conformance.py on every store whose package is
installed, and keeps the outcomes in tests/results/conformance.json and as a table in the docs.
Arguments are handed to pytest: `-k faiss` runs one store, and what did not run stays as it was.
Columns that say "stand-in" show that our side speaks to a store's real client.
"""

from __future__ import annotations

import json
import re
import sys
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from app.provenance import published

TESTS = Path(__file__).parent
RESULTS = TESTS / "results" / "conformance.json"
PAGE = TESTS.parent / "docs" / "stores.md"
STORES = {
    "faiss": "FAISS, SQLite",
    "postgresql": "PostgreSQL",
    "qdrant": "Qdrant, embedded",
    "chroma": "Chroma, embedded",
    "chroma server": "Chroma, server",
    "milvus": "Milvus Lite",
    "milvus server": "Milvus Lite, server",
    "pinecone": "Pinecone, stand-in",
    "weaviate": "Weaviate, stand-in",
}
PACKAGES = ("faiss-cpu", "groundtune")
WRITTEN = re.compile(r"^\| behaviour \|.*(?:\n\|.*)*", re.MULTILINE)
OUTCOMES = {"passed": "yes", "failed": "no"}

Table = dict[str, dict[str, str]]
"""What came of each behaviour, by store."""


class Recorder:
    """Note what comes of each behaviour on each store."""

    def __init__(self) -> None:
        self.table: defaultdict[str, dict[str, str]] = defaultdict(dict)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note a test's outcome; one that holds otherwise says so by a property."""
        named = re.search(r"::test_(\w+)\[([^]]+)\]$", report.nodeid)
        if named is None or report.skipped or (report.when != "call" and report.passed):
            return
        case, _, variant = named[2].partition("-")
        behaviour = named[1].replace("_", " ") + (f" ({variant})" if variant else "")
        instead = dict(report.user_properties).get("instead")
        self.table[behaviour][case] = str(instead or OUTCOMES[report.outcome])


def kept() -> Table:
    """Return the table as it was kept."""
    table: Table = json.loads(RESULTS.read_text())["figures"] if RESULTS.exists() else {}
    return table


def record(table: Table, arguments: Sequence[str]) -> dict[str, Any]:
    """Return the table with what its newest run is to be repeated with."""
    tests = [TESTS / "test_conformance.py", TESTS / "index_parts.py"]
    return {
        "command": " ".join(["python tests/conformance_table.py", *arguments]),
        "figures": table,
        **published("app.index.choice", data=tests, packages=PACKAGES),
    }


def rows(table: Table) -> list[str]:
    """Write the table in Markdown; a behaviour that did not run on a store is named so."""
    lines = [f"| behaviour | {' | '.join(STORES.values())} |", "|---" * (len(STORES) + 1) + "|"]
    for behaviour, found in table.items():
        cells = " | ".join(found.get(store, "not run") for store in STORES)
        lines.append(f"| {behaviour} | {cells} |")
    return lines


def main() -> int:
    """Run, and keep what came of it."""
    recorder = Recorder()
    code = pytest.main([str(TESTS / "test_conformance.py"), *sys.argv[1:]], plugins=[recorder])
    table = kept()
    for behaviour, found in recorder.table.items():
        table[behaviour] = {**table.get(behaviour, {}), **found}
    RESULTS.write_text(json.dumps(record(table, sys.argv[1:]), indent=1) + "\n")
    PAGE.write_text(WRITTEN.sub(lambda _: "\n".join(rows(table)), PAGE.read_text()))
    return code


if __name__ == "__main__":
    sys.exit(main())
