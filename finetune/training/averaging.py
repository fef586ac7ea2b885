"""Average an adapter with the one it went on from, so that it forgets less.

Wortsman et al., "Robust fine-tuning of zero-shot models", 2022: the weights between two models of
one training keep most of what either is good at. PEFT's `add_weighted_adapter` does something else:
it weighs each factor by the roots of the weights, or averages the products.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

from finetune.registry.fingerprint import ADAPTER_WEIGHTS


def average(trained: Path, start: Path, share: float, folder: Path) -> Path:
    """Write to `folder` the adapter of which `share` is `start`'s weights, the rest `trained`'s.

    Both must have the same matrices, as two trainings of one adapter do.
    """
    shutil.copytree(trained, folder, dirs_exist_ok=True)
    before, after = load_file(start / ADAPTER_WEIGHTS), load_file(trained / ADAPTER_WEIGHTS)
    mixed = {
        name: torch.lerp(after[name].float(), before[name].float(), share).to(after[name].dtype)
        for name in after
    }
    save_file(mixed, folder / ADAPTER_WEIGHTS, metadata={"format": "pt"})
    return folder
