"""Work through a file of questions: validated before anything runs, resumed where it stopped."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError
from tqdm import tqdm

from app.errors import UserError


class Turn(BaseModel):
    """One message of a conversation before the question."""

    model_config = ConfigDict(extra="forbid")

    role: str
    content: str


class GivenDocument(BaseModel):
    """A document given with the question instead of retrieval."""

    model_config = ConfigDict(extra="forbid")

    id: str
    text: str


class BatchQuestion(BaseModel):
    """One line of a question file; keys of other tools are left alone."""

    model_config = ConfigDict(coerce_numbers_to_str=True, frozen=True)

    id: str
    question: str
    history: tuple[Turn, ...] = ()
    documents: tuple[GivenDocument, ...] = ()


def read_questions(path: Path) -> list[BatchQuestion]:
    """Read a JSON-lines file of questions.

    Raises UserError that names the first bad line, or an id that occurs twice.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(
            f"cannot read {path} as UTF-8 text ({error}): name a .jsonl file"
        ) from error
    questions = [
        _parse(line, f"{path}:{number}")
        for number, line in enumerate(lines, start=1)
        if line.strip()
    ]
    if not questions:
        raise UserError(f'{path} holds no questions: expected {{"id", "question"}} on each line')
    seen: set[str] = set()
    for question in questions:
        if question.id in seen:
            raise UserError(f"{path}: the id {question.id!r} occurs twice: ids must be unique")
        seen.add(question.id)
    return questions


def run_batch(
    questions: Sequence[BatchQuestion],
    output: Path,
    answer: Callable[[BatchQuestion], Mapping[str, Any]],
    *,
    same_run: Mapping[str, Any],
    concurrency: int,
) -> int:
    """Append one JSON object for each question not answered in `output` yet, in their order.

    Returns how many ended in an error. Raises UserError when `output` holds answers whose
    `same_run` values (model, adapter, index) differ, for a mixture would measure nothing.
    """
    done = _resume(output, questions, same_run)
    todo = [question for question in questions if question.id not in done]
    failed = 0
    output.parent.mkdir(parents=True, exist_ok=True)
    with output.open("a", encoding="utf-8") as file, ThreadPoolExecutor(concurrency) as pool:
        results = pool.map(answer, todo)
        for result in tqdm(
            results, total=len(questions), initial=len(done), unit="question", disable=None
        ):
            file.write(json.dumps(result, ensure_ascii=False) + "\n")
            file.flush()
            failed += "error" in result
    return failed


def _resume(
    output: Path, questions: Sequence[BatchQuestion], same_run: Mapping[str, Any]
) -> set[str]:
    """Return the ids that are answered already, cutting off a line that a kill left unfinished."""
    if not output.exists():
        return set()
    text = output.read_text(encoding="utf-8")
    whole = text[: text.rfind("\n") + 1]
    asked = {question.id: question.question for question in questions}
    done: set[str] = set()
    for number, record in _records(whole, output):
        for key, value in same_run.items():
            if key in record and record[key] not in (value, None):
                raise UserError(
                    f"{output}:{number} was made with {key} {record[key]!r}, this run uses "
                    f"{value!r}: name another --output, or delete that file"
                )
        if asked.get(record["id"]) != record["question"]:
            raise UserError(
                f"{output}:{number} answers another question than the file asks as "
                f"{record['id']!r}: name another --output, or delete that file"
            )
        done.add(record["id"])
    if len(whole) < len(text):
        output.write_text(whole, encoding="utf-8")
    return done


def _records(text: str, output: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, line in enumerate(text.splitlines(), start=1):
        try:
            record = json.loads(line)
            if not {"id", "question"} <= record.keys():
                raise KeyError("id")
        except (ValueError, KeyError, AttributeError) as error:
            raise UserError(
                f"{output}:{number} is not an answer of a former run: name another --output"
            ) from error
        yield number, record


def _parse(line: str, place: str) -> BatchQuestion:
    try:
        return BatchQuestion.model_validate_json(line)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "line"
        raise UserError(
            f'{place}: {where}: {first["msg"]}: expected {{"id", "question", "history"?, '
            '"documents"?}'
        ) from error
