"""Find held-back rows whose words stood in training, and sources that stand in two splits."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from finetune.data.duplicates import (
    INSTRUCTION_ROWS,
    INSTRUCTION_SHARE,
    Instructions,
    instruction_paragraphs,
    normalised,
    own_question,
)
from finetune.data.examples import Example

NGRAM = 13  # words; what the authors of GPT-3 and most after them counted as leaked


@dataclass(frozen=True)
class Overlap:
    """A training row and a test row that share words of their own."""

    train_id: str
    test_id: str
    ngram: str
    """The first words that they share, without case and punctuation."""


class _Ngram(NamedTuple):
    words: str
    is_question: bool = False
    """Whether these are a whole short question and the turn before it."""


def contamination(train: Sequence[Example], test: Sequence[Example]) -> list[Overlap]:
    """Find the pairs of rows that share 13 words in a row, or a whole question of fewer words.

    Only what is a row's own counts: its question, which is the last paragraph of its prompt that is
    no instruction, and its completion. A question of fewer words counts with the turn before it,
    where a chat has one: "Continue." is no chat's own. Passages may be shown to both, for they are
    what is asked about, and so may words that stand in more than 1 % of the training rows and in
    more than 20, which are a form. Completions of fewer words are not compared: half the world was
    built in 1912. No n-gram spans question and completion. Kinds do not matter: a question that was
    graded in training has been seen. In the order of `test`, then of `train`.
    """
    instructions = instruction_paragraphs([*train, *test])
    rows_with = _index(train, instructions)
    overlaps = []
    for example in test:
        shared: dict[int, str] = {}
        for ngram in _ngrams(example, instructions):
            for at in rows_with.get(ngram, ()):
                shared.setdefault(at, ngram.words)
        first = {at: " ".join(shared[at].split()[:NGRAM]) for at in sorted(shared)}
        overlaps += [Overlap(train[at].id, example.id, words) for at, words in first.items()]
    return overlaps


def shared_sources(splits: Mapping[str, Sequence[Example]]) -> dict[str, tuple[str, ...]]:
    """Return the sources that rows of several splits were made from, with those splits' names."""
    names: dict[str, dict[str, None]] = defaultdict(dict)
    for name, examples in splits.items():
        for example in examples:
            for source in example.sources:
                names[source][name] = None
    return {
        source: tuple(split_names)
        for source, split_names in sorted(names.items())
        if len(split_names) > 1
    }


def _index(train: Sequence[Example], instructions: Instructions) -> dict[_Ngram, list[int]]:
    rows_with: dict[_Ngram, list[int]] = defaultdict(list)
    for at, example in enumerate(train):
        for ngram in dict.fromkeys(_ngrams(example, instructions)):
            rows_with[ngram].append(at)
    form = max(INSTRUCTION_ROWS, INSTRUCTION_SHARE * len(train))
    # A whole short question is its rows' own, however often it is asked.
    return {n: rows for n, rows in rows_with.items() if len(rows) <= form or n.is_question}


def _ngrams(example: Example, instructions: Instructions) -> Iterator[_Ngram]:
    question = own_question(example, instructions).split()
    whole = _Ngram(" ".join([*_replied_to(example), *question]), is_question=True)
    yield from _windows(question) or [whole]
    yield from _windows(normalised(example.completion).split())


def _replied_to(example: Example) -> list[str]:
    """Return the words of the turn before the last, which a system prompt is none of."""
    turns = [message.content for message in example.prompt if message.role != "system"]
    return normalised(turns[-2]).split() if len(turns) > 1 else []


def _windows(words: Sequence[str]) -> list[_Ngram]:
    return [_Ngram(" ".join(words[at : at + NGRAM])) for at in range(len(words) - NGRAM + 1)]
