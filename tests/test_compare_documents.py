"""What a comparison says where the documents that questions name cannot be shown to an arm."""

import json
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from comparisons import write_towns

from app.cli import main

TOWNS = "Ossel Culvie Marram Skjorn Kester Ebrard Dunmal Holm".split()
LONG = "There are as many bees as there are in a hive"


@pytest.fixture
def run(
    tmp_path: Path, tiny_model: Path, monkeypatch: pytest.MonkeyPatch, one_thread: None
) -> list[str]:
    """The documents of some towns, and the command that compares two arms on them."""
    shutil.copytree(tiny_model, tmp_path / "tiny")
    write_towns(tmp_path, TOWNS)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GROUNDTUNE_MODEL", "tiny")
    monkeypatch.setenv("GROUNDTUNE_CACHE", str(tmp_path / "cache"))
    command = ["compare", "docs", "--questions", "asked.jsonl", "--arms", "base-rag,oracle"]
    return [*command, "--quick", "--dtype", "float32", "--max-tokens", "4"]


def write(questions: Iterable[dict[str, Any]]) -> None:
    lines = [json.dumps({"question": f"How many bees has {of['id']}?", **of}) for of in questions]
    Path("asked.jsonl").write_text("\n".join(lines))


def test_documents_that_the_index_lacks_are_refused(
    run: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    right = [{"id": town, "answers": ["3"], "documents": [f"{town}.md"]} for town in TOWNS]
    folder = {"id": "docs", "answers": ["3"], "documents": ["Holm.md", "docs/Holm.md", "x.md"]}
    none = {"id": "none", "kind": "unanswerable", "documents": ["Hoim.md"]}
    write([*right, folder, none])
    assert main(run) == 3
    (error,) = capsys.readouterr().err.strip().splitlines()
    assert error == (
        "groundtune: 2 of 10 questions name documents that the index does not hold, the first "
        "'docs' with 'docs/Holm.md': name documents as 'groundtune search' does"
    )


def test_questions_whose_right_passages_are_not_known_are_named(
    run: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    asked = {"split": "test", "answers": [LONG]}
    long = [{"id": town, **asked, "documents": [f"{town}.md"]} for town in TOWNS[:6]]
    known = {"id": "known", "split": "test", "answers": ["10"], "documents": ["Holm.md"]}
    bare = {"id": "bare", **asked}
    talk = {"id": "talk", "split": "test", "answers": ["Hello!"], "kind": "small-talk"}
    none = {"id": "none", "split": "test", "kind": "unanswerable"}
    write([*long[:4], known, bare, talk, none, *long[4:]])
    assert main(run) == 0
    said = " ".join(capsys.readouterr().out.split())
    told = [
        "oracle: of 8 questions with an answer 7 are searched for, because the right passages are "
        "not known",
        *(f"{town}: {LONG!r} does not stand in {town}.md word for word" for town in TOWNS[:4]),
        "bare: no answer or no document is given",
        "and 2 more",
    ]
    assert " ".join(told) in said
