"""Say what a training will cost before it starts: tokens, steps, time and memory, as tried here."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from finetune.config import TrainConfig
from finetune.data.encoding import Encoded
from finetune.training.bundles import Bundle, collate
from finetune.training.hardware import peak_memory
from finetune.training.sft import CompletionTrainer, accumulation, make_trainer, total_steps

TRIED = 3  # bundles of middling length whose time is taken, after one that warms up


@dataclass(frozen=True)
class Plan:
    """What a training will take."""

    examples: int
    tokens: int
    """Of all examples, each by itself."""
    trained_tokens: int
    computed_tokens: int
    """What is left of them once common beginnings are computed once."""
    sequences: int
    longest: int
    """Tokens of the longest sequence."""
    steps: int
    examples_per_step: float
    tokens_per_second: float
    """Forward and backward, measured on this machine."""
    minutes: float
    """Of training alone, without the evaluations in between."""
    memory_gib: float
    """Most memory of the process while the longest sequence was tried."""

    def to_json(self) -> dict[str, Any]:
        """Return the figures by name."""
        return asdict(self)


def plan(base: Path, encoded: Sequence[Encoded], scratch: Path, config: TrainConfig) -> Plan:
    """Count, and try the longest and a few middling sequences; takes seconds."""
    trainer = make_trainer(base, encoded, scratch, config)
    bundles = trainer.bundles
    speed = _tokens_per_second(trainer)
    computed = sum(made.tokens for made in bundles)
    steps = total_steps(bundles, config)
    return Plan(
        examples=len(encoded),
        tokens=sum(len(row.ids) for row in encoded),
        trained_tokens=sum(len(row.completion_ids) for row in encoded),
        computed_tokens=computed,
        sequences=len(bundles),
        longest=max(made.tokens for made in bundles),
        steps=steps,
        examples_per_step=accumulation(bundles, config) * len(encoded) / len(bundles),
        tokens_per_second=round(speed, 1),
        minutes=round(config.epochs * computed / speed / 60, 1),
        memory_gib=round(peak_memory() / 2**30, 1),
    )


def _tokens_per_second(trainer: CompletionTrainer) -> float:
    ordered = sorted(trainer.bundles, key=lambda made: made.tokens)
    middle = len(ordered) // 2
    tried = ordered[max(0, middle - TRIED // 2) :][:TRIED]
    _step(trainer, ordered[-1])  # the longest shows the memory, and warms up
    start = time.perf_counter()
    for made in tried:
        _step(trainer, made)
    return sum(made.tokens for made in tried) / (time.perf_counter() - start)


def _step(trainer: Any, made: Bundle) -> None:
    batch = trainer._prepare_inputs(collate([made.columns()]))
    trainer.model.train()
    with trainer.compute_loss_context_manager():
        loss = trainer.compute_loss(trainer.model, batch)
    trainer.accelerator.backward(loss)
    trainer.model.zero_grad()
