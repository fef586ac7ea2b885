"""The run behind `groundtune finetune`: ingest, prepare, train, measure, register, promote."""

from __future__ import annotations

import json
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from filelock import FileLock
from rich.console import Console
from rich.table import Table

from app.assistant import Assistant
from app.dataset.mixture import Mixture
from app.dataset.rehearsal import rehearsal_from, sample_measured
from app.errors import CheckFailed, UserError
from app.held import held
from app.model_parts import base_folder
from app.models.adapters import NONE, find_adapter
from app.models.grader import BASE_CALIBRATION
from app.provenance import key
from app.settings import Settings
from app.tuning.prepare import DATASET, LOCK, Sources, prepare
from app.tuning.registration import register
from app.tuning.tune import Lineage, Measured, measure, train_adapter, training
from finetune.config import Gates, TrainConfig
from finetune.data.examples import Example
from finetune.data.report import Checked
from finetune.registry.fingerprint import ADAPTER_CONFIG, check_base
from finetune.registry.manifest import RegistryError
from finetune.registry.store import GateFailed, Registry, Version
from finetune.training.hardware import require_packages
from finetune.training.plan import plan
from finetune.training.runs import LOCK as TRAINING
from finetune.training.runs import is_first_process
from finetune.training.sweep import FINISHED, SweepConfig, best_config, sweep

CONTINUED: dict[str, float] = {"learning_rate": 8e-4, "start_share": 0.3}
"""What differs for an adapter that was trained before, where nothing else is asked for."""
UNMEASURED = (
    "no row is held back, so nothing will be measured: give --test FILE, or rows of several sources"
)
UNSAID = "other"
"""What the hub calls a licence that it does not list."""
GENERAL = 40  # of the base model's own replies, on which forgetting is measured by default


@dataclass(frozen=True, kw_only=True)
class Request:
    """What a run was asked to do; see the command's flags."""

    paths: tuple[Path, ...]
    sources: Sources
    general: Path | None
    name: str
    start: str
    run: Path
    licence: str
    attribution: str
    plan: bool
    promote: bool
    show_rows: bool
    mixture: Mixture
    train: TrainConfig
    gates: Gates
    command: str


def finetune(settings: Settings, request: Request, console: Console) -> None:
    """Do all of it, or say what it would take; every finished part is kept for the next run."""
    lineage = _lineage(settings, request)
    request = replace(request, train=_recipe(request.train, lineage))
    # Now, and not after hours.
    require_packages(request.train)
    given = rehearsal_from(request.general) if request.general else None
    Registry(settings.registry).check_writable(request.name)
    with _alone_in(request.run):
        _finetune(settings, request, lineage, given, console)


def _finetune(
    settings: Settings,
    request: Request,
    lineage: Lineage,
    given: list[Example] | None,
    console: Console,
) -> None:
    assistant, base, data = _prepared(settings, request, console)
    if not data.splits.get("test"):
        console.print(UNMEASURED)
    if request.plan:
        _show_plan(base, data, request, console)
        return
    result = train_adapter(
        base, data, request.run / "training", request.train, lineage, progress=True
    )
    if not is_first_process():
        return  # the first process measures and registers
    general = sample_measured(assistant.chat_model, count=GENERAL) if given is None else given
    assistant.release()
    measured = measure(
        base,
        result.adapter,
        data,
        general,
        request.gates,
        request.train,
        start=lineage.start,
        progress=True,
    )
    version = register(assistant, base, data, result, measured, request.train, lineage)
    _show(measured, version, console)
    _promote(settings, request, version, console)


def run_sweep(settings: Settings, request: Request, trials: int, console: Console) -> None:
    """Train with several learning rates and ranks, and print the best configuration.

    Raises UserError where no examples are held back to choose by, or none would be answered.
    """
    if not request.train.evaluations:
        raise UserError("a sweep chooses by evaluations: raise --train.evaluations above 0")
    with _alone_in(request.run):
        _sweep(settings, request, trials, console)


def _sweep(settings: Settings, request: Request, trials: int, console: Console) -> None:
    _, base, data = _prepared(settings, request, console)
    if not data.splits.get("dev"):
        raise UserError("a sweep needs held-back examples: raise --mixture.dev above 0")
    lineage = _lineage(settings, request)
    recipe = _recipe(request.train, lineage)
    trained: list[Path] = []

    def rate(config: TrainConfig, folder: Path) -> float:
        trained.append(folder)
        result = train_adapter(base, data, folder, config, lineage, progress=True)
        return max(score for _, score in result.scores)

    # The rank of an adapter that is gone on from cannot be chosen.
    ranks = SweepConfig().ranks if lineage.start is None else (_shape(lineage.start)["rank"],)
    space = SweepConfig(trials=trials, ranks=ranks)
    made = training(base, data, lineage) | {
        "settings": [
            recipe.model_dump(mode="json", exclude={"learning_rate", "rank", "alpha"}),
            space.model_dump(mode="json", exclude={"trials"}),
        ]
    }
    folder = request.run / f"sweep-{key(made)}"
    study = sweep(rate, folder, recipe, space)
    finished = study.get_trials(states=FINISHED)  # the others were interrupted
    console.print(f"{len(finished) - len(trained)} trials taken up from {folder}")
    table = Table("trial", "learning rate", "rank", "score")
    for number, trial in enumerate(finished):  # as their folders are numbered
        score = "diverged" if trial.value is None else f"{trial.value:.3f}"
        rate_ = f"{trial.params['learning_rate']:.2g}"
        table.add_row(str(number), rate_, str(trial.params["rank"]), score)
    console.print(table)
    best = best_config(study, recipe)
    # The shape of an adapter that is gone on from cannot be set.
    shape = "" if lineage.start else f" --train.rank {best.rank} --train.alpha {best.alpha}"
    console.print(f"best: --train.learning-rate {best.learning_rate:.3g}{shape}")


