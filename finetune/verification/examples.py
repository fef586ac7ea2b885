"""What the reader learns from: queries, and the spans of lines that answer them.

A JSON-lines file of rows, as the data contract of chats is; rows of one source stay in one split.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from finetune.errors import DataError, first_fault

HELD = 15  # per cent of the sources
NOWHERE = (-1, -1)


class ReadingExample(BaseModel):
    """A query and the lines that are read for it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(min_length=1)
    source: str
    """Document that the row was made from."""
    query: str
    """A question, a statement with a blank, or both."""
    lines: str
    answer: tuple[int, int]
    """Span of the lines; NOWHERE says that none answers."""

    @property
    def split(self) -> Literal["train", "held"]:
        """Where the row's source belongs."""
        return split_of(self.source)


def split_of(source: str) -> Literal["train", "held"]:
    """Tell the split of a source by its hash, the same for every kind of row."""
    digest = hashlib.sha256(source.encode()).hexdigest()
    return "held" if int(digest, 16) % 100 < HELD else "train"


def read_rows(path: Path) -> Iterator[ReadingExample]:
    """Read a file of rows; raises DataError that names the first bad line."""
    with path.open(encoding="utf-8") as file:
        for number, line in enumerate(file, start=1):
            try:
                yield ReadingExample.model_validate_json(line)
            except ValidationError as error:
                raise DataError(f"{path}:{number}: {first_fault(error, 'line')}") from error


def write_rows(path: Path, examples: Iterable[ReadingExample]) -> None:
    """Write rows so that `read_rows` reads the same back."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as file:
        file.writelines(f"{row.model_dump_json()}\n" for row in examples)
