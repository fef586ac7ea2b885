"""Find rows that say the same, however few of their words are their own.

Knows chats as texts; knows nothing of what a prompt is made of.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from datasketch import MinHash, MinHashLSH

from finetune.data.examples import Example, Kind

PERMUTATIONS = 64
SHINGLE = 3  # words
# MinHash only proposes pairs, which are then compared exactly. Asked a little below the threshold
# and to rather propose too many, it misses 1 pair in 100 that lies just at 0.8, not 64.
LEEWAY = 0.1
MISSES_COUNT = (0.1, 0.9)  # weights of false proposals and of misses

INSTRUCTION_SHARE = 0.01  # of all prompts: no question of its own stands in so many
INSTRUCTION_ROWS = 20  # the same for small data sets
FEWEST_INSTRUCTED = 3  # prompts of a kind, below which nothing can be told

Instructions = dict[Kind, frozenset[str]]

_WORD = re.compile(r"\w+")
_BLANK_LINE = re.compile(r"\n\s*\n")
_LABEL = re.compile(r"\s*\w+(?: \w+)?:\s+")  # "Question: ", which another form of prompt leaves out


@dataclass(frozen=True)
class Removed:
    """A row that was left out because another says the same."""

    id: str
    of: str
    """Id of the row that was kept."""
    similarity: float
    """Of the two parts that are least alike; 1 if all words are the same."""


@dataclass(frozen=True)
class _Parts:
    """What of two rows is compared with what."""

    shape: tuple[tuple[str, int], ...]
    """Kind and number of messages, then role and number of paragraphs of each."""
    texts: tuple[str, ...]
    """Paragraphs of the prompt, and the completion last."""


def remove_duplicates(
    examples: Sequence[Example], *, threshold: float = 0.8
) -> tuple[list[Example], list[Removed]]:
    """Keep the first of rows of a kind whose prompts and completions are as alike as `threshold`.

    Grounded prompts show the same passages to several questions, so no sum over a row's words
    tells whether it asks the same. Prompts are compared paragraph by paragraph, the completion by
    itself, and the least similar part decides: a row with another question, another passage or
    another answer stays, however long the rest. Similarity is Jaccard's over word triples.
    """
    index = MinHashLSH(
        threshold=max(threshold - LEEWAY, 0.1), num_perm=PERMUTATIONS, weights=MISSES_COUNT
    )
    unique: list[Example] = []
    kept_parts: list[_Parts] = []
    removed: list[Removed] = []
    for example, sketch in zip(examples, _sketches(examples), strict=True):
        parts = _parts(example)
        alike = [(_similarity(parts, kept_parts[at]), -at) for at in index.query(sketch)]
        similarity, at = max(alike, default=(0.0, 0))
        if alike and similarity >= threshold:
            removed.append(Removed(example.id, unique[-at].id, round(similarity, 3)))
            continue
        index.insert(len(unique), sketch)
        unique.append(example)
        kept_parts.append(parts)
    return unique, removed


def own_question(example: Example, instructions: Instructions) -> str:
    """Return what a row asks, in normalised words: the last paragraph that is no instruction.

    Of a prompt that holds nothing but instructions, the last paragraph.
    """
    paragraphs = _paragraphs(example.prompt[-1].content)
    shared = instructions.get(example.kind, frozenset())
    own = [paragraph for paragraph in paragraphs if normalised(paragraph) not in shared]
    return normalised(_LABEL.sub("", (own or paragraphs)[-1], count=1))


def instruction_paragraphs(examples: Iterable[Example]) -> Instructions:
    """Return, by kind, the paragraphs in which the prompts of that kind are alike.

    Those that stand in more than 1 % of all prompts and in 20 of that kind, or in half of that kind
    if it has fewer than 40. Copies of one prompt count once, lest a repeated row make its question
    an instruction.
    """
    prompts: dict[Kind, set[tuple[str, ...]]] = defaultdict(set)
    for example in examples:
        paragraphs = _paragraphs(example.prompt[-1].content)
        prompts[example.kind].add(tuple(normalised(paragraph) for paragraph in paragraphs))
    total = sum(len(of_kind) for of_kind in prompts.values())
    return {kind: _common(of_kind, total) for kind, of_kind in prompts.items()}


def normalised(text: str) -> str:
    """Return the words of a text, without case and punctuation; a text of none as it is."""
    return " ".join(_WORD.findall(unicodedata.normalize("NFKC", text).casefold())) or text.strip()


def _common(prompts: set[tuple[str, ...]], total: int) -> frozenset[str]:
    counts = Counter(paragraph for prompt in prompts for paragraph in set(prompt))
    few = min(INSTRUCTION_ROWS, max(FEWEST_INSTRUCTED, len(prompts) / 2))
    return frozenset(p for p, n in counts.items() if n >= few and n > INSTRUCTION_SHARE * total)


def _paragraphs(text: str) -> list[str]:
    return _BLANK_LINE.split(text.strip())


def _parts(example: Example) -> _Parts:
    paragraphs = [_paragraphs(message.content) for message in example.prompt]
    roles = [
        (message.role, len(of_message))
        for message, of_message in zip(example.prompt, paragraphs, strict=True)
    ]
    texts = [normalised(paragraph) for of_message in paragraphs for paragraph in of_message]
    return _Parts(
        shape=((str(example.kind), len(roles)), *roles),
        texts=(*texts, normalised(example.completion)),
    )


def _similarity(left: _Parts, right: _Parts) -> float:
    if left.shape != right.shape:
        return 0.0
    least = 1.0
    # From the end, where question and completion tell most pairs apart at once.
    for one, other in zip(reversed(left.texts), reversed(right.texts), strict=True):
        if one != other:
            least = min(least, _jaccard(_shingles(one), _shingles(other)))
        if least == 0:
            break
    return least


def _jaccard(left: frozenset[str], right: frozenset[str]) -> float:
    return len(left & right) / len(left | right)


@lru_cache(maxsize=4096)  # a row is compared with several, one after the other
def _shingles(text: str) -> frozenset[str]:
    words = text.split()
    return frozenset(
        " ".join(words[at : at + SHINGLE]) for at in range(max(1, len(words) - SHINGLE + 1))
    )


def _sketches(examples: Sequence[Example]) -> Iterable[MinHash]:
    """Sketch what tells rows apart, question and completion: few words, so many rows go fast."""
    instructions = instruction_paragraphs(examples)
    sets = (
        [
            shingle.encode(errors="surrogatepass")
            for text in (own_question(example, instructions), normalised(example.completion))
            for shingle in _shingles(text)
        ]
        for example in examples
    )
    sketches: Iterable[MinHash] = MinHash.generator(sets, num_perm=PERMUTATIONS, seed=1)
    return sketches
