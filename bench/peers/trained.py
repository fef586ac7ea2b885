"""What both trainers share: the examples, what is tuned, and how the result is rated."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from app.tuning.tune import load_model
from bench.peers.turns import Work
from finetune.causal import load_tokenizer
from finetune.config import TrainConfig
from finetune.data.encoding import encode_example
from finetune.data.examples import Example, read_examples
from finetune.evaluation.forgetting import perplexity

RATE, RANK, SEED = 1e-3, 8, 13

Train = Callable[[Path, Sequence[Example], Path], Path]
"""Takes base, examples and a folder; returns the adapter's folder."""


def training(work: Work, train: Train) -> Callable[[], dict[str, Any]]:
    """Return what trains once over all examples, then rates the adapter on held-out ones."""
    base = Path(work["model"])
    tokenizer = load_tokenizer(base)
    examples = read_examples(Path(work["examples"]))
    held = [encode_example(tokenizer, row) for row in read_examples(Path(work["held"]))]
    tokens = sum(len(encode_example(tokenizer, row).ids) for row in examples)

    def once() -> dict[str, Any]:
        start = time.perf_counter()
        adapter = train(base, examples, Path(tempfile.mkdtemp()))
        seconds = time.perf_counter() - start
        found = perplexity(load_model(base, TrainConfig(), adapter), held)
        return {"training_s": seconds, "tokens": tokens, "perplexity": found}

    return once
