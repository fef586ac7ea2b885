"""The commands that compare and choose: classes whose fields are their flags."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import Field, PositiveInt
from pydantic_settings import CliPositionalArg

from app.compare.plan.needs import Needs
from app.errors import CheckFailed, UserError
from app.verbs import Verb, console_, print_json

if TYPE_CHECKING:
    from app.compare.plan.arms import Arm


class Compare(Verb):
    """Ask several assistants the same questions and say, with evidence, which one to run."""

    paths: CliPositionalArg[list[Path]] = Field(default_factory=list)
    """Folders or files of documents to ingest first; none compares on the index as it is."""
    questions: Path
    """A .jsonl file of {"id", "question", "answers", "documents", "kind"?, "history"?}."""
    revised: Path | None = None
    """Folder of the documents as they are later; what changed is asked again, without training."""
    arms: str = ""
    """Names of the arms, with commas between; empty is all but json-rag, or the quick ones."""
    also: str = ""
    """Other models to ask, closed book and with retrieval, named as GROUNDTUNE_MODEL is."""
    output: Path = Path(".groundtune/compare")
    """Folder of the report and of the answers; a second run resumes there."""
    needs: Needs = Needs()
    """What only you can know, and what rules arms out."""
    prices: Path | None = None
    """A .json file of {"currency", "answering_hour", "training_hour", "models"?}."""
    judge: str = ""
    """A model that judges the answers as well: a folder, or PROVIDER:MODEL as LangChain has it."""
    metrics: str = ""
    """Names of scores that packages add, with commas between, to be shown beside our own."""
    quick: bool = False
    """Ask 24 questions of four arms: base, base-rag, tuned and hybrid."""
    together: PositiveInt = 1
    """Questions asked at once: more pay with a GPU or with models elsewhere; answers may differ."""

    stop_early: bool = False
    """Ask arms no more that are worse beyond chance after half of the questions."""
    repeats: PositiveInt = 1
    """Seeds of split and training; more than one shows how far the figures move between them."""

    langsmith: str = ""
    """A LangSmith dataset to send questions, answers and scores to; needs LANGSMITH_API_KEY."""

    def cli_cmd(self) -> None:
        """Run the command."""
        from app.compare.command import compare
        from app.compare.plan.arms import also
        from app.compare.plan.metrics import chosen_metrics
        from app.compare.plan.prices import read_prices
        from app.compare.plan.request import BRIEF, FULL, Request
        from app.compare.report.langsmith_export import check_key, export

        if self.langsmith:
            check_key()

        named, others = _names(self.arms), _names(self.also)
        console = console_()
        report = compare(
            self,
            Request(
                paths=tuple(self.paths),
                questions=self.questions,
                revised=self.revised,
                arms=[*self._arms(named, console), *also(others)],
                needs=self.needs,
                judge=self.judge,
                prices=read_prices(self.prices) if self.prices else None,
                output=self.output,
                extent=BRIEF if self.quick else FULL,
                together=self.together,
                stop_early=self.stop_early,
                repeats=self.repeats,
                command=self.shown(sys.argv[1:]),
                metrics=chosen_metrics(_names(self.metrics)),
            ),
            console,
        )
        for sentence in report.sentences:
            console.print(sentence)
        console.print(report.provenance.taken_up())
        console.print(f"report: {self.output / 'report.html'}")
        if self.langsmith:
            arms = {arm.name: arm.described() for arm in report.comparison.arms}
            sent = export(report.rows, self.langsmith, arms)
            console.print(f"sent to LangSmith's {self.langsmith}: {', '.join(sent)}")

    def _arms(self, named: tuple[str, ...], console: Any) -> list[Arm]:
        """Choose the arms, and say which is left out because it would be another one."""
        from app.compare.plan.arms import QUICK, USUAL, chosen, without_adapter
        from app.models.adapters import find_adapter

        arms = chosen(named or (QUICK if self.quick else USUAL))
        if find_adapter(self.adapter, model=self.model, registry=self.registry):
            return arms
        left = without_adapter(arms, named)
        for name in {arm.name for arm in arms} - {arm.name for arm in left}:
            console.print(
                f"{name} is not asked: without an adapter it would be base-rag; --adapter names one"
            )
        return left


class Use(Verb):
    """Make a compared arm the one that every command and the server run, by writing `.env`."""

    arm: CliPositionalArg[str]
    """Name of the arm, as the report names it."""
    output: Path = Path(".groundtune/compare")
    """Folder of the comparison."""

    def cli_cmd(self) -> None:
        """Run the command."""
        from app.compare.run.arm_settings import use

        for variable, value in use(self.arm, self.output, Path(".env")).items():
            print(f"{variable}={value}")


class Regress(Verb):
    """Say what changed between two finished comparisons; exit with 2 if a chosen arm got worse."""

    before: CliPositionalArg[Path]
    """Folder of the first comparison, or its comparison.json."""
    after: CliPositionalArg[Path]
    """Folder of the second one, on the same questions."""
    arms: str = ""
    """Names of the chosen arms, with commas between; empty is the one that the first recommends."""
    json_: bool = Field(False, alias="json")
    """Print one JSON object."""

    def cli_cmd(self) -> None:
        """Run the command; nothing is asked and no model is loaded."""
        from app.compare.judge.finished import read_finished
        from app.compare.judge.regression import changes

        before, after = read_finished(self.before), read_finished(self.after)
        arms = _names(self.arms) or before.recommended
        changed = changes(before, after, arms)
        if self.json_:
            print_json(changed.to_json())
        for sentence in [] if self.json_ else changed.sentences():
            print(sentence)
        if changed.worse:
            raise CheckFailed(f"worse beyond chance: {', '.join(changed.worse)}")


class Import(Verb):
    """Turn questions of LangSmith, promptfoo or RAGAS into a file for `compare --questions`."""

    foreign: CliPositionalArg[Path]
    """A .jsonl, .json, .yaml or .csv file as these tools export or read it."""
    output: CliPositionalArg[Path]
    """The .jsonl file to write; it must not exist."""

    def cli_cmd(self) -> None:
        """Run the command; every row that is no question with a right answer is named."""
        from app.compare.plan.foreign import read_foreign

        imported = read_foreign(self.foreign)
        if self.output.exists():
            raise UserError(f"{self.output} exists: name a new file")
        lines = [pair.model_dump_json(exclude_defaults=True) + "\n" for pair in imported.pairs]
        self.output.write_text("".join(lines), encoding="utf-8")
        for line in imported.left_out:
            print(f"left out {line}")
        print(f"{len(imported.pairs)} questions are written to {self.output}")
        for note in imported.notes:
            print(note)


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())
