"""The shipped verifier reads numbers by what they mean, in three languages."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from graph_parts import passage
from number_rows import TOLD, Told

from app.models.line_reader import LineReader
from app.models.verifier import ReaderVerifier
from graphs.protocols import Claim

PASSED = 26
"""So many wrong ones are taken for right; most say a number that the passage lacks in any form."""


@pytest.fixture(scope="module")
def verifier() -> ReaderVerifier:
    return ReaderVerifier(LineReader())


def supported(verifier: ReaderVerifier, told: Told, claims: tuple[str, ...]) -> Iterator[str]:
    """Yield the claims that the passage is taken to support."""
    beside = [passage("a.md", told.passage)]
    found = verifier.verify(told.question, [Claim(claim) for claim in claims], beside)
    for claim, support in zip(claims, found, strict=True):
        if support.probability >= verifier.threshold:
            yield claim


@pytest.mark.parametrize("told", TOLD, ids=lambda told: told.question)
def test_a_right_number_is_supported_however_it_is_written(
    verifier: ReaderVerifier, told: Told
) -> None:
    assert tuple(supported(verifier, told, told.right)) == told.right


def test_few_wrong_numbers_are_supported(verifier: ReaderVerifier) -> None:
    assert sum(len(told.wrong) for told in TOLD) == 55
    passed = [claim for told in TOLD for claim in supported(verifier, told, told.wrong)]
    assert len(passed) <= PASSED, passed
