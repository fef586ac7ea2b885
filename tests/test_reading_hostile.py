"""Small files that unfold to huge ones end in one line, and odd ones take no time."""

import time
from pathlib import Path

import pytest
from file_parts import odf_bytes
from reading_parts import chunks_of, read

from app.ingest.readers import UnreadableFile

BOMB = "a0: &a0 ['', '']\n" + "".join(
    f"a{at}: &a{at} [{', '.join([f'*a{at - 1}'] * 10)}]\n" for at in range(1, 12)
)
CELL = (
    '<table:table-cell table:number-columns-repeated="1000"><text:p>x</text:p></table:table-cell>'
)
ROW = f'<table:table-row table:number-rows-repeated="1000">{CELL}</table:table-row>'


def sheet(rows: str) -> bytes:
    return odf_bytes("ods", f'<table:table table:name="S">{rows}</table:table>')


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.yaml", BOMB, "repeats its parts to more than"),
        ("a.csv", "x\n" * 100_000 + "," * 1000 + "y", "has a sheet of more than 5,000,000 cells"),
        ("a.ods", sheet(ROW * 6), "has a sheet of more than 5,000,000 cells"),
    ],
)
def test_a_file_that_unfolds_to_a_huge_one_is_refused_at_once(
    tmp_path: Path, name: str, content: str | bytes, reason: str
) -> None:
    start = time.perf_counter()
    with pytest.raises(UnreadableFile, match=reason):
        read(tmp_path, name, content)
    assert time.perf_counter() - start < 20


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", "ada@example.org\n" * 20_000),
        ("a.html", "<h1>Pages</h1>" + "<ul><li><a href=x>a</a>" * 1500),
        ("a.md", "\n".join(f"{' ' * at}- an item" for at in range(300))),
    ],
)
def test_long_and_deep_lists_are_read_in_a_moment(tmp_path: Path, name: str, content: str) -> None:
    start = time.perf_counter()
    chunks = chunks_of(read(tmp_path, name, content))
    assert chunks
    assert max(len(chunk.metadata.get("header") or "") for chunk in chunks) < 2000
    assert time.perf_counter() - start < 20
