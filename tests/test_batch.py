"""A file of answers is never lost, mixed or read wrongly, wherever a run was stopped."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, get_args

import pytest

from app.answers import graph_input
from app.batch import output_of, run_batch
from app.batch_rows import BatchQuestion, GivenDocument, Role, Turn, read_questions
from app.cli import main
from app.errors import UserError

RUN = {"model": "m", "adapter": None, "index": "v1"}
MADE: dict[str, Any] = {
    "prompts": {"ANSWER": "Answer."},
    "code": "c",
    "packages": {"torch": "2"},
    "settings": {"top_k": 6, "support_threshold": None, "model": "m"},
    "model": {"model": "m", "grades": {"bias": 1.0}},
    "data": {"--as": None, "--together": 1},
}
"""As `app.provenance` tells it."""
QUESTIONS = [BatchQuestion(id=str(n), question=f"What is {n}?") for n in range(4)]


class Answers:
    """Answers every question with one text, fails where told, and counts."""

    def __init__(self, text: str = "It costs £2.", fail: frozenset[str] = frozenset()) -> None:
        self.text, self.fail = text, fail
        self.asked: list[str] = []

    def __call__(self, question: BatchQuestion) -> dict[str, Any]:
        self.asked.append(question.id)
        error = {"error": "no"} if question.id in self.fail else {}
        asked = {"id": question.id, "question": question.question}
        return {**asked, "answer": self.text, **RUN, **error}


def ids(output: Path) -> list[str]:
    lines = output.read_bytes().split(b"\n")[:-1]
    return [json.loads(line)["id"] for line in lines]


@pytest.mark.parametrize("text", ["a\u2028b", "a\u2029b", "a\x85b", "£" * 50, "🚢\n\r\t"])
def test_a_run_stopped_at_any_byte_resumes(tmp_path: Path, text: str) -> None:
    output = tmp_path / "out.jsonl"
    run_batch(QUESTIONS, output, Answers(text), same_run=RUN)
    whole = output.read_bytes()
    second_line = whole.index(b"\n") + 1
    for cut in range(second_line, len(whole), 7):
        output.write_bytes(whole[:cut])
        answers = Answers(text)
        assert run_batch(QUESTIONS, output, answers, same_run=RUN) == 0
        assert output.read_bytes() == whole
        assert len(answers.asked) == 4 - whole[:cut].count(b"\n")


def test_a_question_that_failed_is_asked_again_and_still_counts(tmp_path: Path) -> None:
    output = tmp_path / "out.jsonl"
    failing = Answers(fail=frozenset({"1"}))
    assert run_batch(QUESTIONS, output, failing, same_run=RUN) == 1
    assert run_batch(QUESTIONS, output, failing, same_run=RUN) == 1
    assert failing.asked == ["0", "1", "2", "3", "1"]
    assert run_batch(QUESTIONS, output, Answers(), same_run=RUN) == 0
    assert sorted(ids(output)) == ["0", "1", "2", "3"]


@pytest.mark.parametrize("changed", [{"model": "n"}, {"adapter": "a@1"}, {"index": "v2"}])
def test_answers_of_two_runs_are_never_mixed(tmp_path: Path, changed: dict[str, str]) -> None:
    output = tmp_path / "out.jsonl"
    run_batch(QUESTIONS[:2], output, Answers(), same_run=RUN)
    before = output.read_bytes()
    with pytest.raises(UserError, match="name another --output"):
        run_batch(QUESTIONS, output, Answers(), same_run={**RUN, **changed})
    assert output.read_bytes() == before


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"index": "v2"}, "index changed from 'v1' to 'v2'"),
        ({"model": "n"}, "model changed from 'm' to 'n'"),
        ({"adapter": "a@1"}, "adapter changed from None to 'a@1'"),
        ({"index": None}, None),  # nothing was searched
        ({"index": "v2", "error": "no"}, None),  # asked again
    ],
)
@pytest.mark.parametrize("together", [1, 2])
def test_what_changes_on_the_way_ends_a_run_before_it_is_mixed_in(
    tmp_path: Path, changed: dict[str, str | None], told: str | None, together: int
) -> None:
    output = tmp_path / "out.jsonl"

    def answer(question: BatchQuestion) -> dict[str, Any]:
        return {**Answers()(question), **(changed if question.id == "2" else {})}

    def run() -> int:
        return run_batch(
            QUESTIONS, output, answer, same_run=RUN, together=together, cohort=Linked()
        )

    if told is None:
        assert run() == ("error" in changed)
        assert ids(output) == ["0", "1", "2", "3"]
        return
    advice = "name another --output, or delete that file"
    with pytest.raises(UserError, match=f"^{told} while {output} was written: {advice}$"):
        run()
    with pytest.raises(UserError, match=f"{output}:1 was made with .*: {advice}$"):
        run_batch(QUESTIONS, output, answer, same_run={**RUN, **changed})
    assert ids(output) == ["0", "1"]
    assert resumed(output) == ["2", "3"]  # it is as it was again


def test_another_question_under_the_same_id_is_refused(tmp_path: Path) -> None:
    output = tmp_path / "out.jsonl"
    run_batch(QUESTIONS, output, Answers(), same_run=RUN)
    other = [BatchQuestion(id="0", question="Something else?")]
    with pytest.raises(UserError, match="answers another question"):
        run_batch(other, output, Answers(), same_run=RUN)


def resumed(output: Path, questions: list[BatchQuestion] = QUESTIONS, **changed: Any) -> list[str]:
    """Run again with other parts; return what was asked."""
    answers = Answers()
    run_batch(questions, output, answers, same_run=RUN, made={**MADE, **changed})
    return answers.asked


@pytest.mark.parametrize(
    ("changed", "other"),
    [
        ({"settings": {**MADE["settings"], "top_k": 3}}, "top_k"),
        ({"settings": {**MADE["settings"], "support_threshold": 0.5}}, "support_threshold"),
        ({"settings": {"top_k": 6, "model": "m"}}, "support_threshold"),
        ({"prompts": {"ANSWER": "Answer in verse."}}, "prompts"),
        ({"model": {"model": "m", "grades": {"bias": 2.0}}}, "grades"),
        ({"code": "d", "packages": {"torch": "3"}}, "code, torch"),
        ({"data": {**MADE["data"], "--as": ["crew"]}}, "--as"),
        ({"data": {"--as": None}}, "--together"),
    ],
)
def test_what_was_made_otherwise_is_named_and_not_gone_on_with(
    tmp_path: Path, changed: dict[str, Any], other: str
) -> None:
    output = tmp_path / "out.jsonl"
    assert resumed(output, QUESTIONS[:2]) == ["0", "1"]
    before = {file: file.read_bytes() for file in tmp_path.iterdir()}
    told = f"out.jsonl was made with another {other}: name another --output, or delete that file"
    with pytest.raises(UserError, match=f"{re.escape(told)}$"):
        resumed(output, **changed)
    assert {file: file.read_bytes() for file in tmp_path.iterdir()} == before
    assert {file.name for file in before} == {"out.jsonl", "out.jsonl.made-by.json"}
    assert resumed(output) == ["2", "3"]
    # What a setting calls a model does not count, but what it holds.
    assert resumed(output, settings={**MADE["settings"], "model": "./m"}) == []
    output.unlink()
    assert resumed(output, **changed) == ["0", "1", "2", "3"]


@pytest.mark.parametrize(
    "corrected",
    [
        {"history": (Turn(role="user", content="Hi"),)},
        {"documents": (GivenDocument(id="a", text="It costs £3."),)},
    ],
)
def test_what_is_given_with_a_question_counts_once_it_is_answered(
    tmp_path: Path, corrected: dict[str, Any]
) -> None:
    output = tmp_path / "out.jsonl"
    failing = Answers(fail=frozenset({"1"}))
    assert run_batch(QUESTIONS[:2], output, failing, same_run=RUN, made=MADE) == 1
    others = [question.model_copy(update=corrected) for question in QUESTIONS]
    with pytest.raises(UserError, match="answers '0' with another history or other documents"):
        resumed(output, [others[0], *QUESTIONS[1:]])
    assert resumed(output, [QUESTIONS[0], *others[1:]]) == ["1", "2", "3"]
    with pytest.raises(UserError, match="answers '1' with another history or other documents"):
        resumed(output)


def test_what_an_earlier_release_left_is_gone_on_with_as_it_was(tmp_path: Path) -> None:
    output = tmp_path / "out.jsonl"
    run_batch(QUESTIONS[:2], output, Answers(), same_run=RUN)
    assert resumed(output, code="d") == ["2", "3"]
    assert resumed(output, code="e") == []
    assert [file.name for file in tmp_path.iterdir()] == ["out.jsonl"]


def test_a_note_that_tells_nothing_is_told(tmp_path: Path) -> None:
    output = tmp_path / "out.jsonl"
    resumed(output)
    (tmp_path / "out.jsonl.made-by.json").write_text("{}")
    with pytest.raises(UserError, match=r"out\.jsonl\.made-by\.json does not tell what"):
        resumed(output)


def test_the_command_resumes_only_what_it_would_make_again(
    tiny_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], one_thread: None
) -> None:
    questions, output = tmp_path / "questions.jsonl", tmp_path / "out.jsonl"
    place = ["--cache", str(tmp_path / "cache"), "--index", str(tmp_path / "index")]
    command = ["ask", "--batch", str(questions), "--output", str(output), *place]
    command += ["--model", str(tiny_model), "--max-tokens", "4"]

    def run(*more: str, text: str = "The ferry leaves at nine.") -> tuple[int, str]:
        row = {
            "id": "1",
            "question": "When does it leave?",
            "documents": [{"id": "a", "text": text}],
        }
        questions.write_text(f"{json.dumps(row)}\n")
        capsys.readouterr()
        return main([*command, *more]), capsys.readouterr().err

    assert run()[0] == 0
    written = output.read_bytes()
    assert run("--no-trace-texts")[0] == 0
    code, told = run("--top-k", "3", "--support-threshold", "0.7")
    assert (code, "made with another support_threshold, top_k: name" in told) == (3, True)
    code, told = run("--together", "2")
    assert (code, "made with another --together: name" in told) == (3, True)
    code, told = run(text="The ferry leaves at ten.")
    assert (code, "answers '1' with another history or other documents" in told) == (3, True)
    assert output.read_bytes() == written


@pytest.mark.parametrize("same_run", [RUN, None], ids=["resuming", "anew"])
def test_a_file_is_written_by_one_run_at_a_time(
    tmp_path: Path, same_run: dict[str, Any] | None
) -> None:
    output, others = tmp_path / "new" / "out.jsonl", Answers("other")

    def answer(question: BatchQuestion) -> dict[str, Any]:
        told = f"another run writes to {output}: wait until it is done, or name another --output"
        with pytest.raises(UserError, match=f"^{re.escape(told)}$"):
            run_batch(QUESTIONS, output, others, same_run=same_run, made=MADE)
        return Answers()(question)

    assert run_batch(QUESTIONS, output, answer, same_run=same_run) == 0
    assert (ids(output), others.asked) == (["0", "1", "2", "3"], [])
    assert [file.name for file in output.parent.iterdir()] == ["out.jsonl"]


def test_a_foreign_file_is_not_overwritten(tmp_path: Path) -> None:
    output = tmp_path / "notes.txt"
    output.write_text("my notes\n")
    for same_run in (RUN, None):
        with pytest.raises(UserError, match="is no answer of a former run"):
            run_batch(QUESTIONS, output, Answers(), same_run=same_run)
        assert output.read_text() == "my notes\n"


@pytest.mark.parametrize("key", ["results", "supported"])
def test_another_commands_records_are_not_overwritten(tmp_path: Path, key: str) -> None:
    output = tmp_path / "answers.jsonl"
    run_batch(QUESTIONS, output, Answers(), same_run=RUN)
    before = output.read_bytes()
    with pytest.raises(UserError, match=":1 is no answer of a former run"):
        run_batch(QUESTIONS, output, Answers(), same_run=None, key=key)
    assert output.read_bytes() == before


def test_what_begins_anew_keeps_the_former_records_until_the_first_new_one(tmp_path: Path) -> None:
    output = tmp_path / "out.jsonl"
    run_batch(QUESTIONS, output, Answers("old"), same_run=None)
    before = output.read_bytes()

    def stopped(at: str) -> Callable[[BatchQuestion], dict[str, Any]]:
        def answer(question: BatchQuestion) -> dict[str, Any]:
            if question.id == at:
                raise UserError("there is no index")
            return Answers("new")(question)

        return answer

    for at, kept in (("0", before), ("1", None)):
        with pytest.raises(UserError, match="there is no index"):
            run_batch(QUESTIONS, output, stopped(at), same_run=None)
        assert kept is None or output.read_bytes() == kept
    assert [json.loads(line)["answer"] for line in output.read_text().splitlines()] == ["new"]
    run_batch(QUESTIONS[1:], output, Answers(), same_run=None)
    assert ids(output) == ["1", "2", "3"]


class Linked:
    """Notes who took part, and with how many."""

    def __init__(self) -> None:
        self.taken: list[tuple[int, int]] = []

    def __call__(self, size: int) -> Linked:
        self.size = size
        return self

    @contextmanager
    def member(self, number: int) -> Iterator[None]:
        self.taken.append((self.size, number))
        yield


def test_groups_are_asked_together_and_written_in_their_order(tmp_path: Path) -> None:
    output, linked = tmp_path / "out.jsonl", Linked()
    run_batch(QUESTIONS, output, Answers(), same_run=RUN, together=3, cohort=linked)
    assert ids(output) == ["0", "1", "2", "3"]
    assert sorted(linked.taken) == [(3, 0), (3, 1), (3, 2)]  # the last one is alone


def test_a_group_that_was_cut_short_is_asked_again_as_a_whole(tmp_path: Path) -> None:
    output, answers = tmp_path / "out.jsonl", Answers()
    run_batch(QUESTIONS, output, answers, same_run=RUN, together=2, cohort=Linked())
    whole = output.read_bytes()
    output.write_bytes(b"\n".join(whole.split(b"\n")[:3]) + b"\n")
    again = Answers()
    run_batch(QUESTIONS, output, again, same_run=RUN, together=2, cohort=Linked())
    assert output.read_bytes() == whole
    assert sorted(again.asked) == ["2", "3"]


def test_a_question_with_a_line_separator_is_one_question(tmp_path: Path) -> None:
    file = tmp_path / "questions.jsonl"
    line = json.dumps({"id": 1, "question": "What\u2028now?"}, ensure_ascii=False)
    file.write_text(f"{line}\r\n\n", encoding="utf-8")
    assert [(q.id, q.question) for q in read_questions(file)] == [("1", "What\u2028now?")]


@pytest.mark.parametrize("role", ["bot", "User", "tool", "function", ""])
def test_a_turn_that_nobody_can_have_said_is_named_before_anything_runs(
    tmp_path: Path, role: str
) -> None:
    file = tmp_path / "questions.jsonl"
    said = [{"role": "user", "content": "Hi"}, {"role": role, "content": "hi"}]
    rows = [{"id": "1", "question": "a"}, {"id": "2", "question": "b", "history": said}]
    file.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    with pytest.raises(UserError) as told:
        read_questions(file)
    assert str(told.value).startswith(f"{file}:2: history.1.role: Input should be 'user', ")


@pytest.mark.parametrize("role", get_args(Role))
def test_every_role_that_a_file_may_name_can_be_asked(role: Role) -> None:
    question = BatchQuestion(id="1", question="a", history=(Turn(role=role, content="hi"),))
    arguments = question.arguments()
    asked = graph_input(arguments["question"], arguments["history"], arguments["documents"])
    assert [message.text for message in asked.messages] == ["hi", "a"]


@pytest.mark.parametrize("kind", ["pipe", "folder", "link to a pipe"])
def test_what_is_no_plain_file_is_never_replaced_by_one(tmp_path: Path, kind: str) -> None:
    output = tmp_path / "out"
    os.mkfifo(tmp_path / "pipe")
    match kind:
        case "pipe":
            output = tmp_path / "pipe"
        case "folder":
            output.mkdir()
        case _:
            output.symlink_to("pipe")
    told = f"--output {output} is no plain file: name a new .jsonl file"
    with pytest.raises(UserError, match=f"^{re.escape(told)}$"):
        output_of(tmp_path / "questions.jsonl", output, told="answers")


def test_answers_are_written_where_a_link_leads(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    link, questions = tmp_path / "out.jsonl", tmp_path / "questions.jsonl"
    link.symlink_to("disk/answers.jsonl")
    questions.write_text("")
    for count in (2, 4):
        output = output_of(questions, link, told="answers")
        run_batch(QUESTIONS[:count], output, Answers(), same_run=RUN, made=MADE)
        assert link.is_symlink()
        assert ids(tmp_path / "disk" / "answers.jsonl") == ["0", "1", "2", "3"][:count]