def _alone_in(run: Path) -> AbstractContextManager[None]:
    """Keep others from a run until its adapter can be named; the first process speaks for all."""
    if not is_first_process():
        return nullcontext()
    run.mkdir(parents=True, exist_ok=True)
    told = f"another training is at work in {run}: wait for it, or name another --run"
    return held(run / TRAINING, told)


def _prepared(
    settings: Settings, request: Request, console: Console
) -> tuple[Assistant, Path, Checked]:
    # Rows are rendered and rehearsed by the base model: what an adapter says is not what was known.
    assistant = Assistant(settings.model_copy(update={"adapter": NONE}))
    base = base_folder(settings)
    folder = request.run / DATASET
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder / LOCK):  # of several processes the first makes it
        if request.paths:
            assistant.ingest(request.paths, progress=True)
        data, made = prepare(
            assistant, request.sources, folder, request.mixture, request.train, base=base
        )
    assistant.release()  # what is trained next loads the same base
    console.print(
        f"data set {data.report.version[:12]}: {len(data.train)} training rows, "
        f"{data.report.rows_in - data.report.rows_kept} left out, {made}; "
        f"see {folder / 'report.html'}"
    )
    return assistant, base, data


def _lineage(settings: Settings, request: Request) -> Lineage:
    start = find_adapter(request.start, model=settings.model, registry=settings.registry)
    if start:
        check_base(start.folder, base_folder(settings))
    return Lineage(
        name=request.name,
        command=request.command,
        licence=request.licence or (start.licence if start else "") or UNSAID,
        attribution=_joined(start.attribution if start else "", request.attribution),
        show_rows=request.show_rows,
        start=start.folder if start else None,
        start_label=start.label if start else "",
        calibration=(start and start.calibration) or BASE_CALIBRATION,
    )


def _joined(*attributions: str) -> str:
    """Say each paragraph once: what earlier trainings owe is owed still."""
    said = (paragraph for text in attributions for paragraph in text.split("\n\n"))
    return "\n\n".join(dict.fromkeys(filter(None, said)))


def _recipe(config: TrainConfig, lineage: Lineage) -> TrainConfig:
    """Move an adapter that was trained before more gently than a new one, and keep its shape.

    Raises UserError where another shape is asked for.
    """
    if lineage.start is None:
        return config
    chosen, shape = config.model_fields_set, _shape(lineage.start)
    wanted = config.model_copy(update={"targets": tuple(sorted(config.targets))})
    for name, value in shape.items():
        if name in chosen and getattr(wanted, name) != value:
            raise UserError(
                f"--train.{name} {_told(getattr(wanted, name))} was asked for, and the training "
                f"goes on from an adapter whose {name} is {_told(value)}: leave it out, or begin "
                "anew with --start none"
            )
    gentle = {name: value for name, value in CONTINUED.items() if name not in chosen}
    return config.model_copy(update={**gentle, **shape})


def _shape(adapter: Path) -> dict[str, Any]:
    """Return what of the recipe an adapter has in itself."""
    known = json.loads((adapter / ADAPTER_CONFIG).read_text(encoding="utf-8"))
    modules = known.get("target_modules")
    named = {"targets": tuple(sorted(modules))} if isinstance(modules, list) else {}
    return {
        "rank": known["r"],
        "alpha": known["lora_alpha"],
        "dropout": known["lora_dropout"],
        "rslora": bool(known.get("use_rslora")),
        **named,  # another tool may note a pattern of names instead
    }


def _told(value: Any) -> str:
    return ",".join(value) if isinstance(value, tuple) else str(value)


def _show_plan(base: Path, data: Checked, request: Request, console: Console) -> None:
    planned = plan(base, data.train, request.run / "plan", request.train)
    table = Table(show_header=False)
    for name, value in planned.to_json().items():
        table.add_row(name.replace("_", " "), f"{value:,}")
    console.print(table)


def _show(measured: Measured, version: Version, console: Console) -> None:
    table = Table("", "adapter", *measured.baselines)
    base = {name: evaluation.metrics() for name, evaluation in measured.baselines.items()}
    for metric, estimate in measured.adapter.metrics().items():
        others = [str(row[metric]) if metric in row else "–" for row in base.values()]
        table.add_row(metric, str(estimate), *others)
    scores = [f"{evaluation.score:.3f}" for evaluation in measured.baselines.values()]
    table.add_row("score", f"{measured.adapter.score:.3f}", *scores)
    console.print(table)
    if measured.forgetting:
        console.print(f"perplexity on general chats: {measured.forgetting.change:+.1%}")
    console.print(f"registered as {version.name}@{version.id}, reports in {version.folder}")


def _promote(settings: Settings, request: Request, version: Version, console: Console) -> None:
    if not request.promote:
        return
    try:
        Registry(settings.registry).promote(request.name, version.id)
    except GateFailed as error:
        raise CheckFailed(str(error)) from error
    except RegistryError as error:
        raise UserError(str(error)) from error
    console.print(f'in production: groundtune ask --adapter {request.name} "..."')
