"""Read question–answer pairs and find the chunk of the index that holds each answer."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Self, TypeVar

from langchain_core.documents import Document
from langchain_core.messages import BaseMessage, HumanMessage, convert_to_messages
from pydantic import ConfigDict, model_validator

from app.batch_rows import Turn
from app.jsonl import Identified, read_rows
from finetune.evaluation.scores import record
from graphs.follow_up import Turns, asked_before_follow_up, turns_before
from graphs.layout import CITED
from graphs.text import content

T = TypeVar("T")
PairKind = Literal[
    "answerable", "two-document", "follow-up", "format", "unanswerable", "small-talk"
]


class Pair(Identified):
    """One line of a question file: what is asked, what is right, and which documents say so."""

    model_config = ConfigDict(coerce_numbers_to_str=True, frozen=True)

    question: str
    answers: tuple[str, ...] = ()
    """Accepted answers; the first is the one that is trained, and stands in a document verbatim."""
    documents: tuple[str, ...] = ()
    """Documents that are needed, as the index names them."""
    kind: PairKind = "answerable"
    """What is asked for; of "format" each answer is a JSON object of texts."""
    revised_answers: tuple[str, ...] = ()
    """Accepted answers once the documents have changed, where they then differ."""
    history: tuple[Turn, ...] = ()
    standalone: str = ""
    """A follow-up's question in full, where a person wrote it."""
    reply: str = ""
    """What is trained where it is more than the answer, as "No, it closes at 18:00 [1]."

    `[1]` is the first of `documents`; of a two-document question `[2]` is the second."""

    split: Literal["train", "test"] | None = None
    """Whether it is for training or to be asked; None leaves that to a split by document."""

    @model_validator(mode="after")
    def _cites_its_documents(self) -> Self:
        known = len(self.documents) if self.kind == "two-document" else min(1, len(self.documents))
        beyond = [number for number in CITED.findall(self.reply) if not 0 < int(number) <= known]
        if beyond:
            raise ValueError(
                f"the reply cites [{beyond[0]}], but there are {known} documents that it can cite: "
                "[1] is the first of `documents`, [2] the second of a two-document question's"
            )
        return self

    def answered_by(self, text: str, answer: str) -> bool:
        """Tell whether a text holds an answer, of a record each of its texts."""
        parts = record(answer) if self.kind == "format" else None
        return all(contains(text, part) for part in (parts.values() if parts else [answer]))

    @property
    def messages(self) -> list[BaseMessage]:
        """The conversation, which the question ends."""
        said = convert_to_messages([(turn.role, turn.content) for turn in self.history])
        return [*said, HumanMessage(self.question)]

    @property
    def turns(self) -> Turns:
        """What was said before the question, as the workflow reads it."""
        return turns_before(self.messages)

    @property
    def before(self) -> str:
        """What was asked before a question that cannot stand alone, as the workflow reads it."""
        return asked_before_follow_up(self.turns, self.question)

    @property
    def asked(self) -> str:
        """The question behind what was asked before it, as the workflow searches and grades."""
        return f"{self.before} {self.question}".strip()

    @property
    def searched(self) -> str:
        """The question in full: as a person wrote it, else behind what was asked before it."""
        return self.standalone or self.asked

    @property
    def source(self) -> str:
        """What a split draws by."""
        return self.documents[0] if self.documents else self.id

    @property
    def sources(self) -> frozenset[str]:
        """All that it is about, of which two splits share nothing."""
        return frozenset(self.documents or (self.id,))


@dataclass(frozen=True)
class Grounded:
    """A pair with the chunks that are needed to answer it; the first holds the answer."""

    pair: Pair
    answer: str
    gold: tuple[Document, ...]


def read_pairs(path: Path) -> list[Pair]:
    """Read a JSON-lines file of pairs; raises UserError that names the first bad line."""
    return read_rows(
        path, Pair, expected='{"id", "question", "answers", "documents", "kind"?, "history"?}'
    )


def by_document(chunks: Iterable[Document]) -> dict[str, list[Document]]:
    """Group chunks by their document, in reading order."""
    grouped: dict[str, list[Document]] = {}
    for chunk in sorted(chunks, key=lambda chunk: int(chunk.metadata["start"])):
        grouped.setdefault(str(chunk.metadata["document"]), []).append(chunk)
    return grouped


def ground(pair: Pair, chunks: Mapping[str, Sequence[Document]]) -> Grounded | str:
    """Find the chunks that answer a pair, or say in a few words why there are none."""
    unknown = [name for name in pair.documents if name not in chunks]
    if unknown:
        return f"the index holds no document {unknown[0]!r}"
    if not pair.answers or not pair.documents:
        return "no answer or no document is given"
    for answer in pair.answers:
        holding = [
            chunk
            for name in pair.documents
            for chunk in chunks[name]
            if pair.answered_by(chunk.page_content, answer)
        ]
        if holding:
            gold = max(holding, key=lambda chunk: shared_words(pair.searched, chunk.page_content))
            return Grounded(pair, answer, (gold, *_other_documents(pair, gold, chunks)))
    return f"{pair.answers[0]!r} does not stand in {', '.join(pair.documents)} word for word"


