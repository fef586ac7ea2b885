"""Train, measure, prove and register an adapter: the run that `groundtune finetune` is."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import torch
from langchain_core.messages import AIMessage, HumanMessage
from peft import PeftModel

from app.assistant import Assistant
from app.dataset.pairs import spread
from app.models.adapters import CALIBRATION
from app.models.base import BUILTIN_CHAT_HUB_ID
from app.models.grader import BASE_CALIBRATION, Calibration
from app.models.load import load_pipeline
from app.models.local import LocalScorer
from app.models.merged import merged_model
from app.models.names import BUILTIN_CHAT
from app.models.worker import PipelineWorker
from app.provenance import made_by
from app.tuning.calibrate import calibrate, graded_pairs
from finetune.causal import load_causal, load_tokenizer
from finetune.config import Gates, TrainConfig
from finetune.data.examples import Example, Kind
from finetune.data.report import Checked
from finetune.evaluation.evaluate import Evaluation, evaluate
from finetune.evaluation.forgetting import Forgetting, perplexity, within_context
from finetune.evaluation.gates import judge
from finetune.evaluation.report import EvaluationReport
from finetune.registry.fingerprint import fingerprint, write_base
from finetune.registry.manifest import DataFacts, Gate, ManifestFacts
from finetune.registry.merge import merge_proof
from finetune.registry.store import Registry, Version
from finetune.training.hardware import compute_dtype, device
from finetune.training.runs import is_first_process
from finetune.training.sft import TrainResult, train
from graphs import prompts

SHOTS = 2  # worked examples of each kind before the few-shot baseline's prompts
NAMED = 20  # documents in a manifest; the data report has all
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
    calibration: Calibration = BASE_CALIBRATION
    """That adapter's, kept where there are too few held-back grades to fit another."""
    show_rows: bool = True
    """Whether reports show rows of the data, which then travel with the adapter."""
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
    return made_by(
        *(train.__module__, evaluate.__module__),
        model=fingerprint(base).model_dump(),
        adapter=_hash_of(lineage.start),
        data=data.report.version,
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
    """Answer the test split with the base, the few-shot base and the adapter.

    `start` is the adapter that training went on from, whose forgetting is not this training's.
    """
    tokenizer = load_tokenizer(base)
    test, shots = data.splits.get("test", ()), worked_examples(data.splits["train"])
    compared = spread(test, config.baseline_examples)

    def answered(
        name: str, of: Any, asked: Sequence[Example], before: Sequence[Example] = ()
    ) -> Evaluation:
        bar = f"measuring {name}" if progress else ""
        return evaluate(of, tokenizer, asked, shots=before, progress=bar)

    def surprise(of: Any) -> float:
        return perplexity(of, kept) if kept else 0.0

    # One model at a time: two of several billion parameters do not fit together.
    model = load_model(base, config)
    baselines = {
        BASE: answered(BASE, model, compared),
        FEW_SHOT: answered(FEW_SHOT, model, compared, shots),
    }
    kept = within_context(model, tokenizer, general) if general else []
    before = surprise(model)
    del model
    tuned = load_model(base, config, adapter)
    found, after = answered("adapter", tuned, test), surprise(tuned)
    del tuned
    forgetting = (
        Forgetting(
            before=before,
            after=after,
            examples=len(kept),
            left_out=len(general) - len(kept),
            start=surprise(load_model(base, config, start)) if start else None,
        )
        if kept
        else None
    )
    judged = judge(found, baselines[BASE], forgetting, gates)
    return Measured(found, baselines, forgetting, judged)


def load_model(base: Path, config: TrainConfig, adapter: Path | None = None) -> Any:
    """Load base or merged model in the number format and on the device that it is served on."""
    model = load_causal(base, dtype=torch.float32)
    if adapter is not None:
        model = PeftModel.from_pretrained(model, str(adapter)).merge_and_unload()
    return model.to(device(), compute_dtype(config.dtype)).eval()


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
        show_rows=lineage.show_rows,
    )
    about = data.report if lineage.show_rows else replace(data.report, shown=(), personal=())
    reports = {
        "data_report.md": about.to_markdown(),
        "data_report.html": about.to_html(),
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
            base_hub_id=BUILTIN_CHAT_HUB_ID if assistant.settings.model == BUILTIN_CHAT else "",
            data=DataFacts(
                sha256=data.report.version,
                rows=data.report.splits["train"],
                sources=lineage.sources or documents(data.splits["train"]),
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


def documents(rows: Sequence[Example]) -> tuple[str, ...]:
    """Name the first documents that rows were made of."""
    return tuple(sorted({example.source for example in rows if example.source})[:NAMED])


def prompts_sha256() -> str:
    """Hash the prompts that rows are rendered with, as they come out for made-up inputs."""
    rendered = [
        *prompts.generate("question", [prompts.passage("text", heading="place"), "text"]),
        *prompts.grade_document("question", "passage"),
        *prompts.rewrite_follow_up([("user", "turn")], "question"),
        *prompts.talk([HumanMessage("hello")]),
        AIMessage(prompts.REFUSAL),
    ]
    told = [(message.type, message.text) for message in rendered]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def _calibration(merged: Path, data: Checked, config: TrainConfig, lineage: Lineage) -> Calibration:
    """Fit on the dev split: training's grades are known by heart, the test's are for measuring."""
    worker = PipelineWorker(load_pipeline(merged, dtype=config.dtype))
    try:
        held = graded_pairs(data.splits.get("dev", ()), seed=config.seed)
        return calibrate(LocalScorer(worker), held) or lineage.calibration
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
