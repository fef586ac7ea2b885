"""Say which modules of a model an adapter is put onto."""

from __future__ import annotations

from typing import Any

import torch
from peft import LoraConfig
from transformers.pytorch_utils import Conv1D

from finetune.config import TrainConfig
from finetune.errors import DataError


def lora(model: Any, config: TrainConfig) -> LoraConfig:
    """Return what PEFT needs to know to put an adapter onto a model."""
    return LoraConfig(
        r=config.rank,
        lora_alpha=config.alpha,
        lora_dropout=config.dropout,
        use_rslora=config.rslora,
        # All projections of a layer, not the head; experts are no linear modules and stay.
        target_modules=list(config.targets) or "all-linear",
        exclude_modules=_excluded(model),
        task_type="CAUSAL_LM",
    )


def _excluded(model: Any) -> list[str] | None:
    """Return the modules of Mamba's layers that PEFT cannot adapt, where a model has them."""
    names = (name for name, _ in model.named_modules())
    return ["out_proj", "conv1d"] if any(name.endswith("conv1d") for name in names) else None


def check_targets(model: Any, config: TrainConfig) -> None:
    """Raise DataError for targets that are no linear modules of the model, or its output layer."""
    output = model.get_output_embeddings()  # which TRL refuses to adapt
    linear = {
        name.rpartition(".")[2]
        for name, module in model.named_modules()
        if isinstance(module, torch.nn.Linear | Conv1D) and module is not output
    }
    if strange := [name for name in config.targets if name.rpartition(".")[2] not in linear]:
        raise DataError(
            f"the model has no linear module {strange[0]!r} to adapt: name some of "
            f"{', '.join(sorted(linear))}"
        )
