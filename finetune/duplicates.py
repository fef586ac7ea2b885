"""Find rows that say the same, and test rows whose words stood in training."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from datasketch import MinHash, MinHashLSH

from finetune.examples import Example

PERMUTATIONS = 64
SHINGLE = 3  # words
NGRAM = 13  # words; what GPT-3's authors and most after them counted as leaked
_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Duplicate:
    """A row that was left out because another says the same."""

    id: str
    of: str
    similarity: float
    """Jaccard similarity of the rows' word triples."""


@dataclass(frozen=True)
class Overlap:
    """A test row that shares words with a training row."""

    test: str
    train: str
    words: str


def particular(example: Example) -> str:
    """Return what is a row's own: the end of its question and its completion.

    Grounded prompts show the same passages to several questions; those alone make no duplicates.
    """
    question = example.prompt[-1].content.rstrip().rpartition("Question:")[2]
    return f"{question} {example.completion}"


def remove_duplicates(
    examples: Sequence[Example], *, threshold: float = 0.8
) -> tuple[list[Example], list[Duplicate]]:
    """Keep the first of rows that are as similar as `threshold`, in their own words and whole."""
    index = MinHashLSH(threshold=threshold, num_perm=PERMUTATIONS)
    kept: dict[str, Example] = {}
    removed: list[Duplicate] = []
    for example in examples:
        sketch = _sketch(_shingles(f"{example.kind} {particular(example)}"))
        twin = next(_twins(example, [kept[k] for k in index.query(sketch)], threshold), None)
        if twin is None:
            index.insert(example.id, sketch)
            kept[example.id] = example
        else:
            removed.append(twin)
    return list(kept.values()), removed


def _twins(
    example: Example, candidates: Sequence[Example], threshold: float
) -> Iterator[Duplicate]:
    own, whole = _shingles(particular(example)), _shingles(_text(example))
    for other in sorted(candidates, key=lambda candidate: candidate.id):
        alike = min(
            _jaccard(own, _shingles(particular(other))), _jaccard(whole, _shingles(_text(other)))
        )
        if other.kind is example.kind and alike >= threshold:
            yield Duplicate(example.id, other.id, round(alike, 3))


def contamination(train: Sequence[Example], test: Sequence[Example]) -> list[Overlap]:
    """Find test rows that share 13 words in a row, or a whole shorter question, with training.

    Only what is a row's own counts, see `particular`; passages may be shown to both.
    """
    seen: dict[str, str] = {}
    for example in train:
        for words in _ngrams(example):
            seen.setdefault(words, example.id)
    found = []
    for example in test:
        shared = next((words for words in _ngrams(example) if words in seen), None)
        if shared is not None:
            found.append(Overlap(example.id, seen[shared], shared))
    return found


def _ngrams(example: Example) -> Iterator[str]:
    words = _WORD.findall(particular(example).casefold())
    for at in range(max(1, len(words) - NGRAM + 1)):
        yield f"{example.kind}: {' '.join(words[at : at + NGRAM])}"


def _text(example: Example) -> str:
    return " ".join(message.content for message in example.messages)


def _shingles(text: str) -> set[str]:
    words = _WORD.findall(text.casefold())
    return {" ".join(words[at : at + SHINGLE]) for at in range(max(1, len(words) - SHINGLE + 1))}


def _sketch(shingles: set[str]) -> MinHash:
    sketch = MinHash(num_perm=PERMUTATIONS, seed=1)
    sketch.update_batch([shingle.encode() for shingle in sorted(shingles)])
    return sketch


def _jaccard(left: set[str], right: set[str]) -> float:
    return len(left & right) / len(left | right)
