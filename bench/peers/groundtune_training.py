"""Groundtune's trainer with its recommended recipe."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from bench.peers.trained import RANK, RATE, SEED, training
from bench.peers.turns import Work, serve
from finetune.causal import load_tokenizer
from finetune.config import TrainConfig
from finetune.data.encoding import encode_example
from finetune.data.examples import Example
from finetune.training.sft import train


def load(work: Work) -> Callable[[], dict[str, Any]]:
    """Read the examples."""
    return training(work, _train)


def _train(base: Path, examples: Sequence[Example], folder: Path) -> Path:
    tokenizer = load_tokenizer(base)
    encoded = [encode_example(tokenizer, row) for row in examples]
    config = TrainConfig(rank=RANK, learning_rate=RATE, batch=8, evaluations=0, seed=SEED)
    return train(base, encoded, folder, config, identity={}).adapter


if __name__ == "__main__":
    serve(load)
