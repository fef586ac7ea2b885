"""The verdict on drift follows from the figures, and the figures from the logs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from fakes import KeywordEmbeddings
from file_parts import zipped
from index_parts import write_files

from app import cli
from app.assistant import Assistant
from app.drift.log import LoggedPassage, LoggedQuestion, read_log
from app.drift.report import Verdict, detect_drift
from app.errors import UserError
from app.settings import Settings

FERRIES = (
    "When does the ferry leave?",
    "What is the price of the ferry?",
    "Where is the ferry in winter?",
    "Who sails the ferry in the morning?",
)
BEES = (
    "Who keeps the bees by the river?",
    "What honey do the bees make?",
    "Where are the bees in winter?",
)
EMBED = KeywordEmbeddings(
    "ferry mill bees bread honey river winter morning price who when where".split()
).embed_documents


def log(
    questions: Sequence[str],
    count: int,
    *,
    grade: float = 0.8,
    failed: int = 0,
    wrong: int | None = None,
) -> list[LoggedQuestion]:
    """Ask the questions in turn; the first `failed` are not answered, the first `wrong` wrongly."""
    return [
        LoggedQuestion(
            question=questions[at % len(questions)],
            abstained=at < failed,
            documents=(
                LoggedPassage(document=f"{at % 4}.md", score=0.03, grade=grade + at % 5 / 100),
                LoggedPassage(document="other.md", score=0.01, grade=0.1),
            ),
            correct=None if wrong is None else at >= wrong,
        )
        for at in range(count)
    ]


def written(file: Path, entries: Sequence[LoggedQuestion]) -> str:
    file.write_text("".join(f"{entry.model_dump_json()}\n" for entry in entries))
    return str(file)


def test_an_unchanged_log_is_left_alone() -> None:
    report = detect_drift(log(FERRIES, 40, failed=4), log(FERRIES, 60, failed=6), EMBED)
    assert report.verdict is Verdict.LEAVE_IT
    assert (report.questions, report.reference, report.cluster) == (40, 60, None)
    figures = {figure.name: figure for figure in report.figures}
    assert len(figures) == 6
    assert not any(figure.drifted for figure in report.figures)
    assert (figures["questions not answered"].reference, figures["questions not answered"].now) == (
        0.1,
        0.1,
    )


def test_new_questions_with_weak_passages_mean_to_index_more_and_are_named() -> None:
    now = log(FERRIES, 20) + log(BEES, 20, grade=0.2, failed=18)
    report = detect_drift(now, log(FERRIES, 60), EMBED)
    assert report.verdict is Verdict.RE_INDEX
    assert "add documents" in report.reason
    assert report.cluster is not None
    assert report.cluster.words[0] == "bees"
    assert len(report.cluster.questions) == 3
    assert set(report.cluster.questions) == set(BEES)
    assert report.cluster.share == 0.5


def test_more_failures_over_equal_passages_mean_to_train() -> None:
    report = detect_drift(log(FERRIES, 40, failed=16), log(FERRIES, 60, failed=3), EMBED)
    assert report.verdict is Verdict.RE_TRAIN
    drifted = {f.name: f for f in report.figures if f.drifted}
    assert list(drifted) == ["questions not answered"]
    assert drifted["questions not answered"].now == 0.4


def test_more_wrong_answers_mean_to_train_as_well() -> None:
    report = detect_drift(log(FERRIES, 40, wrong=16), log(FERRIES, 40, wrong=2), EMBED)
    assert report.verdict is Verdict.RE_TRAIN
    assert [f.name for f in report.figures if f.drifted] == ["answers known to be wrong"]


def test_new_questions_that_are_answered_well_are_left_alone() -> None:
    report = detect_drift(log(BEES, 40), log(FERRIES, 40), EMBED)
    assert report.verdict is Verdict.LEAVE_IT
    assert "answered as well" in report.reason
    assert report.cluster is not None


def test_the_same_questions_with_weaker_passages_mean_to_index() -> None:
    report = detect_drift(log(FERRIES, 40, grade=0.3), log(FERRIES, 40), EMBED)
    assert report.verdict is Verdict.RE_INDEX
    assert "the same questions" in report.reason


def test_changed_documents_mean_to_index_whatever_else() -> None:
    report = detect_drift(log(FERRIES, 40), log(FERRIES, 40), EMBED, changed={"0.md", "new.md"})
    assert (report.verdict, report.reason[:19]) == (Verdict.RE_INDEX, "2 documents changed")
    # Every fourth question's best passage is in 0.md.
    assert {f.name: f.now for f in report.figures}["questions that rest on them"] == 0.25


def test_the_command_shows_questions_as_they_were_asked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ("What do the bees do on [/admin]?", "[urgent] Who keeps the bees?", "Where :bee: is?")
    now = written(tmp_path / "now.jsonl", log(asked, 27) + log(FERRIES, 13))
    before = written(tmp_path / "before.jsonl", log(FERRIES, 40))
    assert cli.main(["drift", now, before]) == 0
    shown = capsys.readouterr().out.splitlines()
    assert sorted(shown[-3:]) == sorted(f"  {question}" for question in asked)


@pytest.mark.parametrize(("asked", "before"), [(1, 40), (40, 1), (29, 29), (1, 0)])
def test_changed_documents_mean_to_index_however_few_were_asked(asked: int, before: int) -> None:
    report = detect_drift(log(FERRIES, asked), log(FERRIES, before), EMBED, changed={"0.md"})
    assert report.verdict is Verdict.RE_INDEX
    assert report.reason == "1 documents changed since the last ingestion"
    assert [(f.name, f.drifted) for f in report.figures] == [
        ("documents changed", True),
        ("questions that rest on them", True),
    ]
    assert (report.questions, report.reference, report.cluster) == (asked, before, None)


def test_too_few_questions_say_how_many_are_missing() -> None:
    report = detect_drift(log(FERRIES, 29), log(FERRIES, 12), EMBED)
    assert report.verdict is Verdict.TOO_FEW
    assert "1 more in the log and 18 more in the reference" in report.reason


def test_small_talk_and_errors_are_left_out_and_counted() -> None:
    talk = LoggedQuestion(question="Hello!", route="direct", abstained=False)
    broken = LoggedQuestion(question="?", abstained=True, error="no context left")
    report = detect_drift([*log(FERRIES, 30), talk, broken], [*log(FERRIES, 30), talk], EMBED)
    assert (report.questions, report.reference, report.left_out) == (30, 30, 3)


GREETINGS = [
    LoggedQuestion(question=said, route="direct", abstained=False)
    for said in ("Good morning! How are you?", "Thank you very much!")
]


def unsearched(count: int, *, failed: int = 0) -> list[LoggedQuestion]:
    """Ask an assistant that searches nothing; the first `failed` are not answered."""
    return [
        LoggedQuestion(question=FERRIES[at % 4], abstained=at < failed, route="direct")
        for at in range(count)
    ]


@pytest.mark.parametrize(
    ("failed", "verdict", "drifted"),
    [(4, Verdict.LEAVE_IT, []), (16, Verdict.RE_TRAIN, ["questions not answered"])],
)
def test_what_the_weights_answered_counts(
    failed: int, verdict: Verdict, drifted: list[str]
) -> None:
    now, before = unsearched(40, failed=failed), unsearched(40, failed=4)
    report = detect_drift(now, before, EMBED, is_small_talk=lambda question: False)
    assert (report.questions, report.reference, report.left_out) == (40, 40, 0)
    assert report.verdict is verdict
    assert [figure.name for figure in report.figures if figure.drifted] == drifted
    assert {f.name: f.p for f in report.figures}["best passage, median grade"] is None


def test_passages_are_no_weaker_where_fewer_questions_are_searched_for() -> None:
    now = log(FERRIES, 40) + unsearched(40)
    report = detect_drift(now, log(FERRIES, 80), EMBED, is_small_talk=lambda question: False)
    assert (report.verdict, report.questions) == (Verdict.LEAVE_IT, 80)
    figures = {figure.name: figure for figure in report.figures}
    passages = figures["best passage, median grade"]
    assert (passages.reference, passages.drifted) == (passages.now, False)


def test_the_command_leaves_out_small_talk_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    now = written(tmp_path / "now.jsonl", [*unsearched(40), *GREETINGS])
    before = written(tmp_path / "before.jsonl", [*log(FERRIES, 40), GREETINGS[0]])
    assert cli.main(["drift", now, before, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["questions"], found["reference"], found["left_out"]) == (40, 40, 3)
    assert found["verdict"] == "LEAVE IT"


def test_training_questions_serve_as_reference_for_what_they_tell() -> None:
    trained = [LoggedQuestion(question=FERRIES[at % 4]) for at in range(40)]
    report = detect_drift(log(BEES, 40, failed=20), trained, EMBED)
    assert report.verdict is Verdict.LEAVE_IT
    told = {figure.name: figure.p is not None for figure in report.figures}
    assert [name for name, known in told.items() if known] == ["new questions told from old"]


def test_an_expected_answer_tells_whether_an_answer_is_right() -> None:
    asked = {"question": "When?", "abstained": False, "expected": "at noon"}
    right = LoggedQuestion.model_validate({**asked, "answer": "It leaves at noon [1]."})
    wrong = LoggedQuestion.model_validate({**asked, "answer": "On Friday."})
    assert (right.right, wrong.right) == (True, False)


def test_equal_logs_give_equal_reports_in_plain_values() -> None:
    now = log(FERRIES, 20) + log(BEES, 20, grade=0.2)
    first, second = (detect_drift(now, log(FERRIES, 40), EMBED).to_json() for _ in range(2))
    assert first == second
    assert json.loads(json.dumps(first))["verdict"] == "RE-INDEX"
    assert detect_drift(now, log(FERRIES, 40), EMBED).table().row_count == 6


def test_a_log_is_read_as_ask_writes_it(tmp_path: Path) -> None:
    file = tmp_path / "log.jsonl"
    passage = {"document": "a.md", "chunk": "c1", "score": 0.03, "grade": 0.7, "text": "Noon."}
    line = {"id": "1", "question": "When?", "answer": "", "abstained": True, "origin": "none"}
    file.write_text(json.dumps({**line, "route": "retrieve", "documents": [passage]}) + "\n")
    (entry,) = read_log(file)
    assert entry.best is not None
    assert (entry.abstained, entry.best.document, entry.right) == (True, "a.md", None)
    file.write_text('{"question": "When?"}\n{"answer": 1}\n')
    with pytest.raises(UserError, match=r"log.jsonl:2: question: Field required"):
        read_log(file)
    with pytest.raises(UserError, match="cannot read"):
        read_log(tmp_path / "none.jsonl")


def test_questions_that_an_adapter_was_trained_on_are_read_as_a_log(tmp_path: Path) -> None:
    row = {"id": "1", "question": "Who?", "answers": ["Anna"], "documents": ["a.md"]}
    (tmp_path / "q.jsonl").write_text("\ufeff" + json.dumps(row) + "\r\n", encoding="utf-8")
    (found,) = read_log(tmp_path / "q.jsonl")
    assert (found.question, found.documents, found.abstained) == ("Who?", (), None)


DOCS = {
    "one/a.md": "alpha",
    "one/empty.md": "",
    "one/broken.pdf": "nonsense",
    "one/move.md": "beta",
    "two/a.md": "gamma",
}


@pytest.mark.parametrize("archives", [False, True])
def test_documents_changed_are_those_that_an_ingestion_would_write(
    tmp_path: Path, archives: bool
) -> None:
    write_files(tmp_path, DOCS)
    packed, paths = tmp_path / "one" / "old.zip", [tmp_path / "one", tmp_path / "two"]
    packed.write_bytes(zipped({"x.txt": "delta", "y.txt": "alpha beta"}))
    assistant = Assistant(Settings(archives=archives))
    assistant.ingest(paths)
    assert assistant.changed_documents(paths) == set()
    write_files(tmp_path, {"one/new.md": "new", "one/a.md": "other", "one/new.pdf": "nonsense"})
    (tmp_path / "one" / "move.md").rename(tmp_path / "one" / "moved.md")
    (tmp_path / "two" / "a.md").unlink()
    packed.write_bytes(zipped({"x.txt": "gamma"}))
    changed = {"new.md", "a.md", "move.md", "moved.md", "two/a.md"}
    packed_too = {"old.zip/x.txt", "old.zip/y.txt"} if archives else set()
    assert assistant.changed_documents(paths) == changed | packed_too
    assistant.ingest(paths)
    assert assistant.changed_documents(paths) == set()
