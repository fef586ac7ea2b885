"""What every recipe reads and writes with."""

from __future__ import annotations

import argparse
import csv
import gzip
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from finetune.data.examples import Example
from finetune.verification.examples import split_of

SEED = 13

Row = dict[str, Any]


def rows(path: Path) -> Iterator[Row]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def kept_rows(file: Path, make: Callable[[], Iterable[Row]]) -> list[Row]:
    """Make rows and keep them in a file, or read those that are kept."""
    if not file.exists():
        lines = [f"{json.dumps(row)}\n" for row in make()]
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("".join(lines), encoding="utf-8")
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def places(description: str | None, *names: str) -> list[Path]:
    """Read the paths that a script is given, in the order of their names."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawTextHelpFormatter
    )
    for name in names:
        parser.add_argument(name, type=Path)
    given = vars(parser.parse_args())
    return [given[name] for name in names]


def chat(id_: str, turns: Sequence[tuple[str, str]], **fields: Any) -> Example:
    messages = [{"role": role, "content": text} for role, text in turns]
    return Example.model_validate({"id": id_, "messages": messages, **fields})


def lookups(data: Path, split: str) -> Iterator[Row]:
    """Yield the questions about one cell whose table is of the split, "train" or "held"."""
    for row in rows(data / "tables" / "questions.jsonl.gz"):
        if row["lookup"] and split_of(row["table"]) == split:
            yield row


def write_table(folder: Path, table: Row) -> Path:
    """Write a table as a CSV file named after it."""
    file = folder / table_file(table["id"])
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w", encoding="utf-8", newline="") as opened:
        csv.writer(opened).writerows([table["header"], *table["rows"]])
    return file


def table_file(table: str) -> str:
    return f"{table.replace('/', '-').removesuffix('.csv')}.csv"