def grounded_pairs(pairs: Iterable[Pair], chunks: Iterable[Document]) -> list[Grounded]:
    """Return the pairs that chunks answer, each with these; the others are left out."""
    grouped = by_document(chunks)
    found = (ground(pair, grouped) for pair in pairs)
    return [one for one in found if isinstance(one, Grounded)]


def _other_documents(
    pair: Pair, gold: Document, chunks: Mapping[str, Sequence[Document]]
) -> list[Document]:
    """Of each other document that a two-document question needs, the chunk nearest to it."""
    if pair.kind != "two-document":
        return []  # elsewhere they are documents that say the same
    others = [name for name in pair.documents if name != gold.metadata["document"]]
    return [
        max(chunks[n], key=lambda chunk: shared_words(pair.searched, chunk.page_content))
        for n in others
    ]


def contains(text: str, answer: str) -> bool:
    """Tell whether a text holds an answer as whole words and numbers: 18:30 holds no 8.

    Letter case and spacing aside. Scripts without capitals, as Chinese, are written without spaces
    too: there an answer may stand inside other words.
    """
    return bool(answer.strip()) and re.search(standing(answer), text.casefold()) is not None


def standing(answer: str) -> str:
    """Return the pattern of an answer as it stands in a text without capitals; see `contains`."""
    words = answer.casefold().split()
    spaced = r"\s+".join(map(re.escape, words))
    return _edge(words[0][0], "<!") + spaced + _edge(words[-1][-1], "!")


def _edge(character: str, look: str) -> str:
    """Return what must not stand beside an answer that begins or ends with this character."""
    if character.isdigit():
        number = r"\d[.,:]" if look == "<!" else r"[.,:]\d"
        return rf"(?{look}[^\W_])(?{look}{number})"
    return rf"(?{look}[^\W_])" if character.upper() != character.lower() else ""


def shared_words(question: str, text: str) -> int:
    """Count the different words of a question that a text has too, the empty ones aside."""
    return len(set(content(question)) & set(content(text)))


def hold_out(pairs: Sequence[Pair], *, share: float, seed: int) -> tuple[list[Pair], list[Pair]]:
    """Return (pairs to train on, pairs to ask) as the pairs say, else split by document.

    Where some pairs say it, those that do not are left out.
    """
    if not any(pair.split for pair in pairs):
        return split_pairs(pairs, share=share, seed=seed)
    kept, held = ([p for p in pairs if p.split == name] for name in ("train", "test"))
    return kept, held


def without_split(pairs: Sequence[Pair]) -> list[Pair]:
    """Return the pairs that are left out of both parts, because only others say their split."""
    return [p for p in pairs if p.split is None] if any(p.split for p in pairs) else []


def split_pairs(pairs: Sequence[Pair], *, share: float, seed: int) -> tuple[list[Pair], list[Pair]]:
    """Hold back whole documents' pairs until they make up `share`; returns (kept, held back).

    A pair about a document that is held back and one that kept pairs are about is in neither.
    """
    drawn = _drawn(pairs, share=share, seed=seed)
    kept = [pair for pair in pairs if not pair.sources & drawn]
    taught = about(kept)
    held = [pair for pair in pairs if pair.sources & drawn and not pair.sources & taught]
    return kept, held


def about(pairs: Iterable[Pair]) -> frozenset[str]:
    """Return all that pairs are about."""
    return frozenset(source for pair in pairs for source in pair.sources)


def _drawn(pairs: Sequence[Pair], *, share: float, seed: int) -> set[str]:
    """Draw documents until the pairs that name one of them first make up `share`.

    One that too many others name is passed over: holding it back takes these out of what is kept.
    """
    counts = Counter(pair.source for pair in pairs)
    named = Counter(source for pair in pairs for source in pair.sources)
    sources = sorted(counts)
    random.Random(seed).shuffle(sources)
    held: set[str] = set()
    taken, wanted = 0, share * len(pairs)
    for source in sources:
        half = counts[source] / 2
        if taken + half <= wanted and named[source] - half <= wanted:
            held.add(source)
            taken += counts[source]
    return held


def spread(rows: Sequence[T], count: int) -> list[T]:
    """Take at most `count` rows at equal distances, so that every kind is among them."""
    step = max(1.0, len(rows) / count)
    return [rows[int(at * step)] for at in range(min(count, len(rows)))]
