"""Arguments of commands: taken as they are written, and told of where they are none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from app import cli
from app.arguments import arguments_of
from app.commands import COMMANDS

QUOTE = "put quotation marks around a text with blanks, and name all paths side by side"


def read(verb: str, *arguments: str) -> Any:
    command = COMMANDS[verb].load()
    return command(_cli_settings_source=arguments_of(command, verb)(args=list(arguments)))


@pytest.mark.parametrize(
    "name",
    [
        "Report, final.pdf",
        "[2024] minutes",
        "{5f2c}",
        '"quoted"',
        " leading and trailing ",
        "back\\slash",
        "Übung/Maß & co.md",
        "None",
        "https://example.org/?a=1,2",
    ],
)
def test_paths_are_taken_as_they_are_written(
    name: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert read("ingest", name, "second").paths == [name, "second"]
    assert read("sync", "--watch", name).paths == [name]
    assert read("finetune", name, "--plan").paths == [Path(name)]
    assert read("compare", "--questions", "q,r.jsonl", name, "b").paths == [Path(name), Path("b")]
    assert read("drift", "log", "reference", name).paths == [Path(name)]
    (tmp_path / "other.md").write_text("Tea costs two pounds.")
    file = str(tmp_path / Path(name).name)
    assert cli.main(["ingest", str(tmp_path / "other.md"), file]) == 3
    assert f"groundtune: {file} does not exist" in capsys.readouterr().err


def test_flags_that_take_several_values_take_them_with_commas_as_before() -> None:
    assert read("search", "a,b", "--as", "crew, cooks").as_ == ["crew", "cooks"]
    assert read("search", "a", "--as", "crew", "--as", "cooks").as_ == ["crew", "cooks"]
    assert read("finetune", "--train.targets", "c_attn,c_proj").train.targets == (
        "c_attn",
        "c_proj",
    )
    assert read("finetune", "--mixture.passages", "1,2").mixture.passages == (1, 2)
    assert read("search", "a", "--model-options", "seed=3").model_options == {"seed": "3"}
    assert read("finetune", "--plan").paths == []


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["ingest", ""], "the paths"),
        (["ingest", "docs", ""], "the paths"),
        (["sync", "", "--watch"], "the paths"),
        (["drift", "log", "reference", ""], "the paths"),
        (["search", ""], "the question"),
        (["forget", ""], "the document"),
        (["promote", ""], "the adapter-name"),
        (["ingest", "docs", "--store", ""], "--store"),
        (["ingest", "docs", "--store="], "--store"),
        (["ingest", "docs", "--access", ""], "--access"),
        (["finetune", "--examples", ""], "--examples"),
        (["finetune", "docs", "--general", ""], "--general"),
    ],
)
def test_an_empty_argument_stands_for_nothing_else(
    arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(arguments) == 3
    error = f"groundtune: {told} is empty: give a value, or leave it out\n"
    assert capsys.readouterr().err == error


def test_no_groups_are_no_empty_argument() -> None:
    assert read("search", "tea", "--as", "").as_ == [""]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["search", "F\udce4hre"], r"the question came as 'F\udce4hre'"),
        (["search", "tea", "--index", "\udcff"], r"--index came as '\udcff'"),
        (["search", "tea", "--as", "\udcff"], r"--as came as '\udcff'"),
        (["ingest", "F\udce4hre"], r"the paths came as 'F\udce4hre'"),
    ],
)
def test_an_argument_of_bytes_that_are_no_text_is_told(
    arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(arguments) == 3
    error = f"groundtune: {told}, which is not UTF-8: write or rename it so\n"
    assert capsys.readouterr().err == error


@pytest.mark.parametrize(
    ("command", "left", "advice"),
    [
        ("search --k 3 tea", "--k tea", "did you mean -k? 'groundtune search --help' shows "),
        ("search tea -json", "-json", "did you mean --json or --no-json? 'groundtune search "),
        ("search tea —json", "—json", "did you mean --json? 'groundtune search --help' shows "),
        ("ingest docs --rebuld", "--rebuld", "did you mean --rebuild or --no-rebuild? "),
        ("finetune --gates.gian=1", "--gates.gian=1", "did you mean --gates.gain or "),
        ("ask Why --colour red", "--colour red", "'groundtune ask --help' shows every flag"),
        ("search When does it open?", "does it open?", QUOTE),
        ("ingest a --strict b", "b", QUOTE),
    ],
)
def test_an_argument_that_no_command_takes_is_told_with_what_may_be_meant(
    command: str, left: str, advice: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(command.split()) == 3
    error = capsys.readouterr().err
    assert error.startswith(f"groundtune: unrecognized arguments: {left}: {advice}")
    assert error.count("\n") == 1


@pytest.mark.parametrize("verb", COMMANDS)
def test_the_usage_names_the_command(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main([verb, "--help"])
    assert capsys.readouterr().out.startswith(f"usage: groundtune {verb} [-h] ")
