"""The command line: verbs whose flags are the settings, and errors told in one line."""

from __future__ import annotations

import json
import logging
import os
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from dotenv import load_dotenv
from pydantic import Field, PositiveInt, ValidationError
from pydantic_settings import CliApp, CliPositionalArg, SettingsError

from app.errors import CheckFailed, UserError
from app.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.assistant import Assistant
    from app.batch import BatchQuestion

Result = TypeVar("Result")

DEFECT = 1


class Ingest(Settings):
    """Bring the index up to date with folders or files of documents."""

    paths: CliPositionalArg[list[Path]]
    """Folders or files."""
    rebuild: bool = False
    """Start the index anew, for instance after a change of settings."""

    def cli_cmd(self) -> None:
        """Run the command."""
        report = _assistant(self).ingest(self.paths, rebuild=self.rebuild, progress=True)
        from app.terminal import print_report

        print_report(report, _console())
        if report.skipped:
            raise UserError(f"{len(report.skipped)} files could not be read; the rest is indexed")


class Ask(Settings):
    """Answer a question, or a file of questions, with cited sentences."""

    question: CliPositionalArg[str] = ""
    """What to ask; left out with --batch."""
    json_: bool = Field(False, alias="json")
    """Print one JSON object."""
    batch: Path | None = None
    """Answer a .jsonl file of {"id", "question", "history"?, "documents"?}."""
    output: Path | None = None
    """Where --batch writes; a second run resumes there."""
    concurrency: PositiveInt = 1
    """Questions of a batch asked at once; above 1 is faster, but equal runs may then differ."""

    def cli_cmd(self) -> None:
        """Run the command."""
        if self.batch is not None:
            self._run_batch(self.batch)
        elif self.json_:
            _print_json(_assistant(self).ask(self.question))
        else:
            self._show()

    def _show(self) -> None:
        console = _console()
        with console.status("loading"):  # torch and the weights take seconds
            from app.terminal import print_answer, stream_answer

            assistant = _assistant(self)
            assistant.warm_up()
        answer = (
            stream_answer(assistant.stream(self.question), console)
            if console.is_terminal
            else assistant.ask(self.question)
        )
        print_answer(answer, console, roots=assistant.roots())

    def _run_batch(self, batch: Path) -> None:
        from app.batch import read_questions, run_batch

        questions = read_questions(batch)
        if self.output is None:
            raise UserError("--batch needs --output FILE.jsonl for the answers")
        assistant = _assistant(self)
        failed = run_batch(
            questions,
            self.output,
            lambda question: _answer_or_error(assistant, question),
            same_run=assistant.identity(searching=any(not q.documents for q in questions)),
            concurrency=self.concurrency,
        )
        if failed:
            raise UserError(f"{failed} questions could not be asked; see 'error' in {self.output}")


class Search(Settings):
    """Rank the chunks of the index for a question, or for a file of questions."""

    question: CliPositionalArg[str] = ""
    """What to search for; left out with --batch."""
    k: int = Field(10, ge=1, le=1000)
    """How many chunks."""
    json_: bool = Field(False, alias="json")
    """Print one JSON object."""
    batch: Path | None = None
    """Search for a .jsonl file of {"id", "question"}."""
    output: Path | None = None
    """Where --batch writes."""

    def cli_cmd(self) -> None:
        """Run the command."""
        from app.batch import read_questions, run_batch
        from app.terminal import print_ranking

        if self.batch is None:
            result = _assistant(self).search(self.question, self.k)
            _print_json(result) if self.json_ else print_ranking(result, _console())
            return
        questions = read_questions(self.batch)
        if self.output is None:
            raise UserError("--batch needs --output FILE.jsonl for the rankings")
        assistant = _assistant(self)
        run_batch(
            questions,
            self.output,
            lambda q: dict(assistant.search(q.question, self.k, id_=q.id)),
            same_run={},
            concurrency=1,
        )


class Show(Settings):
    """Open a citation: print a document's text around a span, the span highlighted."""

    document: CliPositionalArg[str]
    """The document, as citations name it."""
    start: CliPositionalArg[int]
    """First character."""
    end: CliPositionalArg[int]
    """Character after the last."""

    def cli_cmd(self) -> None:
        """Run the command."""
        from app.terminal import print_quote

        text = _assistant(self).text_of(self.document)
        if not 0 <= self.start < self.end <= len(text):
            raise UserError(
                f"{self.document} has {len(text)} characters, {self.start} to {self.end} is no "
                "span of it"
            )
        print_quote(text, self.start, self.end, _console())


