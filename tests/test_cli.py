"""The command line: contracts of its output, exit codes, and errors in one line."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from app import cli, verbs
from app.assistant import Assistant
from app.commands import COMMANDS
from app.tuning.listing import table

ANSWER_KEYS = {
    "id", "question", "answer", "abstained", "origin", "route", "citations", "documents",
    "timings_ms", "tokens", "removed", "confidence", "model", "adapter", "index",
}  # fmt: skip
CITATION_KEYS = {"document", "chunk", "page", "start", "end", "quote"}
PASSAGE_KEYS = {"document", "chunk", "score", "grade", "text"}

QUESTION = "Once the gangway is down at Skjørnvik, how long do the buses wait?"


def run(*arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "app.cli", *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        cwd=cwd,
    )


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["fly"], "there is no command 'fly': use one of ingest, store, ask"),
        (["ask", "x", "--top-k", "0"], "top-k: Input should be greater than or equal to 1"),
        (["ask", "x", "--colour", "red"], "unrecognized arguments: --colour red"),
        (["ingest", "nowhere"], "nowhere does not exist"),
        (["ask", "x", "--chunk-overlap", "700"], "chunk_overlap 700 is more than half"),
        (["ask", "--batch", "missing.jsonl"], "cannot read missing.jsonl"),
        (["search", "x"], "there is no index in .groundtune/index: run 'groundtune ingest"),
        (["ask", "x", "--model", "nonsense"], "GROUNDTUNE_MODEL='nonsense' is not a model folder"),
        (["ask", "x", "--adapter", "."], "holds no adapter_config.json and no adapter_model"),
    ],
)
def test_bad_input_gets_one_line_and_exit_code_3(
    arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(arguments) == 3
    error = capsys.readouterr().err
    assert told in error
    assert error.count("\n") == 1
    assert "Traceback" not in error


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("ask Why --output out.jsonl", "--output has no effect without --batch"),
        ("ask Why --output o --together 2", "--output, --together have no effect without --batch"),
        ("ask Why --batch missing.jsonl --output o", "the question has no effect with --batch"),
        ("ask --json --batch missing.jsonl --output o", "--json has no effect with --batch"),
        ("search Why --output out.jsonl", "--output has no effect without --batch"),
        (
            "search Why --json --batch b --output o",
            "the question, --json have no effect with --batch",
        ),
        ("check Why --answer So --output o", "--output has no effect without --batch"),
        ("check --answer So --batch b --output o", "--answer has no effect with --batch"),
        ("serve --workers 4", "--workers has no effect without --plain"),
        ("serve --plain --jobs 2", "--jobs has no effect with --plain"),
        ("sync . --every 60", "--every has no effect without --watch"),
        (
            "export builtin:grounded o --converter c.py",
            "--converter has no effect without --kind gguf",
        ),
        ("sweep docs --plan", "--plan has no effect in a sweep"),
        ("sweep docs --name a --general g.jsonl", "--general, --name have no effect in a sweep"),
        ("sweep docs --promote --show-rows", "--show-rows, --promote have no effect in a sweep"),
        (
            "sweep --licence mit --attribution us",
            "--licence, --attribution have no effect in a sweep",
        ),
        ("sweep docs --gates.gain 0.1", "--gates has no effect in a sweep"),
        ("finetune --examples e --questions q", "--questions has no effect with --examples"),
        ("sweep --examples e --questions q", "--questions has no effect with --examples"),
        ("forget --undo", "--undo has no effect without a document"),
        ("forget tea.md --undo --run r", "--run has no effect with --undo"),
    ],
)
def test_a_flag_that_would_do_nothing_is_named(
    command: str, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(command.split()) == 3
    them = "them" if " have " in told else "it"
    assert capsys.readouterr().err == f"groundtune: {told}: leave {them} out\n"


def test_a_setting_and_a_flag_that_asks_for_nothing_are_no_idle_flags(
    set_variables: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    set_variables(GROUNDTUNE_OUTPUT="out.jsonl", GROUNDTUNE_TOP_K="3")  # one names no setting
    assert cli.main(["search", "Why"]) == 3
    assert cli.main(["search", "--no-json", "--batch", "missing.jsonl"]) == 3
    first, second = capsys.readouterr().err.splitlines()
    assert first.startswith("groundtune: there is no index in ")
    assert second.startswith("groundtune: cannot read missing.jsonl ")


@pytest.mark.parametrize(
    ("verb", "given", "variable", "value"),
    [
        ("serve", {}, "PORT", "8080"),
        ("serve", {}, "HOST", "0.0.0.0"),
        ("serve", {}, "GROUNDTUNE_WORKERS", "4"),
        ("promote", {"adapter_name": "a"}, "FORCE", "1"),
        ("ingest", {"paths": ["."]}, "GROUNDTUNE_REBUILD", "1"),
        ("search", {}, "OUTPUT", "out.jsonl"),
    ],
)
def test_no_variable_stands_for_a_flag_that_is_no_setting(
    verb: str,
    given: dict[str, Any],
    variable: str,
    value: str,
    set_variables: Callable[..., None],
) -> None:
    command = COMMANDS[verb].load()
    set_variables(**{variable: value})
    flag = variable.removeprefix("GROUNDTUNE_").lower()
    assert getattr(command(**given), flag) == command.model_fields[flag].default


@pytest.mark.parametrize(
    ("flag", "value"),
    [
        ("train.learning-rate", "inf"),
        ("train.epochs", "inf"),
        ("train.seed", "-1"),
        ("train.seed", str(2**32)),
        ("mixture.seed", "-1"),
        ("gates.gain", "nan"),
        ("gates.forgetting", "inf"),
    ],
)
def test_a_number_that_no_training_could_use_is_told_before_it(
    flag: str, value: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["finetune", f"--{flag}", value]) == 3
    error = capsys.readouterr().err
    assert error.startswith(f"groundtune: {flag.replace('.', '-')}: Input should be ")
    assert error.endswith(f" (came: '{value}')\n")


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16"])
def test_variables_that_are_not_utf_8_are_told(
    encoding: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file = Path(".env").absolute()
    file.write_text("GROUNDTUNE_INDEX=/home/jürgen/index\n", encoding=encoding)
    assert cli.main(["models"]) == 3
    error = capsys.readouterr().err
    assert error.startswith(f"groundtune: {file} is not UTF-8 text ('utf-8' codec can't decode ")
    assert error.endswith("): save it as UTF-8\n")
    assert cli.main(["--help"]) == 0


@pytest.mark.parametrize(
    ("encoding", "line", "value"),
    [
        ("ascii", "Ma\\xdf \\u20ac", {"Maß": "€"}),
        ("latin-1", "Maß \\u20ac", {"Maß": "€"}),
        ("utf-8", "Maß €", {"Maß": "€"}),
        ("utf-8", "Maß €", {"Ma\udcdf": "€"}),
    ],
)
def test_what_the_output_cannot_write_is_escaped(
    encoding: str, line: str, value: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def command(verb: str, arguments: list[str]) -> None:
        verbs.print_json(value)
        verbs.console_().print("Maß €")

    written = io.BytesIO()
    monkeypatch.setattr(cli, "_run", command)
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(written, encoding=encoding))
    assert cli.main(["models"]) == 0
    *json_lines, last = written.getvalue().decode(encoding).splitlines()
    assert json.loads("\n".join(json_lines)) == value
    assert last == line


@pytest.mark.parametrize("columns", ["30", "80"])
def test_the_table_of_adapters_cuts_no_name(
    columns: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    assert cli.main(["models", "--json"]) == 0
    (adapter,) = json.loads(capsys.readouterr().out)
    names = [adapter["name"], adapter["version"], ", ".join(adapter["aliases"]), adapter["data"]]
    assert cli.main(["models"]) == 0
    (row,) = [line for line in capsys.readouterr().out.splitlines() if adapter["name"] in line]
    assert all(name in row for name in names)
    printed = io.StringIO()
    Console(width=int(columns), file=printed).print(table([adapter]))
    cells = [line.split("│")[1:-1] for line in printed.getvalue().splitlines() if "│" in line]
    told = ["".join(cell.strip() for cell in column) for column in zip(*cells, strict=True)]
    assert [told[0], told[1], told[5]] == [names[0], names[1], names[3]]


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (OSError("cannot reach the hub:\n offline"), "cannot reach the hub: offline"),
        (FileNotFoundError(2, "No such file", "q.jsonl"), "q.jsonl: No such file"),
        (OSError(28, "No space left on device"), "No space left on device"),
        (ConnectionError(), "ConnectionError"),
    ],
)
def test_an_error_of_the_system_says_what_happened(
    error: OSError,
    told: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def command(verb: str, arguments: list[str]) -> None:
        raise error

    monkeypatch.setattr(cli, "_run", command)
    assert cli.main(["ask"]) == 3
    assert capsys.readouterr().err == f"groundtune: {told}\n"


def test_the_release_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--version"]) == 0
    assert capsys.readouterr().out == f"groundtune {version('groundtune')}\n"


def test_help_names_every_command_as_its_class_does(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([]) == 0
    overview = capsys.readouterr().out
    for verb, command in COMMANDS.items():
        assert command.load().__doc__ == command.told
        assert f"  {verb:<8} {command.told}\n" in overview


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ("--help", 128 + signal.SIGPIPE),
        ("models", 128 + signal.SIGPIPE),
        ("models --json", 128 + signal.SIGPIPE),
        ("ask --help", 0),  # argparse writes it, and takes a broken pipe for no error
    ],
)
def test_output_that_nobody_reads_ends_a_command_quietly(arguments: str, code: int) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "app.cli", *arguments.split()]
    done = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, timeout=120, check=False)
    os.close(writer)
    assert (done.returncode, done.stderr) == (code, b"")


def test_ingest_reports_skipped_files_by_name_and_goes_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "good.md").write_text("# Tea\n\nTea costs £2.10.")
    (folder / "empty.txt").write_text("")
    (folder / "broken.pdf").write_bytes(b"%PDF-1.4 nothing")
    (folder / "lines.jsonl").write_text('{"a": 1}\n{"a"\n')
    (folder / "photo.bmp").write_bytes(b"BM")
    command = ["ingest", str(folder), "--index", str(tmp_path / "index")]
    assert cli.main(command) == 0
    told = capsys.readouterr()
    assert "2 added" in told.out
    assert "skipped empty.txt" in told.out
    assert "skipped broken.pdf" in told.out
    assert "not read in lines.jsonl: line 2 column 5, which is not valid JSON" in told.out
    assert "not read: 1 .bmp" in told.out
    assert [".jsonl", "1", "0", "0", "0", "0"] in [line.split() for line in told.out.splitlines()]
    assert cli.main([*command, "--strict"]) == 3
    assert "2 files could not be read and 0 only in part" in capsys.readouterr().err


@pytest.mark.parametrize("verb", ["ingest", "sync"])
def test_files_that_all_are_unreadable_exit_with_3(
    verb: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty.txt").write_text("")
    assert cli.main([verb, str(tmp_path), "--index", str(tmp_path / ".index")]) == 3
    assert "nothing could be read" in capsys.readouterr().err


def test_a_bad_batch_line_is_named_before_anything_runs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    questions = tmp_path / "questions.jsonl"
    for text, told in (
        ('{"id": "1", "question": "a"}\n{"id": "2"}\n', "questions.jsonl:2: question"),
        ('{"id": "1", "question": "a"}\n{"id": "1", "question": "b"}\n', "'1' occurs twice"),
        ("not json\n", "questions.jsonl:1"),
        ("\n", "holds no questions"),
    ):
        questions.write_text(text)
        output = str(tmp_path / "out.jsonl")
        assert cli.main(["ask", "--batch", str(questions), "--output", output]) == 3
        assert told in capsys.readouterr().err
        assert not Path(output).exists()


@pytest.mark.parametrize("verb", ["ask", "search", "check"])
@pytest.mark.parametrize("output", ["questions.jsonl", "folder/../questions.jsonl", "link.jsonl"])
def test_a_batch_is_not_written_over_what_it_reads(
    verb: str,
    output: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("folder").mkdir()
    Path("link.jsonl").symlink_to("questions.jsonl")
    text = '{"id": "1", "question": "a", "answer": "b"}\n'
    Path("questions.jsonl").write_text(text)
    assert cli.main([verb, "--batch", "questions.jsonl", "--output", output]) == 3
    told = f"--output {output} is the file that --batch reads: name another one"
    assert capsys.readouterr().err == f"groundtune: {told}\n"
    assert Path("questions.jsonl").read_text() == text


def test_a_search_without_an_index_keeps_the_rankings_of_a_former_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    questions, output = tmp_path / "questions.jsonl", tmp_path / "rankings.jsonl"
    questions.write_text('{"id": "1", "question": "a"}\n')
    ranking = '{"id": "1", "question": "a", "results": []}\n'
    output.write_text(ranking)
    command = ["search", "--batch", str(questions), "--output", str(output)]
    assert cli.main([*command, "--index", str(tmp_path / "nowhere")]) == 3
    assert "there is no index in" in capsys.readouterr().err
    assert output.read_text() == ranking


def test_whoever_searches_nothing_needs_no_index(
    tiny_model: Path,
    one_thread: None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name, value in (("MODEL", tiny_model), ("CACHE", tmp_path), ("RETRIEVAL", "never")):
        monkeypatch.setenv(f"GROUNDTUNE_{name}", str(value))
    questions, output = tmp_path / "questions.jsonl", tmp_path / "answers.jsonl"
    questions.write_text('{"id": "1", "question": "Who keeps the bees?"}\n')
    assert cli.main(["ask", "--batch", str(questions), "--output", str(output)]) == 0
    (answer,) = map(json.loads, output.read_text().splitlines())
    assert (answer["route"], answer["index"]) == ("direct", None)
    capsys.readouterr()
    for flags in ([], ["--quick"]):
        cli.main(["doctor", "--json", *flags])
        found = json.loads(capsys.readouterr().out)["index"]
        told = "none, and none is searched: GROUNDTUNE_RETRIEVAL is never"
        assert found == {"ok": True, "found": told}


@pytest.fixture
def shipped(sample_assistant: Assistant, monkeypatch: pytest.MonkeyPatch) -> Assistant:
    """Let commands in this process share one loaded model."""
    monkeypatch.setattr(verbs, "assistant_of", lambda settings: sample_assistant)
    return sample_assistant


@pytest.mark.model
def test_ask_json_obeys_the_contract_in_a_process_of_its_own(sample_assistant: Assistant) -> None:
    done = run("ask", QUESTION, "--json", "--index", str(sample_assistant.settings.index))
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    check_contract(answer, sample_assistant)
    assert "12 minutes" in answer["answer"]
    assert answer["citations"][0]["document"] == "ports/skjornvik.html"
    assert answer == {**sample_assistant.ask(QUESTION), "timings_ms": answer["timings_ms"]}


@pytest.mark.model
def test_batch_obeys_the_contract_and_resumes_where_it_stopped(
    shipped: Assistant, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = {"id": "tea", "text": "At the pier. A pot of harbour tea costs £2.35 with milk."}
    asked: list[dict[str, Any]] = [
        {"id": "1", "question": QUESTION},
        {"id": "2", "question": "What does a pot of harbour tea cost?", "documents": [given]},
        {"id": "3", "question": " "},
        {
            "id": 4,
            "question": "And what does it cost?",
            "history": [
                {"role": "user", "content": "Is there a Skerry Pass for adults?"},
                {"role": "assistant", "content": "Yes, there is."},
            ],
        },
    ]
    questions, output = tmp_path / "questions.jsonl", tmp_path / "answers.jsonl"
    questions.write_text("".join(json.dumps(question) + "\n" for question in asked))
    command = ["ask", "--batch", str(questions), "--output", str(output)]
    assert cli.main(command) == 3
    assert "1 questions could not be asked" in capsys.readouterr().err
    lines = output.read_text().splitlines()
    answers = [json.loads(line) for line in lines]
    assert [answer["id"] for answer in answers] == ["1", "2", "3", "4"]
    for answer in answers:
        check_contract(answer, shipped, given=given if answer["id"] == "2" else None)
    assert answers[2]["error"].startswith("the question is empty")

    # Cut in the middle of the third line, as a kill would: two answers stay as they are.
    output.write_text("\n".join([*lines[:2], lines[2][:40]]))
    cli.main(command)
    resumed = output.read_text().splitlines()
    assert resumed[:2] == lines[:2]
    assert [json.loads(line)["id"] for line in resumed] == ["1", "2", "3", "4"]


@pytest.mark.model
def test_batch_refuses_to_mix_answers_of_two_runs(
    shipped: Assistant, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    questions, output = tmp_path / "questions.jsonl", tmp_path / "answers.jsonl"
    questions.write_text('{"id": "1", "question": "Hello!"}\n{"id": "2", "question": "Hi"}\n')
    command = ["ask", "--batch", str(questions), "--output", str(output)]
    assert cli.main(command) == 0
    record = json.loads(output.read_text().splitlines()[0]) | {"model": "another"}
    output.write_text(json.dumps(record) + "\n")
    assert cli.main(command) == 3
    assert "was made with model 'another'" in capsys.readouterr().err


@pytest.mark.model
def test_search_json_ranks_chunks_only(
    sample_assistant: Assistant, capsys: pytest.CaptureFixture[str]
) -> None:
    index = str(sample_assistant.settings.index)
    assert cli.main(["search", QUESTION, "-k", "3", "--json", "--index", index]) == 0
    result = json.loads(capsys.readouterr().out)
    assert result.keys() == {"id", "question", "results"}
    assert len(result["results"]) == 3
    assert result["results"][0].keys() == {
        *("document", "chunk", "page", "start", "end", "score", "text", "changed")
    }
    assert "ports/skjornvik.html" in {hit["document"] for hit in result["results"]}


@pytest.mark.model
def test_an_answer_is_shown_with_a_source_that_opens_on_the_sentence(
    shipped: Assistant, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["ask", QUESTION]) == 0
    shown = capsys.readouterr().out
    citation = shipped.ask(QUESTION)["citations"][0]
    start, end = citation["start"], citation["end"]
    assert f"[1] {citation['document']}, characters {start}–{end}" in shown
    place = ("--index", str(shipped.settings.index))
    assert cli.main(["show", citation["document"], str(start), str(end), *place]) == 0
    assert citation["quote"] in capsys.readouterr().out


@pytest.mark.model
def test_doctor_tells_what_is_in_order(
    sample_assistant: Assistant, capsys: pytest.CaptureFixture[str]
) -> None:
    index = str(sample_assistant.settings.index)
    assert cli.main(["doctor", "--index", index]) == 0
    told = capsys.readouterr().out
    assert "37 documents" in told
    assert "6 of 6 taken" in told
    assert "by all log-probabilities; weights: the adapter's own; 0." in told
    assert "is answered by 'ten past nine in the evening [1]'" in told
    assert cli.main(["doctor", "--index", "nowhere"]) == 2
    assert "not in order: index" in capsys.readouterr().err


def check_contract(
    answer: dict[str, Any], assistant: Assistant, given: dict[str, str] | None = None
) -> None:
    assert answer.keys() - {"error"} == ANSWER_KEYS
    assert answer["route"] in ("retrieve", "direct")
    assert answer["origin"] in ("documents", "model", "none")
    assert answer["tokens"].keys() == {"prompt", "completion"}
    keys = PASSAGE_KEYS if given else PASSAGE_KEYS | {"changed"}
    assert all(passage.keys() == keys for passage in answer["documents"])
    assert bool(answer["citations"]) == (answer["origin"] == "documents")
    for number, citation in enumerate(answer["citations"], start=1):
        assert citation.keys() == CITATION_KEYS
        is_given = given and citation["document"] == given["id"]
        text = given["text"] if given and is_given else assistant.text_of(citation["document"])
        assert text[citation["start"] : citation["end"]] == citation["quote"]
        assert f"[{number}]" in answer["answer"]
