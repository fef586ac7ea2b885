"""Read probabilities off prompts in the cheapest passes of the model.

What all prompts begin with passes once; the rest passes with prompts of about its length, for a
token of padding costs as much as any other.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from itertools import takewhile
from typing import Any

import torch
from transformers.cache_utils import DynamicLayer

from finetune.causal import takes
from finetune.measured import Measured, Score

MAX_PASS_TOKENS = 4_096  # padding included; longer passes gain nothing and take gigabytes
PASS_COST = 60  # tokens: what a pass costs whatever it holds (135M model on two cores)


class Scorer:
    """A model that is asked how probable texts and replies are."""

    def __init__(self, model: Any, pad: int) -> None:
        self._model = model
        self._pad = pad
        # Rows that are padded on the left stand in their places only where these can be told.
        self._places = takes(model, "position_ids")

    def score(self, rows: Sequence[Measured]) -> list[Score]:
        """Return each row's score, in their order."""
        scores: dict[int, Score] = {}
        with torch.inference_mode():
            beginning = self._beginning(rows)
            for part in passes([len(row.ids) - _length(beginning) for row in rows]):
                logprobs = self._logprobs([rows[at] for at in part], beginning)
                for at, row_logprobs in zip(part, logprobs, strict=True):
                    scores[at] = _read(rows[at], row_logprobs)
        return [scores[at] for at in range(len(rows))]

    def _beginning(self, rows: Sequence[Measured]) -> Any:
        """Pass what all rows begin with; return what attention keeps of it, None if too short."""
        shared = shared_length(rows) if self._places else 0
        if (len(rows) - 1) * shared <= PASS_COST:
            return None
        ids = torch.tensor([rows[0].ids[:shared]], device=self._model.device)
        cache = self._model(input_ids=ids, use_cache=True, logits_to_keep=1).past_key_values
        # Other kinds of layers cannot be repeated, or forget the beginning.
        return cache if all(type(layer) is DynamicLayer for layer in cache.layers) else None

    def _logprobs(self, rows: Sequence[Measured], beginning: Any) -> torch.Tensor:
        shared = _length(beginning)
        inputs = left_padded([row.ids[shared:] for row in rows], self._pad)
        if self._places:
            inputs["position_ids"] = places(inputs["attention_mask"], shared)
        if beginning is not None:
            seen = torch.ones(len(rows), shared, dtype=torch.long)
            inputs["attention_mask"] = torch.cat([seen, inputs["attention_mask"]], dim=-1)
        logits = self._model(
            **{name: tensor.to(self._model.device) for name, tensor in inputs.items()},
            past_key_values=_repeated(beginning, len(rows)),
            use_cache=beginning is not None,
            logits_to_keep=max(len(row.ids) - row.start for row in rows) + 1,
        ).logits
        return torch.log_softmax(logits.float(), dim=-1).cpu()


def left_padded(rows: Sequence[Sequence[int]], pad: int) -> dict[str, torch.Tensor]:
    """Pad rows of token ids on the left to the longest one: `(rows, tokens)`, with its mask."""
    # By hand: a tokenizer's own padding changes its state, which threads share.
    longest = max(map(len, rows))
    ids = [[pad] * (longest - len(row)) + list(row) for row in rows]
    mask = [[0] * (longest - len(row)) + [1] * len(row) for row in rows]
    return {"input_ids": torch.tensor(ids), "attention_mask": torch.tensor(mask)}


def places(mask: torch.Tensor, before: int = 0) -> torch.Tensor:
    """Return the place of each token of left-padded rows, with `before` tokens in front of all."""
    return (mask.cumsum(-1) - 1 + before).clamp(min=0)


def shared_length(rows: Sequence[Measured]) -> int:
    """Count the tokens that all rows begin with and that predict nothing that is measured."""
    free = [row.ids[: min(row.start, len(row.ids)) - 1] for row in rows]
    columns = zip(*free, strict=False)
    return sum(1 for _ in takewhile(lambda column: len(set(column)) == 1, columns))


def passes(lengths: Sequence[int]) -> list[list[int]]:
    """Divide rows of these lengths among passes so that all together cost least.

    Returns the rows' numbers. The best division of the shorter rows is extended row by row; a pass
    costs PASS_COST and each of its rows as much as its longest.
    """
    order = sorted(range(len(lengths)), key=lengths.__getitem__)
    best = [(0, 0)]  # what the rows up to here cost, and where their last pass begins
    for end, row in enumerate(order, start=1):
        width = lengths[row]
        most = max(1, MAX_PASS_TOKENS // max(1, width))
        best.append(
            min(
                (best[start][0] + PASS_COST + (end - start) * width, start)
                for start in range(max(0, end - most), end)
            )
        )
    parts = []
    end = len(order)
    while end:
        parts.append(order[best[end][1] : end])
        end = best[end][1]
    return parts[::-1]


def _length(beginning: Any) -> int:
    return 0 if beginning is None else int(beginning.get_seq_length())


def _repeated(beginning: Any, rows: int) -> Any:
    if beginning is None:
        return None
    own = copy.deepcopy(beginning)  # a pass adds to it
    own.batch_repeat_interleave(rows)
    return own


def _read(row: Measured, logprobs: torch.Tensor) -> Score:
    """Pick the wanted values; position -1 - n predicts the n-th token from the end."""
    length = len(row.ids)
    text = [float(logprobs[at - length - 1, row.ids[at]]) for at in range(row.start, row.end)]
    return Score(labels=logprobs[-1, row.labels].tolist(), text=text)
