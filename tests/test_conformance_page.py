"""The documented table of stores repeats what came of the tests."""

from __future__ import annotations

import conformance_table
from doc_parts import page

from app.provenance import digest, modules_behind


def test_the_newest_run_is_kept_with_its_code_and_tests() -> None:
    record = conformance_table.record(conformance_table.kept(), ["-k", "faiss"])
    assert record["command"] == "python tests/conformance_table.py -k faiss"
    assert set(record["data_sha256"]) == {"test_conformance.py", "index_parts.py"}
    assert record["code_sha256"] == digest(modules_behind("app.index.choice"))


def test_the_page_repeats_the_table_of_what_every_store_does() -> None:
    rows = conformance_table.rows(conformance_table.kept())
    assert len(rows) > 15
    assert "\n".join(rows) in page("stores")
