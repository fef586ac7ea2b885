"""The data contract: a JSON-lines file of chats whose last message is what the model should say.

Knows chats and what is needed to score them; knows nothing of where they come from.
"""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Iterable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import from_json

from finetune.data.foreign import rows_of
from finetune.errors import DataError, first_fault
from finetune.whole_files import write_whole


class Kind(StrEnum):
    """What an example teaches, and so how a reply to it is scored."""

    ANSWER = "answer"
    """Answer from the passages of the prompt, with the number of the passage."""
    REFUSAL = "refusal"
    """Say that the passages hold no answer."""
    GRADE = "grade"
    """Say whether a passage answers a question: yes or no."""
    REWRITE = "rewrite"
    """Make a question stand alone."""
    DIRECT = "direct"
    """Reply without documents."""
    RECORD = "record"
    """Reply with a JSON object that has the completion's keys."""
    REHEARSAL = "rehearsal"
    """Keep the base model's own distribution over these words; never scored."""


class Message(BaseModel):
    """One turn of a chat."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    role: Literal["system", "user", "assistant"]
    content: str = Field(min_length=1)


class Example(BaseModel):
    """One row: the model is trained on its last message, given those before it."""

    model_config = ConfigDict(frozen=True, extra="forbid", coerce_numbers_to_str=True)

    id: str = Field(min_length=1)
    messages: tuple[Message, ...] = Field(min_length=2)
    kind: Kind = Kind.DIRECT
    answers: tuple[str, ...] = ()
    """Every text that counts as right for an ANSWER; the completion's own text if empty."""
    citation: int | None = None
    """Number of the passage that holds the answer, counted from 1 as in the prompt."""
    source: str = ""
    """Document that the row was made from; rows of one source never fall into two splits."""
    further_sources: tuple[str, ...] = ()
    """Further documents that it was made from; a report tells where these are in two splits."""
    documents: tuple[str, ...] = ()
    """Documents whose text stands in the prompt."""
    group: str = ""
    """Chat that the row is a part of, where it has no source; no split tears it apart either."""

    @model_validator(mode="after")
    def _ends_with_the_completion(self) -> Self:
        if self.messages[-1].role != "assistant":
            raise ValueError(
                f"the last message is the {self.messages[-1].role}'s: the assistant's reply, which "
                "is what is trained, must come last"
            )
        return self

    @property
    def sources(self) -> tuple[str, ...]:
        """Every document that the row was made from."""
        return tuple(name for name in (self.source, *self.further_sources) if name)

    @property
    def prompt(self) -> tuple[Message, ...]:
        """What the model is given."""
        return self.messages[:-1]

    @property
    def completion(self) -> str:
        """What the model should say."""
        return self.messages[-1].content

    def prompt_chat(self) -> list[dict[str, str]]:
        """Return the prompt as chat templates take it."""
        return [message.model_dump() for message in self.prompt]


OWN = tuple(name for name in Example.model_fields if name not in ("id", "messages"))
"""Beside id and chat: a row that has one of these is in our own form."""


def read_examples(path: Path) -> list[Example]:
    """Read a JSON-lines file of examples, in our form, TRL's, Alpaca's or ShareGPT's.

    Raises DataError that names the first bad line.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(
            f"cannot read {path} as UTF-8 text ({error}): name a .jsonl file of chat examples"
        ) from error
    examples = [
        example
        for number, line in enumerate(lines, start=1)
        if line.strip()
        for example in _parsed(line, f"{path}:{number}", f"{path.stem}-{number}")
    ]
    if not examples:
        raise DataError(
            f'{path} holds no examples: expected {{"id", "messages": [...]}} on each line'
        )
    _check_unique(examples, path)
    return examples


def write_examples(path: Path, examples: Iterable[Example]) -> None:
    """Write examples so that `read_examples` reads the same back."""
    write_whole(path, "".join(f"{canonical(example)}\n" for example in examples))


def canonical(example: Example) -> str:
    """Write an example in the one form that the data set's version is computed from."""
    fields = example.model_dump(mode="json", exclude_defaults=True)
    return json.dumps(fields, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def dataset_version(examples: Iterable[Example]) -> str:
    """Return the SHA-256 of the canonical rows in the order of their ids."""
    digest = hashlib.sha256()
    for row in sorted(canonical(example) for example in examples):
        digest.update(f"{row}\n".encode(errors="surrogatepass"))
    return digest.hexdigest()


def split_by_source(
    examples: Sequence[Example], *, share: float, seed: int
) -> tuple[list[Example], list[Example]]:
    """Hold back whole sources until they make up `share` of the rows; returns (kept, held back).

    Rows without a source stand for their chat, or for themselves. Rehearsal is never held back.
    """
    source_of = {e.id: e.source or e.group or e.id for e in examples}
    sources = sorted({source_of[e.id] for e in examples if e.kind is not Kind.REHEARSAL})
    random.Random(seed).shuffle(sources)
    counts = dict.fromkeys(sources, 0)
    for example in examples:
        counts[source_of[example.id]] = counts.get(source_of[example.id], 0) + 1
    held, taken = set[str](), 0
    wanted = share * sum(counts[source] for source in sources)
    for source in sources:
        if taken + counts[source] / 2 <= wanted:
            held.add(source)
            taken += counts[source]
    rest = [e for e in examples if source_of[e.id] not in held]
    return rest, [e for e in examples if source_of[e.id] in held]


def _parsed(line: str, place: str, name: str) -> list[Example]:
    try:
        rows = list(rows_of(from_json(line), name, OWN))
    except ValueError as error:
        raise DataError(f"{place} is no JSON ({error}): expected an object on each line") from error
    return [_example(row, place) for row in rows]


def _example(row: Any, place: str) -> Example:
    try:
        return Example.model_validate_json(json.dumps(row))
    except ValidationError as error:
        raise DataError(
            f"{place} is no example ({first_fault(error)}): expected "
            '{"id", "messages": [{"role", "content"}, ...]} with the reply last, or rows as TRL, '
            "Alpaca or ShareGPT have them"
        ) from error


def _check_unique(examples: Sequence[Example], path: Path) -> None:
    seen: set[str] = set()
    for example in examples:
        if example.id in seen:
            raise DataError(f"{path}: the id {example.id!r} occurs twice: ids must be unique")
        seen.add(example.id)
