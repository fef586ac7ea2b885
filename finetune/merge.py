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
from peft import PeftConfig, PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

MAX_DIFFERENCE = 1e-3  # logits, fp32; the two orders of summing differ by about 1e-4
MERGE_RECORD = "merge.json"  # written last, so its existence means the merge was proven

PROBES = (
    "The capital of France is",
    "Question: When does the ferry leave?\nAnswer:",
    "1 2 3 4 5 6",
    "def add(a, b):",
)


class MergeError(ValueError):
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

    The folder appears whole or not at all. Raises MergeError when the adapter does not fit the
    base, changes nothing, or when merged and unmerged logits disagree.
    """
    tokenizer = AutoTokenizer.from_pretrained(base)
    model: Any = AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32)
    plain = _logits(model, tokenizer)
    with_adapter = _with_adapter(model, adapter)
    adapted = _logits(with_adapter, tokenizer)
    merged = with_adapter.merge_and_unload(safe_merge=True)
    report = MergeReport(
        from_adapter=_distance(_logits(merged, tokenizer), adapted),
        from_base=_distance(_logits(merged, tokenizer), plain),
    )
    _check(report, adapter)
    _save(merged, tokenizer, report, output)
    return report


def _with_adapter(model: Any, adapter: Path) -> Any:
    try:
        PeftConfig.from_pretrained(str(adapter))
        return PeftModel.from_pretrained(model, str(adapter)).eval()
    except (ValueError, RuntimeError, OSError, KeyError) as error:
        reason = str(error).strip().splitlines()[0]
        raise MergeError(
            f"{adapter} is not an adapter for this base model ({reason}): give the folder with "
            "adapter_config.json and adapter_model.safetensors that was trained on it"
        ) from error


def _check(report: MergeReport, adapter: Path) -> None:
    if report.from_adapter > MAX_DIFFERENCE:
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
