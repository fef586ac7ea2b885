"""The documented table of stores repeats what came of the tests."""

from __future__ import annotations

import conformance_table
from doc_parts import page


def test_the_page_repeats_the_table_of_what_every_store_does() -> None:
    rows = conformance_table.rows(conformance_table.kept())
    assert len(rows) > 15
    assert "\n".join(rows) in page("stores")