class Doctor(Settings):
    """Check that models, index and settings are in order."""

    json_: bool = Field(False, alias="json")
    """Print one JSON object."""

    def cli_cmd(self) -> None:
        """Run the command."""
        from app.doctor import examine

        checks = examine(self)
        if self.json_:
            _print_json({check.name: {"ok": check.ok, "found": check.found} for check in checks})
        for check in [] if self.json_ else checks:
            print(f"{'ok  ' if check.ok else 'FAIL'} {check.name:<18} {check.found}")
        if failed := [check.name for check in checks if not check.ok]:
            raise CheckFailed(f"not in order: {', '.join(failed)}")


COMMANDS: dict[str, type[Settings]] = {
    "ingest": Ingest,
    "ask": Ask,
    "search": Search,
    "show": Show,
    "doctor": Doctor,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code: 0 done, 1 a defect, 2 check not met, 3 bad input."""
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    load_dotenv(".env")
    _quiet()
    if not arguments or arguments[0] in ("-h", "--help"):
        print(_overview())
        return 0
    try:
        _run(arguments[0], arguments[1:])
    except UserError as error:
        return _fail(str(error), error.exit_code)
    except (SettingsError, ValidationError, ValueError) as error:
        return _fail(_one_line(error), UserError.exit_code)
    except KeyboardInterrupt:
        return _fail("interrupted; what was finished is kept", DEFECT)
    except BrokenPipeError:  # the reader of a pipe had enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:  # a traceback helps no user; the log line names the place
        return _fail(f"a defect in groundtune: {type(error).__name__}: {error}", DEFECT)
    return 0


def _run(verb: str, arguments: list[str]) -> None:
    command = COMMANDS.get(verb)
    if command is None:
        raise UserError(f"there is no command {verb!r}: use one of {', '.join(COMMANDS)}")
    CliApp.run(
        command,
        cli_args=arguments,
        cli_exit_on_error=False,
        _cli_prog_name=f"groundtune {verb}",
    )


def _overview() -> str:
    lines = [f"  {verb:<8} {(command.__doc__ or '').strip()}" for verb, command in COMMANDS.items()]
    return "\n".join(
        [
            "usage: groundtune COMMAND ...",
            "",
            *lines,
            "",
            "groundtune COMMAND --help shows its flags.",
        ]
    )


def _assistant(settings: Settings) -> Assistant:
    from app.assistant import Assistant

    return Assistant(settings)


def _answer_or_error(assistant: Assistant, question: BatchQuestion) -> Mapping[str, Any]:
    try:
        return assistant.ask(
            question.question,
            history=[turn.model_dump() for turn in question.history],
            documents=[document.model_dump() for document in question.documents],
            id_=question.id,
        )
    except ValueError as error:  # a question that cannot be asked; the others can
        return assistant.unanswered(question.question, id_=question.id, error=str(error))


def _console() -> Any:
    from rich.console import Console

    return Console(highlight=False, soft_wrap=True)


def _print_json(value: Any) -> None:
    print(json.dumps(value, ensure_ascii=False, indent=2))


def _one_line(error: Exception) -> str:
    if not isinstance(error, ValidationError):
        return " ".join(str(error).split())
    first = error.errors()[0]
    name = "-".join(str(part) for part in first["loc"]).replace("_", "-")
    came = f" (came: {first['input']!r})" if first["type"] != "missing" else ""
    return f"{name}: {first['msg']}{came}" if name else first["msg"]


def _fail(message: str, code: int) -> int:
    print(f"groundtune: {message}", file=sys.stderr)
    return code


def _quiet() -> None:
    """Keep libraries' notices out of a user's terminal; GROUNDTUNE_DEBUG shows them."""
    if not os.environ.get("GROUNDTUNE_DEBUG"):
        warnings.simplefilter("ignore")
        logging.disable(logging.WARNING)


if __name__ == "__main__":
    sys.exit(main())
