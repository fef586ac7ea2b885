"""Score citations by ALCE's rules, given a judge of entailment; knows no model and no index.

Gao et al., "Enabling Large Language Models to Generate Text with Citations", EMNLP 2023, eval.py.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

Entails = Callable[[str, str], bool]
"""Whether a text (first) supports a claim (second)."""


@dataclass(frozen=True)
class CitationScores:
    """How well an answer's sentences are cited, each 0 to 1."""

    recall: float
    """Share of sentences that their citations together support; without citations none."""
    precision: float
    """Share of citations that are needed; 0 where nothing is cited."""


def score_citations(
    claims: Sequence[tuple[str, Sequence[int]]], passages: Sequence[str], entails: Entails
) -> CitationScores:
    """Score (sentence, cited passages) pairs; passages count from 0, a number beyond them is wrong.

    A citation counts as precise if its passage alone supports the sentence, or the others do not
    without it; in a sentence that is not supported none does. No sentence scores 0.
    """
    supported = precise = cited = 0
    for claim, numbers in claims:
        if not numbers or any(not 0 <= number < len(passages) for number in numbers):
            continue
        texts = [passages[number] for number in numbers]
        cited += len(texts)
        if entails("\n".join(texts), claim):
            supported += 1
            precise += sum(_needed(at, texts, claim, entails) for at in range(len(texts)))
    recall = supported / len(claims) if claims else 0.0
    return CitationScores(recall, precise / cited if cited else 0.0)


def _needed(at: int, texts: Sequence[str], claim: str, entails: Entails) -> bool:
    others = [*texts[:at], *texts[at + 1 :]]
    return not others or entails(texts[at], claim) or not entails("\n".join(others), claim)
