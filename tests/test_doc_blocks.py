"""Every code block of README and docs runs and prints what it shows, or says why it cannot run."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest
from doc_parts import PAGES, REPOSITORY
from markdown_it import MarkdownIt

import app.assistant
from app import cli
from app.assistant import Assistant
from app.settings import Settings

REASON = re.compile(r"<!-- not run: (\S.*\S) -->\s*")
RUN, NEEDS_REASON = {"console", "python"}, {"bash", "console", "python", "sh", "shell"}
SHOWN = {"text", "json", "toml", "yaml", "mermaid"}  # nothing in them could be run
ANY_LINES = "..."


@dataclass(frozen=True)
class Block:
    """A fenced block of a page."""

    place: str
    language: str
    text: str
    reason: str | None
    """Why it is not run."""


def blocks() -> Iterator[Block]:
    for page in PAGES:
        tokens = MarkdownIt().parse(page.read_text())
        for before, token in pairwise([tokens[0], *tokens]):
            if token.type == "fence":
                said = REASON.fullmatch(before.content) if before.type == "html_block" else None
                place = f"{page.relative_to(REPOSITORY)}:{token.map[0] + 1}"
                yield Block(place, token.info, token.content, said and said[1])


BLOCKS = list(blocks())


def parts(language: str) -> list:
    """The blocks of a language that are run, as pytest takes them."""
    run = [block for block in BLOCKS if block.language == language and not block.reason]
    return [pytest.param(block.text, id=block.place) for block in run]


def test_every_block_is_run_or_says_why_not() -> None:
    assert len(BLOCKS) >= 15
    for block in BLOCKS:
        assert block.language in NEEDS_REASON | SHOWN, f"{block.place}: name its language"
        if block.language in NEEDS_REASON:
            assert block.reason or block.language in RUN, f"{block.place}: why is it not run?"


def test_no_command_hides_in_an_indented_block() -> None:
    for page in PAGES:
        for token in MarkdownIt().parse(page.read_text()):
            if token.type == "code_block":
                assert not re.match(
                    r"(\$ )?(\.venv/bin/)?(groundtune|make|python)\b", token.content
                )


def test_commands_that_are_not_run_have_flags_that_exist() -> None:
    seen = 0
    for block in BLOCKS:
        text = block.text.replace("\\\n", " ") if block.reason else ""
        for line in re.findall(r"^groundtune .*|-m app\.cli -- .*", text, re.MULTILINE):
            verb, *words = shlex.split(re.sub(r"^groundtune |-m app\.cli -- ", "", line), True)
            fields = cli.COMMANDS[verb].load().model_fields
            named = {name for key, of in fields.items() for name in (key, of.alias)}
            for flag in (word for word in words if word.startswith("--")):
                assert flag[2:].split(".")[0].replace("-", "_") in named, f"{block.place}: {flag}"
                seen += 1
    assert seen >= 5


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder like a checkout, in which what is written stays."""
    folder = tmp_path_factory.mktemp("checkout")
    (folder / "app").symlink_to(REPOSITORY / "app")
    return folder


@pytest.fixture(scope="module")
def loaded() -> Iterator[Callable[..., Assistant]]:
    """Makes assistants, each once, so that models load once for all blocks."""
    made: dict[str, Assistant] = {}
    names = set(Settings.model_fields)

    def assistant(settings: Settings | None = None) -> Assistant:
        settings = settings or Settings()
        key = settings.model_dump_json(include=names)
        return made.setdefault(key, made.get(key) or Assistant(settings))

    yield assistant
    for one in made.values():
        one.close()


@pytest.fixture
def work(checkout: Path, loaded, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(checkout)
    monkeypatch.setattr(app.assistant, "Assistant", loaded)


@pytest.fixture
def ingested(text: str, work: None) -> None:
    """Has the sample in the index that is asked, unless the block begins by ingesting it."""
    index = re.search(r" --index (\S+)", text)
    assistant = app.assistant.Assistant(Settings(index=Path(index[1])) if index else Settings())
    if not assistant.store.exists() and not text.startswith("$ groundtune ingest"):
        assistant.ingest(["app/sample/handbook"])


def exchanges(text: str) -> list[tuple[str, str]]:
    """The commands of a console block, each with the output below it."""
    commands = re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]
    return [(command, output) for command, _, output in (of.partition("\n") for of in commands)]


def expected(output: str) -> re.Pattern[str]:
    """Match this output, blanks at ends of lines aside; a line of dots is any lines."""
    lines = output.rstrip().split("\n") if output.strip() else []
    written = [r"(.*\n)*" if line == ANY_LINES else re.escape(line) + r" *\n" for line in lines]
    return re.compile("".join(written))


@pytest.mark.model
@pytest.mark.parametrize("text", parts("console"))
def test_commands_print_what_the_pages_show(text: str, ingested: None, capsys) -> None:
    assert exchanges(text)
    for command, output in exchanges(text):
        name, *arguments = shlex.split(command)
        assert name == "groundtune"
        code = cli.main(arguments)
        said = capsys.readouterr()
        assert code in (0, 2), said.err
        assert expected(output).fullmatch(said.out), f"{command}\n{said.out}"


@pytest.mark.model
@pytest.mark.parametrize("text", parts("python"))
def test_python_runs(text: str, work: None, capsys) -> None:
    exec(compile(text, "block", "exec"), {})
    assert capsys.readouterr().out
