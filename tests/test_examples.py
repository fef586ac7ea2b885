"""Each example does what it says."""

from __future__ import annotations

import json
import os
import re
import runpy
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import SAMPLE
from doc_parts import REPOSITORY
from plugin_parts import install
from test_tuning import MAYORS, RECIPE, TOWNS

EXAMPLES = REPOSITORY / "examples"
KENNELS = "How many kennels are there on the Grey Phalarope?"


def run(*command: str | Path, code: int = 0, **environment: str) -> str:
    """Run a program in the current folder, as a reader would."""
    path = os.pathsep.join([environment.pop("PYTHONPATH", ""), str(REPOSITORY)])
    done = subprocess.run(
        list(map(str, command)),
        env={**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": path, **environment},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout


def example(name: str) -> Callable[..., int | None]:
    """Load an example's main function, in this process, which has torch already."""
    return runpy.run_path(str(EXAMPLES / name))["main"]


@pytest.fixture
def passengers(tmp_path: Path) -> Path:
    """A small part of the handbook."""
    folder = tmp_path / "passengers"
    folder.mkdir()
    for name in ("pets-and-assistance-dogs.md", "luggage-and-lost-property.html"):
        source = SAMPLE / "handbook" / "passengers" / name
        (folder / name).write_bytes(source.read_bytes())
    return folder


@pytest.mark.model
def test_own_documents_are_answered_with_quotes(passengers: Path, capsys) -> None:
    example("own_documents.py")(str(passengers), [KENNELS])
    said = capsys.readouterr().out
    assert said.startswith("2 documents added, 0 could not be read\n")
    assert "eight [1]\n  pets-and-assistance-dogs.md, characters 942–1083: “There are eight" in said


@pytest.mark.model
def test_claims_of_another_system_without_support_are_named(
    tmp_path: Path, passengers: Path, capsys
) -> None:
    check, file = example("check_answers.py"), tmp_path / "answers.jsonl"
    right = {"id": "right", "question": KENNELS, "answer": "There are eight kennels."}
    wrong = {"id": "wrong", "question": KENNELS, "answer": "There are twelve kennels."}
    file.write_text("\n".join(map(json.dumps, [right, wrong])))
    assert check(str(file), str(passengers)) == 2
    said = capsys.readouterr().out
    assert "wrong: no support for “There are twelve kennels.”" in said
    assert said.endswith("1 all, 0 part, 1 none\n")
    file.write_text(json.dumps(right))
    assert check(str(file)) == 0


@pytest.mark.model
def test_the_gate_opens_for_right_answers_and_closes_for_wrong_ones(
    tmp_path: Path, passengers: Path, capsys
) -> None:
    gate, file = example("gate.py"), tmp_path / "q.jsonl"
    question = {"id": "kennels", "question": KENNELS, "answers": ["eight"]}
    file.write_text(json.dumps(question))
    assert gate(str(passengers), str(file), "1") == 0
    assert "right: 1.00 (1.00–1.00) of 1 questions" in capsys.readouterr().out
    file.write_text(json.dumps({**question, "answers": ["nine"]}))
    assert gate(str(passengers), str(file), "0.5") == 2
    assert f"kennels: {KENNELS} → eight [1]" in capsys.readouterr().out


def test_a_model_of_ones_own_is_trained_listed_and_asked(tmp_path: Path, tiny_model: Path) -> None:
    (tmp_path / "docs").mkdir()
    pairs = []
    for town, mayor in zip(TOWNS, MAYORS, strict=True):
        (tmp_path / "docs" / f"{town}.md").write_text(f"The mayor of {town} is {mayor}.")
        pair = {"id": town, "question": f"Who is mayor of {town}?", "answers": [mayor]}
        pairs.append({**pair, "documents": [f"{town}.md"]})
    (tmp_path / "q.jsonl").write_text("\n".join(map(json.dumps, pairs)))
    bin_ = tmp_path / "bin"
    bin_.mkdir()
    (bin_ / "groundtune").write_text(f'#!/bin/sh\nexec {sys.executable} -m app.cli "$@"\n')
    (bin_ / "groundtune").chmod(0o755)
    said = run(
        EXAMPLES / "own_model.sh", "docs", "q.jsonl", "Who is mayor of Ossel?", *RECIPE,
        "--gates.gain", "-1",
        PATH=f"{bin_}{os.pathsep}{os.environ['PATH']}",
        GROUNDTUNE_MODEL=str(tiny_model),
        GROUNDTUNE_CACHE=str(tmp_path / "cache"),
    )  # fmt: skip
    assert re.search(r"^\W*own\b", said, re.MULTILINE)


def test_a_package_adds_a_file_type(tmp_path: Path) -> None:
    added = install(EXAMPLES / "srt_reader", tmp_path)
    (tmp_path / "films").mkdir()
    (tmp_path / "films" / "crossing.srt").write_text(
        "1\n00:00:01,000 --> 00:00:03,000\n<i>The ferry leaves</i>\n\n"
        "2\n00:00:03,500 --> 00:00:05,000\nat nine.\n\n3\n00:01:00,000 --> 00:01:02,000\n\n"
    )
    show = (
        "from pathlib import Path\nfrom app.ingest.readers import read_file\n"
        "print(read_file(Path('films/crossing.srt')))"
    )
    said = run(sys.executable, "-c", show, PYTHONPATH=str(added))
    assert "text='0:00\\n\\nThe ferry leaves at nine.\\n\\n0:01'" in said
    assert "has 1 cues without text" in said
