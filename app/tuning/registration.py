"""Prove a trained adapter and register it with its reports, its grader and what made it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from langchain_core.messages import AIMessage, HumanMessage

from app.assistant import Assistant
from app.models.adapters import CALIBRATION
from app.models.base import BUILTIN_CHAT_HUB_ID
from app.models.grader import Calibration
from app.models.load import load_pipeline
from app.models.local import LocalScorer
from app.models.merged import merged_model
from app.models.names import BUILTIN_CHAT
from app.models.worker import PipelineWorker
from app.tuning.calibrate import calibrate, graded_pairs
from app.tuning.tune import Lineage, Measured
from finetune.config import TrainConfig
from finetune.data.examples import Example, Kind
from finetune.data.report import Checked
from finetune.evaluation.report import EvaluationReport
from finetune.registry.fingerprint import ADAPTER_WEIGHTS, sha256_of
from finetune.registry.manifest import DataFacts, ManifestFacts, Start
from finetune.registry.merge import merge_proof
from finetune.registry.store import Registry, Version
from finetune.training.results import TrainResult
from graphs import prompts

NAMED = 20  # documents on the model card
PURPOSE = (
    "Answers questions from numbered passages with citations, says when they hold no answer, "
    "grades passages, and makes follow-up questions stand alone."
)
LIMITS = ("English only", "short answers in the words of the passage")


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
    fitted = _calibration(merged, data, config, lineage)
    registry = Registry(assistant.settings.registry)
    version = registry.register(
        lineage.name,
        result.adapter,
        reports={
            **_reports(data, result, measured, lineage),
            CALIBRATION: json.dumps(asdict(fitted), indent=2),
        },
        facts=_facts(assistant.settings.model, merged, data, measured, config, lineage),
    )
    registry.promote(lineage.name, version.id, "candidate")
    return version


def _reports(
    data: Checked, result: TrainResult, measured: Measured, lineage: Lineage
) -> dict[str, str]:
    """Write what was trained on and what came of it, by file name."""
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
    about = data.report if lineage.show_rows else data.report.without_texts()
    return {
        "data_report.md": about.to_markdown(),
        "data_report.html": about.to_html(),
        "evaluation_report.md": report.to_markdown(),
        "evaluation_report.html": report.to_html(),
    }


def _facts(
    model: str,
    merged: Path,
    data: Checked,
    measured: Measured,
    config: TrainConfig,
    lineage: Lineage,
) -> ManifestFacts:
    """Tell what the version is for and what it was made by."""
    answers = _answers_from_documents(data.splits["train"])
    return ManifestFacts(
        purpose=PURPOSE if answers else "",
        limits=LIMITS if answers else (),
        base_hub_id=BUILTIN_CHAT_HUB_ID if model == BUILTIN_CHAT else "",
        start=_start(lineage),
        data=DataFacts(
            sha256=data.report.version,
            rows=data.report.splits["train"],
            sources=lineage.sources or documents(data.splits["train"]),
            licence=lineage.licence,
            attribution=lineage.attribution,
            documents=trained_documents(data.splits),
        ),
        test_sha256=data.report.test_version,
        prompt_sha256=prompts_sha256(),
        config=config.model_dump(mode="json"),
        seed=config.seed,
        command=lineage.command,
        metrics=_metrics(measured),
        gates=measured.gates,
        merged=merge_proof(merged),
    )


def _start(lineage: Lineage) -> Start | None:
    if lineage.start is None:
        return None
    return Start(label=lineage.start_label, weights=sha256_of(lineage.start / ADAPTER_WEIGHTS))


def _answers_from_documents(rows: Sequence[Example]) -> bool:
    """Tell whether rows teach what PURPOSE says; chats of a user's own teach what they hold."""
    return any(row.kind is Kind.ANSWER and row.sources for row in rows)


def documents(rows: Sequence[Example]) -> tuple[str, ...]:
    """Name the first documents that rows were made of."""
    return tuple(sorted({name for row in rows for name in row.sources})[:NAMED])


def trained_documents(splits: Mapping[str, Sequence[Example]]) -> tuple[str, ...]:
    """Name every document that the adapter learned from or was stopped by, shown or asked about."""
    rows = [row for name in ("train", "dev") for row in splits.get(name, ())]
    return tuple(sorted({name for row in rows for name in (*row.sources, *row.documents)}))


def prompts_sha256() -> str:
    """Hash the prompts that rows are rendered with, as they come out for made-up inputs."""
    rendered = [
        *prompts.generate("question", [prompts.passage("text", heading="place"), "text"]),
        *prompts.grade_document("question", "passage"),
        *prompts.rewrite_follow_up([("user", "turn")], "question"),
        *prompts.talk([HumanMessage("hello")]),
        AIMessage(prompts.REFUSAL),
    ]
    turns = [(message.type, message.text) for message in rendered]
    return hashlib.sha256(json.dumps(turns).encode()).hexdigest()


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
    for name, evaluation in {"adapter": measured.adapter, **measured.baselines}.items():
        figures[name] = {metric: e.to_json() for metric, e in evaluation.metrics().items()}
    if measured.forgetting:
        figures["forgetting"] = measured.forgetting.to_json()
    return figures
