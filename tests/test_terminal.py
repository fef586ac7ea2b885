"""What a person sees while an answer is written, and the ways to get it from Python."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from rich.console import Console
from rich.table import Table

from app import cli, verbs
from app.answers import Answer
from app.assistant import Assistant
from app.errors import UserError
from app.settings import Settings
from app.terminal import print_answer, stream_answer

QUESTION = "Once the gangway is down at Skjørnvik, how long do the buses wait?"


def terminal() -> Console:
    return Console(file=io.StringIO(), force_terminal=True, width=100, soft_wrap=True)


def shown(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def without_times(answer: Answer) -> dict:
    return {key: value for key, value in answer.items() if key != "timings_ms"}


@pytest.mark.model
def test_a_terminal_sees_a_spinner_then_the_draft_then_the_checked_answer(
    sample_assistant: Assistant,
) -> None:
    console = terminal()
    drafts: list[str] = []

    def watched() -> Iterator[str | Answer]:
        for event in sample_assistant.stream(QUESTION):
            if isinstance(event, str):
                assert drafts or "reading" in shown(console)
                drafts.append(event)
            yield event

    answer = stream_answer(watched(), console)
    print_answer(answer, console, roots=sample_assistant.roots())
    assert len(drafts) >= 2
    assert without_times(answer) == without_times(sample_assistant.ask(QUESTION))
    # The name of the document is a link that the terminal can open.
    assert "file://" in shown(console)
    assert answer["citations"][0]["quote"] in shown(console)


@pytest.mark.model
async def test_async_code_gets_the_same_answer_whole_or_streamed(
    sample_assistant: Assistant,
) -> None:
    expected = without_times(sample_assistant.ask(QUESTION))
    assert without_times(await sample_assistant.aask(QUESTION)) == expected
    events = [event async for event in sample_assistant.astream(QUESTION)]
    assert all(isinstance(event, str) for event in events[:-1])
    assert without_times(events[-1]) == expected  # type: ignore[arg-type]


@pytest.mark.model
async def test_several_questions_at_once_are_each_answered_by_the_contract(
    sample_assistant: Assistant,
) -> None:
    questions = [QUESTION, "Good morning!", "What does the ordinary adult Skerry Pass cost?"]
    answers = await asyncio.gather(*[sample_assistant.aask(question) for question in questions])
    assert [answer["question"] for answer in answers] == questions
    assert [answer["route"] for answer in answers] == ["retrieve", "direct", "retrieve"]


@pytest.mark.model
def test_the_demonstration_checks_what_it_shows(
    sample_assistant: Assistant,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(verbs, "assistant_of", lambda settings: sample_assistant)
    assert cli.main(["demo"]) == 0
    told = capsys.readouterr().out
    assert told.count("$ groundtune ask") == 6
    assert told.count("[1] ") >= 4
    assert "no passage supports an answer" in told
    assert "no document was consulted" in told


@pytest.mark.parametrize(
    "text", ["What does [/admin] do?", "[urgent] When?", ":tea: at noon", "[bold]x[/bold]", "[/]"]
)
def test_what_users_wrote_is_printed_as_they_wrote_it(
    text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    table = Table(text, box=None)
    table.add_row(text)
    verbs.console_().print(text)
    verbs.console_().print(table)
    assert [line.strip() for line in capsys.readouterr().out.splitlines()] == [text] * 3


@pytest.mark.parametrize(
    ("flags", "index"),
    [([], ".groundtune/demo"), (["--index", "other"], "other"), (["--index", "own"], "own")],
)
def test_the_demonstration_leaves_the_index_alone_that_variables_name(
    flags: list[str],
    index: str,
    set_variables: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    used: list[Settings] = []

    def no_assistant(settings: Settings) -> Assistant:
        used.append(settings)
        raise UserError("no model is needed")

    monkeypatch.setattr(verbs, "assistant_of", no_assistant)
    set_variables(
        GROUNDTUNE_INDEX="own", GROUNDTUNE_STORE="postgresql:///own", GROUNDTUNE_TOP_K="3"
    )
    assert cli.main(["demo", *flags]) == 3
    assert capsys.readouterr().err == "groundtune: no model is needed\n"
    assert [(one.index, one.store, one.top_k) for one in used] == [(Path(index), None, 3)]


def test_variables_are_read_for_settings_but_not_for_a_command_s_own_flags(
    set_variables: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    set_variables(GROUNDTUNE_REBUILD="1", JSON="nonsense", GROUNDTUNE_TOP_K="3")
    command = verbs.Ingest(paths=[])
    assert (command.rebuild, command.top_k) == (False, 3)
    assert verbs.Ask().json_ is False
    assert cli.main(["ask", "--top-k", "none"]) == 3
    assert "top-k" in capsys.readouterr().err
