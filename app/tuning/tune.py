"""Train, measure, prove and register an adapter: the run that `groundtune finetune` is."""

from __future__ import annotations

import hashlib
import inspect
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

from app.assistant import Assistant
from app.models.adapters import CALIBRATION
from app.models.chat import LocalChatModel
from app.models.grader import BASE_CALIBRATION, Calibration
from app.models.load import load_pipeline
from app.models.merged import merged_model
from app.models.worker import PipelineWorker
from app.tuning.calibrate import calibrate, graded_pairs
from finetune.config import TrainConfig
from finetune.data_report import Checked
from finetune.evaluate import Evaluation, evaluate
from finetune.evaluation_report import EvaluationReport
from finetune.examples import Example, Kind
from finetune.fingerprint import fingerprint, write_base
from finetune.forgetting import Forgetting, perplexity
from finetune.gates import Gates, judge
from finetune.hardware import compute_dtype
from finetune.manifest import DataFacts, Gate, ManifestFacts
from finetune.merge import merge_proof
from finetune.registry import Registry, Version
from finetune.sft import TrainResult, train
from graphs import prompts

SHOTS = 2  # worked examples of each kind before the few-shot baseline's prompts
BASE, FEW_SHOT = "base", "few-shot base"


@dataclass(frozen=True)
class Lineage:
    """What a version is called and what it owes to whom."""

    name: str
    command: str
    licence: str = "other"
    attribution: str = ""
    start: Path | None = None
    """Adapter that the training goes on from."""
    calibration: Calibration = BASE_CALIBRATION
    """That adapter's, kept where there are too few held-back grades to fit another."""
    limits: tuple[str, ...] = ("English only", "short answers in the words of the passage")
    """What the model card warns of."""


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
    dev = spread(data.splits.get("dev", ()), config.evaluation_examples)
    dtype = compute_dtype(config.dtype)

    def score(model: Any, tokenizer: Any) -> float:
        return evaluate(model, tokenizer, dev, dtype=dtype).score

    known = fingerprint(base)
    result = train(
        base,
        data.train,
        run,
        config,
        identity={
            "base": known.model_dump(),
            "data": data.report.version,
            "start": _hash_of(lineage.start),
        },
        start=lineage.start,
        score=score if dev else None,
        progress=progress,
    )
    write_base(result.adapter, known)
    return result


def measure(
    base: Path,
    adapter: Path,
    data: Checked,
    general: Sequence[Example],
    gates: Gates,
    config: TrainConfig,
    *,
    progress: bool,
) -> Measured:
    """Answer the test split with the base, the few-shot base and the adapter."""
    tokenizer = AutoTokenizer.from_pretrained(base)
    dtype = compute_dtype(config.dtype)
    model: Any = AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32).eval()
    test, shots = data.splits.get("test", ()), worked_examples(data.splits["train"])

    compared = spread(test, config.baseline_examples)

    def answered(
        name: str, of: Any, asked: Sequence[Example], before: Sequence[Example] = ()
    ) -> Evaluation:
        bar = f"measuring {name}" if progress else ""
        return evaluate(of, tokenizer, asked, shots=before, dtype=dtype, progress=bar)

    baselines = {
        BASE: answered(BASE, model, compared),
        FEW_SHOT: answered(FEW_SHOT, model, compared, shots),
    }
    before = perplexity(model, tokenizer, general, dtype=dtype) if general else 0.0
    tuned = PeftModel.from_pretrained(model, str(adapter)).eval()
    found = answered("adapter", tuned, test)
    forgetting = (
        Forgetting(before, perplexity(tuned, tokenizer, general, dtype=dtype), len(general))
        if general
        else None
    )
    judged = judge(found, baselines[BASE], forgetting, gates)
    return Measured(found, baselines, forgetting, judged)


def register(
    assistant: Assistant,
    base: Path,
    data: Checked,
    result: TrainResult,
    measured: Measured,
    config: TrainConfig,
    lineage: Lineage,
) -> Version:
    """Merge and prove the adapter, fit its grader, and keep it as the candidate."""
    merged = merged_model(base, result.adapter, cache_dir=assistant.settings.cache)
    report = EvaluationReport(
        title=f"Evaluation of {lineage.name}",
        adapter=measured.adapter,
        baselines=measured.baselines,
        examples=data.splits.get("test", ()),
        gates=measured.gates,
        forgetting=measured.forgetting,
        losses=result.losses,
        scores=result.scores,
    )
    reports = {
        "data_report.md": data.report.to_markdown(),
        "data_report.html": data.report.to_html(),
        "evaluation_report.md": report.to_markdown(),
        "evaluation_report.html": report.to_html(),
        CALIBRATION: json.dumps(asdict(_calibration(merged, data, config, lineage)), indent=2),
    }
    registry = Registry(assistant.settings.registry)
    version = registry.register(
        lineage.name,
        result.adapter,
        reports=reports,
        facts=ManifestFacts(
            purpose=(
                "Answers questions from numbered passages with citations, says when they hold no "
                "answer, grades passages, and makes follow-up questions stand alone."
            ),
            limits=lineage.limits,
            data=DataFacts(
                sha256=data.report.version,
                rows=data.report.splits["train"],
                sources=tuple(sorted({e.source for e in data.splits["train"] if e.source})[:20]),
                licence=lineage.licence,
                attribution=lineage.attribution,
            ),
            test_sha256=data.report.test_version,
            prompt_sha256=prompts_sha256(),
            config=config.model_dump(mode="json"),
            seed=config.seed,
            command=lineage.command,
            metrics=_metrics(measured),
            gates=measured.gates,
            merged=merge_proof(merged),
        ),
    )
    registry.promote(lineage.name, version.id, "candidate")
    return version


def spread(examples: Sequence[Example], count: int) -> list[Example]:
    """Take at most `count` examples at equal distances, so that every kind is among them."""
    step = max(1.0, len(examples) / count)
    return [examples[int(at * step)] for at in range(min(count, len(examples)))]


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


def prompts_sha256() -> str:
    """Hash the source of the prompts that rows are rendered with."""
    return hashlib.sha256(inspect.getsource(prompts).encode()).hexdigest()


def _calibration(merged: Path, data: Checked, config: TrainConfig, lineage: Lineage) -> Calibration:
    """Fit on the dev split: training's grades are known by heart, the test's are for measuring."""
    worker = PipelineWorker(load_pipeline(merged, dtype=config.dtype))
    try:
        chat_model = LocalChatModel(worker=worker, model_name="merged")
        held = graded_pairs(data.splits.get("dev", ()), seed=config.seed)
        return calibrate(chat_model, held) or lineage.calibration
    finally:
        worker.close()


def _metrics(measured: Measured) -> Mapping[str, Any]:
    figures: dict[str, Any] = {"score": measured.adapter.score}
    for name, found in {"adapter": measured.adapter, **measured.baselines}.items():
        figures[name] = {metric: e.to_json() for metric, e in found.metrics().items()}
    if measured.forgetting:
        figures["forgetting"] = measured.forgetting.to_json()
    return figures


def _hash_of(adapter: Path | None) -> str:
    if adapter is None:
        return ""
    return hashlib.sha256((adapter / "adapter_model.safetensors").read_bytes()).hexdigest()
