"""Train and measure an adapter, as `groundtune finetune` does before it registers one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from peft import PeftModel

from app.dataset.pairs import spread
from app.models.grader import BASE_CALIBRATION, Calibration
from app.provenance import made_by
from finetune.causal import load_causal, load_tokenizer
from finetune.config import Gates, TrainConfig
from finetune.data.examples import Example, Kind, dataset_version
from finetune.data.report import Checked
from finetune.evaluation.evaluate import Evaluation, evaluate, that_count
from finetune.evaluation.forgetting import Forgetting, perplexity, within_context
from finetune.evaluation.gates import judge
from finetune.registry.fingerprint import ADAPTER_WEIGHTS, fingerprint, sha256_of, write_base
from finetune.registry.manifest import Gate
from finetune.training.hardware import compute_dtype, device
from finetune.training.results import TrainResult
from finetune.training.runs import is_first_process
from finetune.training.sft import train

SHOTS = 2  # worked examples of each kind before the few-shot baseline's prompts
BASE, FEW_SHOT = "base", "few-shot base"


@dataclass(frozen=True)
class Lineage:
    """What a version is called and what it owes to whom."""

    name: str
    command: str
    licence: str = "other"
    attribution: str = ""
    sources: tuple[str, ...] = ()
    """What the rows were made of, where it is not the documents that they name."""
    start: Path | None = None
    """Adapter that the training goes on from."""
    start_label: str = ""
    """What that is called."""
    calibration: Calibration = BASE_CALIBRATION
    """That adapter's, kept where there are too few held-back grades to fit another."""
    show_rows: bool = True
    """Whether reports show rows of the data, which then travel with the adapter."""


@dataclass(frozen=True)
class Measured:
    """An adapter's figures beside its baselines."""

    adapter: Evaluation
    baselines: dict[str, Evaluation]
    forgetting: Forgetting | None
    gates: dict[str, Gate]


def train_adapter(
    base: Path, data: Checked, run: Path, config: TrainConfig, lineage: Lineage, *, progress: bool
) -> TrainResult:
    """Train on a checked data set, stopping early by its dev split, and note the base."""
    dev = spread(that_count(data.splits.get("dev", ())), config.evaluation_examples)
    dtype = compute_dtype(config.dtype)

    def score(model: Any, tokenizer: Any) -> float:
        return evaluate(model, tokenizer, dev, dtype=dtype).score

    result = train(
        base,
        data.train,
        run,
        config,
        identity=training(base, data, lineage),
        start=lineage.start,
        score=score if dev else None,
        progress=progress,
    )
    if is_first_process():
        write_base(result.adapter, fingerprint(base))
    return result


def training(base: Path, data: Checked, lineage: Lineage) -> dict[str, Any]:
    """Return what makes the adapter of a training, beside its recipe."""
    dev = data.splits.get("dev", ())  # whose scores choose the adapter
    return made_by(
        *(train.__module__, evaluate.__module__),
        model=fingerprint(base).model_dump(),
        adapter=sha256_of(lineage.start / ADAPTER_WEIGHTS) if lineage.start else "",
        data=[data.report.version, dataset_version(dev)],
    )


def measure(
    base: Path,
    adapter: Path,
    data: Checked,
    general: Sequence[Example],
    gates: Gates,
    config: TrainConfig,
    *,
    start: Path | None = None,
    progress: bool,
) -> Measured:
    """Answer the test split with the adapter, and some that count with base and few-shot base.

    `start` is the adapter that training went on from, whose forgetting is not this training's.
    """
    tokenizer = load_tokenizer(base)
    test, shots = data.splits.get("test", ()), worked_examples(data.splits["train"])
    compared = spread(that_count(test), config.baseline_examples)

    def answered(
        name: str, of: Any, asked: Sequence[Example], before: Sequence[Example] = ()
    ) -> Evaluation:
        bar = f"measuring {name}" if progress else ""
        return evaluate(of, tokenizer, asked, shots=before, progress=bar)

    def surprise(of: Any) -> float:
        return perplexity(of, fitting) if fitting else 0.0

    # One model at a time: two of several billion parameters do not fit together.
    model = load_model(base, config)
    baselines = {
        BASE: answered(BASE, model, compared),
        FEW_SHOT: answered(FEW_SHOT, model, compared, shots),
    }
    fitting = within_context(model, tokenizer, general) if general else []
    before = surprise(model)
    del model
    tuned = load_model(base, config, adapter)
    evaluation, after = answered("adapter", tuned, test), surprise(tuned)
    del tuned
    forgetting = (
        Forgetting(
            before=before,
            after=after,
            examples=len(fitting),
            left_out=len(general) - len(fitting),
            start=surprise(load_model(base, config, start)) if start else None,
        )
        if fitting
        else None
    )
    judged = judge(evaluation, baselines[BASE], forgetting, gates)
    return Measured(evaluation, baselines, forgetting, judged)


def load_model(base: Path, config: TrainConfig, adapter: Path | None = None) -> Any:
    """Load base or merged model in the number format and on the device that it is served on."""
    model = load_causal(base, dtype=torch.float32)
    if adapter is not None:
        model = PeftModel.from_pretrained(model, str(adapter)).merge_and_unload()
    return model.to(device(), compute_dtype(config.dtype)).eval()


def worked_examples(train_rows: Sequence[Example]) -> list[Example]:
    """Take the first short examples of each kind, refusals among the answers."""
    chosen: list[Example] = []
    for kind in (Kind.ANSWER, Kind.REFUSAL, Kind.GRADE, Kind.REWRITE, Kind.RECORD):
        of_kind = sorted(
            (e for e in train_rows if e.kind is kind),
            key=lambda e: (len(e.prompt[-1].content), e.id),
        )
        chosen += of_kind[:SHOTS]
    return chosen
