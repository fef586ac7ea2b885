"""The commands that train and keep adapters: classes whose fields are their flags."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field
from pydantic_settings import CliPositionalArg

from app.dataset.mixture import Mixture
from app.errors import CheckFailed, UserError
from app.idle_flags import refuse_idle
from app.settings import Settings
from app.verbs import Verb, assistant_of, console_, print_json
from finetune.config import Gates, TrainConfig

if TYPE_CHECKING:
    from app.tuning.prepare import Sources
    from finetune.registry.store import Registry, Version

PIPED = 1000
"""Most characters of a line that no terminal shows, which commands read line by line."""
ONLY_REGISTERED = (
    "general",
    "name",
    "licence",
    "attribution",
    "plan",
    "show_rows",
    "promote",
    "gates",
)
"""Flags of what is planned, measured, registered or promoted, as no trial of a sweep is."""


class Finetune(Verb):
    """Build, measure and register an adapter from documents, questions or chat examples."""

    paths: CliPositionalArg[list[Path]] = Field(default_factory=list)
    """Folders or files of documents to ingest first; none trains on the index as it is."""
    questions: Path | None = None
    """A .jsonl file of {"id", "question", "answers", "documents"}; else questions are generated."""
    examples: Path | None = None
    """A .jsonl file of chat examples, trained as they are instead of rows made of documents."""
    rehearsal: Path | None = None
    """A .jsonl file of general chats; else the base model's own replies are rehearsed."""
    test: Path | None = None
    """A .jsonl file of chat examples to measure on; else a share of the questions' documents."""
    general: Path | None = None
    """A .jsonl file of general chats on which forgetting is measured."""
    name: str = "domain"
    """What the adapter is called in the registry."""
    start: str = "auto"
    """Adapter to go on from: auto (the shipped one), none, a folder, a hub id, or NAME@VERSION."""
    run: Path = Path(".groundtune/run")
    """Folder of data set and checkpoints; a second run resumes there."""
    licence: str = ""
    """Licence of the adapter, as the hub names licences; else that of the adapter gone on from."""
    attribution: str = ""
    """What the sources ask to be said, for the model card, beside what that adapter's ask."""
    plan: bool = False
    """Only say what it would take: tokens, steps, minutes, memory."""
    show_rows: bool = True
    """Show rows of the data in the registered reports; turn off where it may not be passed on."""
    promote: bool = True
    """Put the adapter into production if it passes its gates and beats the present one."""
    mixture: Mixture = Mixture()
    """What the data set is made of."""
    train: TrainConfig = TrainConfig()
    """The training recipe."""
    gates: Gates = Gates()
    """What the adapter must reach."""

    def cli_cmd(self) -> None:
        """Run the command."""
        self._refuse_idle_questions()
        from app.tuning.command import finetune

        finetune(self, self.request(), console_())

    def _refuse_idle_questions(self) -> None:
        if self.examples is not None:
            refuse_idle(self, "questions", where="with --examples")

    def request(self) -> Any:
        """Gather what the run needs to know."""
        from app.tuning.command import Request

        return Request(
            paths=tuple(self.paths),
            sources=self._sources(),
            general=self.general,
            name=self.name,
            start=self.start,
            run=self.run,
            licence=self.licence,
            attribution=self.attribution,
            plan=self.plan,
            promote=self.promote,
            show_rows=self.show_rows,
            mixture=self.mixture,
            train=self.train,
            gates=self.gates,
            command=self.shown(sys.argv[1:]),
        )

    def _sources(self) -> Sources:
        from app.tuning.prepare import Sources

        return Sources(self.questions, self.examples, self.rehearsal, self.test)


class Sweep(Finetune):
    """Search the learning rate and rank that score best; an interrupted sweep goes on."""

    trials: int = Field(8, ge=1)
    """Trainings in all."""

    def cli_cmd(self) -> None:
        """Run the command."""
        refuse_idle(self, *ONLY_REGISTERED, where="in a sweep")
        self._refuse_idle_questions()
        from app.tuning.command import run_sweep

        run_sweep(self, self.request(), self.trials, console_())


class Models(Verb):
    """List the registered adapters, their scores and their aliases."""

    json_: bool = Field(False, alias="json")
    """Print one JSON object."""

    def cli_cmd(self) -> None:
        """Run the command."""
        from app.tuning.listing import listed, table

        rows = listed(self.registry)
        if self.json_:
            print_json(rows)
            return
        console = console_()
        if not console.is_terminal:
            console.width = PIPED
        console.print(table(rows))


