"""Read JSON lines into validated rows; every fault is named by its file and line."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from app.errors import UserError
from finetune.errors import first_fault


class Identified(BaseModel):
    """A row with an id that no other row of its file has."""

    id: str


Row = TypeVar("Row", bound=Identified)


def read_rows(path: Path, model: type[Row], *, expected: str) -> list[Row]:
    """Read a file of questions, one on each line; `expected` shows what a line looks like.

    Raises UserError that names the first bad line, or an id that occurs twice.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")  # \u2028 may stand in a text
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(
            f"cannot read {path} as UTF-8 text ({error}): name a .jsonl file of questions"
        ) from error
    numbered = [(number, line) for number, line in enumerate(lines, start=1) if line.strip()]
    rows = [_parse(line, model, f"{path}:{number}", expected) for number, line in numbered]
    if not rows:
        raise UserError(f"{path} holds no questions: expected {expected} on each line")
    seen: set[str] = set()
    for row in rows:
        if row.id in seen:
            raise UserError(f"{path}: the id {row.id!r} occurs twice: ids must be unique")
        seen.add(row.id)
    return rows


def _parse(line: str, model: type[Row], place: str, expected: str) -> Row:
    try:
        return model.model_validate_json(line)
    except ValidationError as error:
        fault = first_fault(error, "line")
        raise UserError(f"{place}: {fault}; expected {expected}") from error
