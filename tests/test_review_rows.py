"""Reviewed answers become rows of the prompt that was served, with the reviewer's words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from langgraph.store.sqlite import SqliteStore

from app import cli
from app.serving.persistence import store_file
from app.serving.review_rows import to_example
from app.serving.reviews import FEEDBACK, REVIEWED
from finetune.data.examples import Kind, read_examples
from graphs import prompts

PASSAGES = [
    {"chunk": "c1", "text": "(a.md) Tea costs £2."},
    {"chunk": "c2", "text": "(b.md) Open at 9."},
]
REVIEW = {
    "question": "When does it open?",
    "answer": "At 9 [1].",
    "citations": [{"document": "b.md", "chunk": "c2"}],
    "passages": PASSAGES,
    "thread": "t",
    "since": "2026-01-01",
    "reviewed": "2026-01-02",
}


def decided(decision: str, text: str = "") -> dict[str, Any]:
    return {**REVIEW, "decision": decision, "text": text}


def test_markers_count_in_the_prompts_passages() -> None:
    row = to_example(decided("approve"))
    served = prompts.generate("When does it open?", [p["text"] for p in PASSAGES])
    assert [m.content for m in row.prompt] == [m.text for m in served]
    assert row.completion == "At 9 [2]."
    assert (row.kind, row.citation, row.source) == (Kind.ANSWER, 2, "b.md")


def test_an_edit_teaches_the_reviewers_words_and_a_rejection_the_refusal() -> None:
    assert to_example(decided("edit", "It opens at 9 [1]. [7]")).completion == "It opens at 9 [2]."
    rejected = to_example(decided("reject"))
    assert (rejected.completion, rejected.kind) == (prompts.REFUSAL, Kind.REFUSAL)


def test_an_answer_of_which_nothing_was_supported_can_be_a_lesson() -> None:
    row = to_example({**decided("approve"), "answer": "At 9.", "citations": []})
    assert (row.completion, row.citation, row.source) == ("At 9.", None, "")


def test_the_command_writes_what_a_server_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    state, out = tmp_path / "server", tmp_path / "out"
    state.mkdir()
    thumb = {"question": "q", "answer": "a", "score": -1, "comment": "wrong", "at": "2026"}
    with SqliteStore.from_conn_string(str(store_file(state))) as store:
        store.setup()
        store.put(REVIEWED, "1", decided("approve"), index=False)
        store.put(FEEDBACK, "1", thumb, index=False)
    assert cli.main(["reviews", str(out), "--state", str(state)]) == 0
    assert "1 reviewed answers" in capsys.readouterr().out
    assert [row.completion for row in read_examples(out / "examples.jsonl")] == ["At 9 [2]."]
    (line,) = (out / "log.jsonl").read_text().splitlines()
    assert json.loads(line)["correct"] is False


def test_a_folder_in_which_no_server_ran_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["reviews", str(tmp_path / "out"), "--state", str(tmp_path)]) == 3
    assert "no server kept anything in" in capsys.readouterr().err
