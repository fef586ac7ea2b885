"""What a claim is, and how pairs of them are said."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

ROWS = 8  # of a table in one passage
FORMS = ("{}", "{}", "{}", "{}.", "It is {}.", "The answer is {}.", "That would be {}.")


@dataclass(frozen=True)
class Claim:
    """A claim, what it replies to, and what it is checked against."""

    source: str
    kind: str
    question: str
    claim: str
    passage: str
    right: bool


def pair(
    source: str, kind: str, passage: str, right: tuple[str, str], wrong: tuple[str, str]
) -> Iterator[Claim]:
    yield Claim(source, kind, *right, passage, True)
    yield Claim(source, kind, *wrong, passage, False)
