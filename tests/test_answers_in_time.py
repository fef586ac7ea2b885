"""Whatever a model loops into, or a client sends, is taken apart in seconds."""

import time

import pytest
from langchain_core.documents import Document

from graphs.citations import read_draft
from graphs.numbers import numbers

PASSAGE = Document("The mill opens at nine.", metadata={"document": "mill.md"})
SECONDS = 10.0  # of this process; what is mended here took minutes or for ever


@pytest.mark.parametrize(
    "answer",
    [
        f"({'[1]' * 200} say so",
        f"({' ' * 9000}[1]",
        "1" * 20_000,
        "x.[1] " * 3_300,
        "x [1] " * 3_300,
        f"{'|a' * 4_000}|\n{'|-' * 4_000}|\n{'|0|1' * 2_000}|",
        f"Use {'1' * 400}½ cups.",
        f"{'1' * 5_000} and a half",
        f"# {'1' * 5_000}\nIt opens.\n# {'1' * 5_000}2\nIt closes.",
    ],
    ids=[
        "brackets",
        "blanks",
        "digits",
        "ends",
        "markers",
        "columns",
        "fraction",
        "half",
        "heading",
    ],
)
def test_an_answer_of_one_kind_of_character_is_read_in_time(answer: str) -> None:
    start = time.process_time()
    assert read_draft(answer, "When does the mill open?", [PASSAGE]).claims is not None
    assert numbers(answer).all is not None
    assert time.process_time() - start < SECONDS
