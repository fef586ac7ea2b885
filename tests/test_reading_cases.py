"""Facts of small real-looking files reach the model whole: one case a line in expected.jsonl.

python tests/test_reading_cases.py [FOLDER]   prints which cases of a folder hold
"""

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest
from index_parts import bring, open_store
from langchain_core.documents import Document
from reading_parts import shown_of

CASES = Path(__file__).parent / "reading"


def cases(folder: Path) -> list[dict[str, Any]]:
    lines = (folder / "expected.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def ingested(file: Path, scratch: Path) -> tuple[list[Document], dict[str, list[str]]]:
    """Return the chunks of a file as they come out of the index, and what was not read of it."""
    store = open_store(scratch / "index", chunk_size=800, chunk_overlap=100)
    report = bring(store, file, max_bytes=50_000_000)
    return store.all_chunks(), report.partly


def missing(case: dict[str, Any], chunks: list[Document]) -> list[str]:
    """Return what is wrong with a case: facts that stand apart, and text that is not valid."""
    shown = shown_of(chunks)
    wanted = [" ".join(part.split()) for part in case["together"]]
    together = any(all(part in text for part in wanted) for text in shown)
    invalid = [part for part in case.get("never_valid", []) if any(part in text for text in shown)]
    return ([] if together else [f"not together: {wanted}"]) + invalid


@pytest.fixture(scope="module")
def huge_cell(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("csv") / "huge-cell.csv"
    words = "word " * 40_000
    file.write_text(f'id,note\n1,"{words}"\n2,short note about the blue crane\n')
    return file


@pytest.mark.parametrize("case", cases(CASES), ids=lambda case: f"{case['file']} {case['kind']}")
def test_facts_stand_together(case: dict[str, Any], tmp_path: Path, huge_cell: Path) -> None:
    file = huge_cell if case["file"].endswith(huge_cell.name) else CASES / case["file"]
    chunks, partly = ingested(file, tmp_path)
    assert missing(case, chunks) == []
    if case["kind"] == "one bad line":
        texts = " ".join(chunk.page_content for chunk in chunks)
        assert "Ana" in texts
        assert "Cy" in texts
        assert partly == {file.name: ["line 2 column 21, which is not valid JSON"]}


def test_all_cases_are_looked_at() -> None:
    assert len(cases(CASES)) == 22


def print_cases(folder: Path) -> None:
    held = 0
    for case in cases(folder):
        with tempfile.TemporaryDirectory() as scratch:
            try:
                wrong = missing(case, ingested(folder / case["file"], Path(scratch))[0])
            except Exception as error:
                wrong = [repr(error)]
        held += not wrong
        print(f"{'holds' if not wrong else 'FAILS'} {case['file']} ({case['kind']}) {wrong or ''}")  # noqa: T201
    print(f"{held} of {len(cases(folder))}")  # noqa: T201


if __name__ == "__main__":
    print_cases(Path(sys.argv[1]) if sys.argv[1:] else CASES)
