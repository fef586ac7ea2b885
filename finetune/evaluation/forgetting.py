"""Measure what a model still knows in general: perplexity of texts it was never tuned on."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import torch
import torch.nn.functional as F  # its name everywhere

from finetune.causal import context_length
from finetune.data.encoding import Encoded, encode_example
from finetune.data.examples import Example
from finetune.errors import DataError


@dataclass(frozen=True)
class Forgetting:
    """Perplexity on general examples before and after the adapter."""

    before: float
    after: float
    examples: int
    left_out: int = 0
    """Examples beyond the model's context."""
    start: float | None = None
    """Perplexity with the adapter that training went on from, if it went on from one."""

    @property
    def change(self) -> float:
        """How much worse than the base, as a share of `before`; negative is better."""
        return self.after / self.before - 1

    @property
    def lost(self) -> float:
        """How much worse this training made it, as a share of what it began with."""
        return self.after / (self.start or self.before) - 1

    def to_json(self) -> dict[str, float | None]:
        """Return the figures by name."""
        return {**asdict(self), "change": round(self.change, 4), "lost": round(self.lost, 4)}


def within_context(model: Any, tokenizer: Any, examples: Sequence[Example]) -> list[Encoded]:
    """Encode the examples that the model can read whole; raises DataError when there is none."""
    encoded = [encode_example(tokenizer, example) for example in examples]
    limit = context_length(model.config, tokenizer)
    fitting = [row for row in encoded if len(row.ids) <= limit]
    if not fitting:
        raise DataError(
            f"none of the {len(encoded)} general examples fits the model's {limit} tokens: name a "
            "file with shorter ones"
        )
    return fitting


def perplexity(model: Any, rows: Sequence[Encoded]) -> float:
    """Return e to the mean negative log-likelihood of a completion token."""
    total = sum(_negative_log_likelihood(model, row) for row in rows)
    return math.exp(total / sum(len(row.completion_ids) for row in rows))


def _negative_log_likelihood(model: Any, row: Encoded) -> float:
    ids = torch.tensor([row.ids], device=model.device)
    with torch.inference_mode():
        # Position n foretells token n + 1; the others' logits are never made.
        places = torch.arange(row.prompt_length - 1, len(row.ids) - 1, device=model.device)
        logits = model(input_ids=ids, logits_to_keep=places, use_cache=False).logits[0]
    return float(F.cross_entropy(logits.float(), ids[0, row.prompt_length :], reduction="sum"))
