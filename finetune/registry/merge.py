"""Fold a LoRA adapter into its base model's full-precision weights, and prove the result.

Knows model folders; knows nothing of what the model is used for.
"""

from __future__ import annotations

import json
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from peft import PeftConfig, PeftModel, get_peft_model_state_dict
from safetensors import safe_open

from finetune.causal import LoadError, check_whole, load_causal, load_tokenizer
from finetune.errors import LOAD_ERRORS, FinetuneError, shortened
from finetune.registry.fingerprint import ADAPTER_WEIGHTS, MERGE_RECORD, check_base, weights_sha256
from finetune.registry.manifest import MergeProof

MAX_DIFFERENCE = 1e-3  # logits, fp32; the two orders of summing differ by about 1e-4

PROBES = (
    "The capital of France is",
    "Question: When does the ferry leave?\nAnswer:",
    "1 2 3 4 5 6",
    "def add(a, b):",
)


class MergeError(FinetuneError):
    """Report an adapter that cannot be merged, or a merge that did not hold."""


@dataclass(frozen=True)
class MergeReport:
    """How far the merged model is from the two models it stands between."""

    from_adapter: float
    """Largest logit difference to base plus adapter; near 0."""
    from_base: float
    """Largest logit difference to the base; 0 would mean the adapter was lost."""


def merge_adapter(base: Path | str, adapter: Path, output: Path) -> MergeReport:
    """Merge an adapter in fp32, prove it on probe prompts, and save a plain model folder.

    The folder appears whole or not at all. Raises BaseMismatch when the adapter remembers another
    base; MergeError when it does not fit the base, changes nothing, or when merged and unmerged
    logits disagree, and for an output folder that exists.
    """
    if output.exists():
        raise MergeError(f"{output} exists already: name a folder that does not")
    check_base(adapter, base)
    model, tokenizer = _base(base)
    plain = _logits(model, tokenizer)
    with_adapter = _with_adapter(model, adapter)
    adapted = _logits(with_adapter, tokenizer)
    merged = _merged(with_adapter, adapter)
    report = MergeReport(
        from_adapter=_distance(_logits(merged, tokenizer), adapted),
        from_base=_distance(_logits(merged, tokenizer), plain),
    )
    _check(report, adapter)
    _save(merged, tokenizer, report, output)
    return report


def merge_proof(merged: Path) -> MergeProof:
    """Return what a registry keeps of a merge: how near it came, and the hash of its weights.

    Raises MergeError for a folder that is no merged model.
    """
    try:
        report = json.loads((merged / MERGE_RECORD).read_text())
        return MergeProof(weights=weights_sha256(merged), **report)
    except (OSError, ValueError, TypeError) as error:
        raise MergeError(
            f"{merged} is no merged model ({shortened(error)}): merge the adapter again"
        ) from error


def _base(base: Path | str) -> tuple[Any, Any]:
    try:
        check_whole(base)
        return load_causal(base, dtype=torch.float32), load_tokenizer(base)
    except LoadError as error:
        raise MergeError(f"the base model: {error}") from error


def _with_adapter(model: Any, adapter: Path) -> Any:
    try:
        PeftConfig.from_pretrained(str(adapter))
        with_adapter = PeftModel.from_pretrained(model, str(adapter)).eval()
        _check_all_used(with_adapter, adapter)
    except LOAD_ERRORS as error:
        raise MergeError(
            f"{adapter} is not an adapter for this base model ({shortened(error)}): give the "
            "folder with adapter_config.json and adapter_model.safetensors that was trained on it"
        ) from error
    return with_adapter


def _check_all_used(model: Any, adapter: Path) -> None:
    """Raise ValueError when tensors found no place: the library drops them without a word."""
    with safe_open(adapter / ADAPTER_WEIGHTS, framework="pt") as file:
        given = set(file.keys())
    placed = set(get_peft_model_state_dict(model, save_embedding_layers=False))
    strays = sorted(name for name in given ^ placed if "lora_" in name)
    if strays:
        raise ValueError(f"{len(strays)} tensors have no counterpart, among them {strays[0]}")


def _merged(model: Any, adapter: Path) -> Any:
    try:
        return model.merge_and_unload(safe_merge=True)
    except (ValueError, AttributeError, NotImplementedError) as error:  # prompt tuning has none
        raise MergeError(f"{adapter} cannot be merged ({shortened(error)}): train again") from error


def _check(report: MergeReport, adapter: Path) -> None:
    if not report.from_adapter <= MAX_DIFFERENCE:  # so that not-a-number fails as well
        raise MergeError(
            f"merging {adapter} moved logits by {report.from_adapter:.2g}, more than "
            f"{MAX_DIFFERENCE}: the merged model would not be the trained one"
        )
    if report.from_base <= report.from_adapter:
        raise MergeError(f"{adapter} changes nothing: the merged model equals the base model")


def _save(model: Any, tokenizer: Any, report: MergeReport, output: Path) -> None:
    output.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=output.parent) as scratch:
        folder = Path(scratch) / output.name
        model.save_pretrained(folder)
        tokenizer.save_pretrained(folder)
        (folder / MERGE_RECORD).write_text(json.dumps(asdict(report), indent=2))
        folder.rename(output)


def _logits(model: Any, tokenizer: Any) -> list[torch.Tensor]:
    with torch.inference_mode():
        return [model(**tokenizer(text, return_tensors="pt")).logits[0] for text in PROBES]


def _distance(left: list[torch.Tensor], right: list[torch.Tensor]) -> float:
    return max(float((a - b).abs().max()) for a, b in zip(left, right, strict=True))
