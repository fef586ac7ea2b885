"""What every recipe reads and writes with."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from finetune.data.examples import Example

SEED = 13

Row = dict[str, Any]


def rows(path: Path) -> Iterator[Row]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def chat(id_: str, turns: Sequence[tuple[str, str]], **fields: Any) -> Example:
    messages = [{"role": role, "content": text} for role, text in turns]
    return Example.model_validate({"id": id_, "messages": messages, **fields})
