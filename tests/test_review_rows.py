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


NAMED = {
    "answer": "It opens at 9 [1][2].",
    "citations": [{"document": "c.md", "chunk": "c3"}, {"document": "b.md", "chunk": "c2"}],
}
"""An answer that also cites what told a name, which was not in the prompt."""


@pytest.mark.parametrize(
    ("decision", "completion", "citation"),
    [
        ("approve", "It opens at 9 [2].", 2),
        ("edit", "At nine [2].", 2),
        ("reject", prompts.REFUSAL, None),
    ],
)
def test_a_citation_that_the_prompt_does_not_hold_is_left_out(
    decision: str, completion: str, citation: int | None
) -> None:
    row = to_example({**decided(decision, "At nine [2][1]."), **NAMED})
    assert (row.completion, row.citation, row.source) == (completion, citation, "b.md")


BOTH = {
    "answer": "Tea costs £2 [2], and it opens at 9 [1].",
    "citations": [{"document": "b.md", "chunk": "c2"}, {"document": "a.md", "chunk": "c1"}],
}
"""An answer whose first marker is not its first citation."""


@pytest.mark.parametrize(
    ("decision", "text", "completion", "citation"),
    [
        ("approve", "", "Tea costs £2 [1], and it opens at 9 [2].", 1),
        ("edit", "At 9 [1], and tea costs £2 [2].", "At 9 [2], and tea costs £2 [1].", 2),
        ("edit", "Tea costs £2 at 9 [2, 1].", "Tea costs £2 at 9 [1][2].", 1),
        ("edit", "Tea costs £2 at 9 [7, 1].", "Tea costs £2 at 9 [2].", 2),
        ("edit", "Ask at the bar.", "Ask at the bar.", None),
        ("reject", "", prompts.REFUSAL, None),
    ],
)
def test_the_first_marker_that_is_trained_is_what_the_row_is_scored_by(
    decision: str, text: str, completion: str, citation: int | None
) -> None:
    row = to_example({**decided(decision, text), **BOTH})
    assert (row.completion, row.citation, row.source) == (completion, citation, "b.md")


def test_the_command_names_a_review_that_is_no_row_and_writes_the_others(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    state, out = tmp_path / "server", tmp_path / "out"
    state.mkdir()
    cut = {name: value for name, value in decided("approve").items() if name != "passages"}
    reviews = [{**decided("edit", "[7]"), "thread": "a"}, {**cut, "thread": "b"}, decided("reject")]
    with SqliteStore.from_conn_string(str(store_file(state))) as store:
        store.setup()
        for at, review in enumerate(reviews):
            store.put(REVIEWED, str(at), {**review, "reviewed": f"2026-01-0{at + 1}"}, index=False)
    assert cli.main(["reviews", str(out), "--state", str(state)]) == 0
    fault = "content: String should have at least 1 character"
    assert capsys.readouterr().out.splitlines()[:3] == [
        f"left out the review of thread a, 2026-01-01: {fault}",
        "left out the review of thread b, 2026-01-02: it holds no 'passages'",
        f"1 reviewed answers: finetune --examples {out}/examples.jsonl",
    ]
    assert [row.completion for row in read_examples(out / "examples.jsonl")] == [prompts.REFUSAL]


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