class Promote(Verb):
    """Put an adapter into production, if it passes its gates and beats the present one."""

    adapter_name: CliPositionalArg[str]
    """NAME or NAME@VERSION; the candidate where no version is named."""
    force: bool = False
    """Put it into production anyway; the registry's history says so."""

    def cli_cmd(self) -> None:
        """Run the command."""
        from finetune.registry.store import GateFailed

        name, version = _named(self.adapter_name, "candidate")
        try:
            promoted = _registry(self).promote(name, version, force=self.force)
        except GateFailed as error:
            raise CheckFailed(str(error)) from error
        print(f"{name}@{promoted.id} is in production")


class Rollback(Verb):
    """Put the adapter back into production that was there before."""

    adapter_name: CliPositionalArg[str]
    """NAME of the adapter."""

    def cli_cmd(self) -> None:
        """Run the command."""
        version = _registry(self).rollback(self.adapter_name)
        print(f"{self.adapter_name}@{version.id} is in production again")


class Verify(Verb):
    """Hash a registered adapter's files again and name what changed."""

    adapter_name: CliPositionalArg[str]
    """NAME or NAME@VERSION, or builtin:grounded."""

    def cli_cmd(self) -> None:
        """Run the command."""
        version = _version(self, self.adapter_name)
        from finetune.registry.manifest import findings

        if changed := findings(version.folder):
            raise CheckFailed(f"{version.name}@{version.id}: {'; '.join(changed)}")
        print(f"{version.name}@{version.id}: {len(version.manifest.files)} files are intact")


class Export(Verb):
    """Write a registered adapter as a merged model, for the hub, or as GGUF."""

    adapter_name: CliPositionalArg[str]
    """NAME or NAME@VERSION, or builtin:grounded."""
    output: CliPositionalArg[Path]
    """Folder to write; it must not exist."""
    kind: Literal["merged", "adapter", "gguf"] = "merged"
    """A plain model folder for vLLM and SGLang, the adapter alone, or llama.cpp's format."""
    converter: Path | None = None
    """llama.cpp's convert_hf_to_gguf.py, where it is not on the PATH."""

    def cli_cmd(self) -> None:
        """Run the command."""
        if self.kind != "gguf":
            refuse_idle(self, "converter", where="without --kind gguf")
        from app.model_parts import base_folder
        from finetune.registry.export import export

        version = _version(self, self.adapter_name)
        export(
            version.folder,
            base_folder(self),
            self.output,
            self.kind,
            dtype="float32" if self.dtype == "auto" else self.dtype,  # exact unless asked
            converter=self.converter,
        )
        print(f"{version.name}@{version.id} is written to {self.output}")


class Calibrate(Verb):
    """Fit the grades of the model and adapter in use, and keep the weights for them."""

    pairs: Path | None = None
    """A .jsonl file of {"id", "question", "passage", "right"}; else invented ones are graded."""
    json_: bool = Field(False, alias="json")
    """Print one JSON object."""

    def cli_cmd(self) -> None:
        """Run the command; takes a minute or two for the built-in model."""
        from app.models.calibrations import write_calibration
        from app.tuning.calibrate import SHIPPED_PAIRS, fit_grades, read_pairs

        pairs = read_pairs(self.pairs or SHIPPED_PAIRS)
        assistant = assistant_of(self)
        weights, figures = fit_grades(assistant.runtime.scorer, pairs)
        write_calibration(assistant.calibration_file, weights, figures)
        if self.json_:
            print_json(figures)
        else:
            print(
                f"grades fitted for {assistant.model} with adapter {assistant.adapter}: AUC "
                f"{figures['auc']:.3f}, accuracy {figures['accuracy']:.3f}, calibration error "
                f"{figures['expected_calibration_error']:.3f} on {figures['measured_on']} held-out"
            )


def _registry(settings: Settings) -> Registry:
    from finetune.registry.store import Registry

    return Registry(settings.registry)


def _version(settings: Settings, named: str) -> Version:
    from app.models.adapters import BUILTIN_ADAPTER, SHIPPED
    from finetune.registry.store import Registry

    if named == BUILTIN_ADAPTER:
        return Registry(SHIPPED).version(BUILTIN_ADAPTER.partition(":")[2], "production")
    name, version = _named(named, "production")
    return _registry(settings).version(name, version)


def _named(text: str, otherwise: str) -> tuple[str, str]:
    name, _, version = text.partition("@")
    if not name:
        raise UserError(f"{text!r} names no adapter: give NAME or NAME@VERSION")
    return name, version or otherwise
