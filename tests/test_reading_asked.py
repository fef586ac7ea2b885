"""Each type of file is asked one question by the real commands, and answers with a short quote.

python tests/test_reading_asked.py   prints a table of what each type answered
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest
from asked_files import FILES, Asked
from reading_parts import chunks_of

from app.ingest import readers
from graphs.units import units

LONGEST = 250  # characters of a quote, unless its unit is longer
TOGETHER = "5"  # questions share the model's passes

Answers = dict[str, dict[str, Any]]


def groundtune(folder: Path, *arguments: str) -> None:
    command = [sys.executable, "-m", "app.cli", *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def ask_all(folder: Path) -> Answers:
    """Ingest all files into one index, and ask each its question."""
    (folder / "files").mkdir()
    for file in FILES:
        content = file.content.encode() if isinstance(file.content, str) else file.content
        (folder / "files" / file.name).write_bytes(content)
    lines = [json.dumps({"id": file.name, "question": file.question}) for file in FILES]
    (folder / "questions.jsonl").write_text("\n".join(lines))
    groundtune(folder, "ingest", "files")
    batch = ["--batch", "questions.jsonl", "--output", "answers.jsonl"]
    groundtune(folder, "ask", *batch, "--together", TOGETHER)
    answers = map(json.loads, (folder / "answers.jsonl").read_text().splitlines())
    return {answer["id"]: answer for answer in answers}


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> Answers:
    return ask_all(tmp_path_factory.mktemp("asked"))


def wrong(asked: Asked, answer: dict[str, Any], file: Path) -> list[str]:
    """Return what is wrong with an answer and its citations."""
    quoted = {(c["document"], c["start"], c["end"]) for c in answer["citations"]}
    units_ = {(asked.name, *span) for span in unit_spans(file)}
    faults = {
        "not the answer": asked.answer not in answer["answer"],
        "no citation": not quoted,
        "a quote that is not one unit of the file": bool(quoted - units_),
        "a quote that is too long": any(end - start > LONGEST for _, start, end in quoted),
    }
    return [told for told, found in faults.items() if found]


def unit_spans(file: Path) -> set[tuple[int, int]]:
    return {
        (chunk.metadata["start"] + unit.start, chunk.metadata["start"] + unit.end)
        for chunk in chunks_of(readers.read_file(file))
        for unit in units(chunk.page_content)
    }


@pytest.mark.model
@pytest.mark.parametrize("asked", FILES, ids=[asked.name for asked in FILES])
def test_a_fact_of_each_type_is_answered_with_one_quoted_unit(
    asked: Asked, answers: Answers, tmp_path_factory: pytest.TempPathFactory
) -> None:
    file = next(tmp_path_factory.getbasetemp().glob(f"asked*/files/{asked.name}"))
    assert wrong(asked, answers[asked.name], file) == []


def test_every_reader_is_asked() -> None:
    asked = {readers.BUILT_IN[Path(file.name).suffix] for file in FILES}
    assert asked == set(readers.BUILT_IN.values())


def print_table(folder: Path) -> None:
    print("| File | Question | Answer | Quote | Characters |\n|---|---|---|---|---|")  # noqa: T201
    found = ask_all(folder)
    for asked in FILES:
        answer = found[asked.name]
        faults = wrong(asked, answer, folder / "files" / asked.name)
        quote = " ".join(c["quote"] for c in answer["citations"])
        told = [asked.name, asked.question, answer["answer"], quote, len(quote), *faults]
        print("| " + " | ".join(map(str, told)) + " |")  # noqa: T201


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        print_table(Path(scratch))
