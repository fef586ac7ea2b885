"""The commands: classes whose fields are their flags, and what each one runs."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeVar

from pydantic import Field, PositiveInt
from pydantic_settings import (
    BaseSettings,
    CliPositionalArg,
    DotEnvSettingsSource,
    EnvSettingsSource,
    InitSettingsSource,
    PydanticBaseSettingsSource,
)

from app.errors import UNASKABLE, BadReply, UserError
from app.idle_flags import refuse_idle_of_batch
from app.settings import Settings
from app.uncollected import uncollected

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import Console

    from app.assistant import Assistant
    from app.batch_rows import BatchQuestion
    from app.index_parts import IndexParts
    from app.ingest.report import IngestReport

Whole = TypeVar("Whole", bound="IndexParts")

SAMPLE_INDEX = Path(".groundtune/demo")
"""Where the sample handbook is, which is none of the user's documents."""


class Verb(Settings):
    """A command; its own options are flags only, just the settings are read from variables."""

    read_from: ClassVar[type[Settings]] = Settings
    """Whose fields are read from variables and `.env` too."""
    flags_only: ClassVar[tuple[str, ...]] = ()
    """Settings of which no variable is read, because what it names is not meant."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read variables and `.env` for the settings' fields."""
        read = cls.read_from
        in_file = DotEnvSettingsSource(read, dotenv_filtering="only_existing")  # not all it holds
        apart = {name: cls.model_fields[name].default for name in cls.flags_only}
        defaults = InitSettingsSource(cls, apart)  # they win over variables, flags over them
        return init_settings, defaults, EnvSettingsSource(read), in_file


class Ingest(Verb):
    """Bring the index up to date with folders, files or URLs of documents."""

    paths: CliPositionalArg[list[str]]
    """Folders, files or URLs."""
    rebuild: bool = False
    """Start the index anew, for instance after a change of settings."""
    strict: bool = False
    """Exit with 3 if anything of a document could not be read, as CI may want."""
    engine: Literal["local", "ray"] = "local"
    """Where files are read and chunks embedded: in this process, or on a Ray cluster."""

    def cli_cmd(self) -> None:
        """Run the command."""
        report = assistant_of(self).ingest(
            self.paths, rebuild=self.rebuild, progress=True, engine=self.engine
        )
        show_ingested(report, console_())
        lost = len(report.skipped)
        if self.strict and (lost or report.partly):
            message = f"{lost} files could not be read and {len(report.partly)} only in part"
            raise UserError(f"{message}; the rest is indexed")


class Reading(Verb):
    """A command that reads the index, of which an operator sees all."""

    as_: list[str] | None = Field(None, alias="as")
    """See only what members of these groups may, with commas between; user:NAME is one too."""

    def assistant(self) -> Assistant:
        """Return the assistant, or its view."""
        return self._seen(assistant_of(self))

    def searcher(self) -> IndexParts:
        """Return what looks up in the index, or its view, without models that answer."""
        with uncollected():
            from app.index_parts import IndexParts

        return self._seen(IndexParts(self))

    def _seen(self, whole: Whole) -> Whole:
        return whole if self.as_ is None else whole.seen_by(self.as_)


class Ask(Reading):
    """Answer a question, or a file of questions, with cited sentences."""

    question: CliPositionalArg[str] = ""
    """What to ask; left out with --batch."""
    json_: bool = Field(False, alias="json")
    """Print one JSON object."""
    batch: Path | None = None
    """Answer a .jsonl file of {"id", "question", "history"?, "documents"?}."""
    output: Path | None = None
    """Where --batch writes; a second run resumes there."""
    together: PositiveInt = 1
    """Questions of a batch asked at once, which is faster; equal runs are equal."""

    def cli_cmd(self) -> None:
        """Run the command."""
        refuse_idle_of_batch(self, self.batch)
        if self.batch is not None:
            self._run_batch(self.batch)
        elif self.json_:
            print_json(self.assistant().ask(self.question))
        else:
            self._show()

    def _show(self) -> None:
        console = console_()
        with console.status("loading"):  # torch and the weights take seconds
            from app.terminal import print_answer, stream_answer

            assistant = self.assistant()
            assistant.warm_up()
        answer = (
            stream_answer(assistant.stream(self.question), console)
            if console.is_terminal
            else assistant.ask(self.question)
        )
        print_answer(answer, console, roots=assistant.roots())

    def _run_batch(self, batch: Path) -> None:
        from app.batch import output_of, run_batch
        from app.batch_rows import read_questions

        questions = read_questions(batch)
        output = output_of(batch, self.output, told="answers")
        assistant = self.assistant()
        assistant.warm_up()
        asked = any(not question.documents for question in questions)
        index = assistant.store.version if asked and assistant.settings.searches() else None
        failed = run_batch(
            questions,
            output,
            lambda question: _answer_or_error(assistant, question),
            same_run=assistant.identity(index=index),
            made=assistant.made_by(index=None, data=self._how()),
            together=self.together,
            cohort=lambda size: assistant.runtime.cohort(size),
        )
        if failed:
            raise UserError(f"{failed} questions could not be asked; see 'error' in {output}")

    def _how(self) -> Mapping[str, Any]:
        """Return what answers depend on beside settings: who asks, and what shares a pass."""
        return {"--as": self.as_ and sorted(self.as_), "--together": self.together}


class Demo(Verb):
    """Ask the sample handbook six questions and open a citation."""

    flags_only: ClassVar[tuple[str, ...]] = ("index",)

    index: Path = SAMPLE_INDEX
    """Folder of the index."""

    def cli_cmd(self) -> None:
        """Run the command."""
        console = console_()
        with console.status("loading"):
            from app.demo import demonstrate

            # not into the store that holds the user's documents
            assistant = assistant_of(self.model_copy(update={"store": None}))
        demonstrate(assistant, console)


def assistant_of(settings: Settings) -> Assistant:
    """Return an assistant with these settings; models load on first use."""
    with uncollected():
        from app.assistant import Assistant

    return Assistant(settings)


def show_ingested(report: IngestReport, console: Console) -> None:
    """Print what an ingestion did; raises UserError where nothing could be read."""
    from app.terminal import print_report

    print_report(report, console)
    if report.nothing_read:
        raise UserError("nothing could be read: see the reasons above")


def _answer_or_error(assistant: Assistant, question: BatchQuestion) -> Mapping[str, Any]:
    try:
        return assistant.ask(**question.arguments())
    except (*UNASKABLE, BadReply) as error:  # the others can be asked
        return assistant.unanswered(question.question, id_=question.id, error=str(error))


def console_() -> Any:
    """Return the terminal to print to."""
    from rich.console import Console

    class Terminal(Console):
        def on_broken_pipe(self) -> None:
            raise BrokenPipeError  # the library would end the process as if it had failed

    # What users wrote is no markup: [brackets] and :words: are printed as they are.
    return Terminal(highlight=False, soft_wrap=True, markup=False, emoji=False)


def print_json(value: Any) -> None:
    """Print a value as indented JSON, with escapes for what the output cannot write."""
    text = json.dumps(value, ensure_ascii=False, indent=2)
    try:
        text.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        text = json.dumps(value, indent=2)
    print(text)
