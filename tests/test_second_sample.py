"""The second sample holds what its questions ask for. Nothing may be tuned on it."""

from __future__ import annotations

from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from app.dataset.pairs import Pair, contains, read_pairs
from app.ingest.readers import read_file

SAMPLE = Path(__file__).parent / "second_sample"
DOCUMENTS = SAMPLE / "documents"
NAMES = sorted(
    file.relative_to(DOCUMENTS).as_posix() for file in DOCUMENTS.rglob("*") if file.is_file()
)
PAIRS = read_pairs(SAMPLE / "questions.jsonl")
COUNTS = {
    "answerable": 44,
    "two-document": 10,
    "follow-up": 10,
    "unanswerable": 12,
    "small-talk": 4,
}


@cache
def text(name: str) -> str:
    return read_file(DOCUMENTS / name).text


def test_questions_are_counted_by_kind() -> None:
    assert Counter(pair.kind for pair in PAIRS) == COUNTS
    assert len({pair.id for pair in PAIRS}) == len({pair.question for pair in PAIRS}) == 80
    assert sum(pair.id.startswith("yn-") for pair in PAIRS) == 9


@pytest.mark.parametrize("name", NAMES)
def test_every_document_is_read_whole_and_asked_about(name: str) -> None:
    assert read_file(DOCUMENTS / name).notes == ()
    assert 100 <= len(text(name).split()) <= 700
    assert any(name in pair.documents for pair in PAIRS)


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.id)
def test_the_first_answer_stands_in_a_document(pair: Pair) -> None:
    answered = pair.kind not in ("unanswerable", "small-talk")
    assert bool(pair.answers) == bool(pair.documents) == answered
    assert set(pair.documents) <= set(NAMES)
    assert bool(pair.history) == (pair.kind == "follow-up")
    assert (len(pair.documents) == 2) >= (pair.kind == "two-document")
    if answered:
        holding = [name for name in pair.documents if pair.answers[0] in text(name)]
        assert holding
        assert any(contains(text(name), pair.answers[0]) for name in holding)
