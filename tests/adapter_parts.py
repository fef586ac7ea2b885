"""LoRA adapters for the tiny model that change something, and what a training would say of them."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, LlamaConfig

from finetune.registry.fingerprint import BASE_RECORD, fingerprint, write_base
from finetune.registry.manifest import DataFacts, Gate, ManifestFacts, MergeProof
from finetune.registry.store import Registry, Version

REPORTS = {"evaluation.md": "# Evaluation\n", "loss.svg": "<svg/>"}
HASH = {letter: letter * 64 for letter in "abcd"}


def write_adapter(
    base: Path, folder: Path, *, scale: float = 0.3, seed: int = 0, **settings: Any
) -> Path:
    """Save a LoRA whose B is random instead of zero, so that it changes something."""
    model = AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32)
    chosen = {"r": 4, "target_modules": ["q_proj", "up_proj"], "task_type": "CAUSAL_LM"}
    tuned = get_peft_model(model, LoraConfig(**(chosen | settings)))
    torch.manual_seed(seed)
    for name, weights in tuned.named_parameters():
        if "lora_B" in name:
            weights.data = torch.randn_like(weights) * scale
    tuned.save_pretrained(str(folder))
    return folder


def write_known_adapter(base: Path, folder: Path, **settings: Any) -> Path:
    """Save such a LoRA with the base that it belongs to."""
    write_adapter(base, folder, **settings)
    write_base(folder, fingerprint(base, name="tiny"))
    assert (folder / BASE_RECORD).exists()
    return folder


def write_other_base(folder: Path, tiny_model: Path, **sizes: int) -> Path:
    config = LlamaConfig.from_pretrained(tiny_model, **sizes)
    AutoModelForCausalLM.from_config(config).save_pretrained(folder)
    return folder


def facts(score: float = 0.7, *, recall: float = 0.9, minute: int = 0, **others: Any):
    """What a training says: passes its gate at a recall of 0.8 and above."""
    known = {
        "data": DataFacts(
            sha256=HASH["a"],
            rows={"answer": 1200, "refusal": 300},
            sources=("SQuAD 1.1",),
            licence="cc-by-sa-4.0",
            attribution="SQuAD 1.1 by Rajpurkar et al., CC BY-SA 4.0.",
            datasets=("rajpurkar/squad",),
        ),
        "test_sha256": HASH["b"],
        "prompt_sha256": HASH["c"],
        "config": {"rank": 4, "learning_rate": 0.001},
        "seed": 13,
        "command": "groundtune finetune docs/",
        "metrics": {
            "score": score,
            "adapter": {"f1": {"value": 0.64, "low": 0.6, "high": 0.68, "n": 375}},
            "base": {"f1": {"value": 0.1, "low": 0.08, "high": 0.12, "n": 375}},
        },
        "gates": {"refusal_recall": Gate(value=recall, floor=0.8)},
        "merged": MergeProof(weights=HASH["d"], from_adapter=1e-5, from_base=2.5),
        "created": datetime(2026, 11, 22, 10, minute, 5, tzinfo=UTC),
    }
    return ManifestFacts(**(known | others))


def registering(registry: Registry, adapter: Path) -> Callable[..., Version]:
    """Return what registers the adapter as `qa` with the given score and other facts."""

    def register(score: float = 0.7, **others: object) -> Version:
        return registry.register("qa", adapter, reports=REPORTS, facts=facts(score, **others))

    return register
