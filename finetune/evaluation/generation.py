"""Let a model reply to many prompts: greedily, in batches of similar length."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import torch
from tqdm import tqdm

from finetune.causal import context_length, end_tokens, pad_token, takes
from finetune.data.chat_format import decode_reply, encode_prompt, encode_text
from finetune.kv_cache import growing_cache
from finetune.measured import Measured
from finetune.scoring import Scorer, left_padded, places

Chat = Sequence[dict[str, str]]

BATCH_TOKENS = 8_192  # prompt tokens of a batch, padding included: about 3 GB for a small model


@dataclass(frozen=True)
class Reply:
    """What a model said."""

    text: str
    stopped: bool
    """Whether it ended by itself, instead of at the limit."""


def generate(
    model: Any,
    tokenizer: Any,
    prompts: Sequence[Chat],
    *,
    max_new_tokens: int,
    dtype: torch.dtype = torch.float32,
    progress: str = "",
) -> list[Reply]:
    """Return the greedy reply to each prompt, in their order; `progress` names the bar.

    A reply is at most as long as what its prompt leaves of the model's context.
    """
    encoded = [encode_prompt(tokenizer, prompt) for prompt in prompts]
    context = context_length(model.config, tokenizer)
    ends = end_tokens(model.generation_config, tokenizer)
    replies: dict[int, Reply] = {}
    with tqdm(total=len(encoded), desc=progress, disable=not progress) as bar:
        for batch in _with_room(batches(encoded), encoded, context - max_new_tokens):
            inputs = _inputs([encoded[at] for at in batch], tokenizer, model)
            room = context - inputs["input_ids"].shape[1]
            with torch.inference_mode(), computing(model, dtype):
                output = model.generate(
                    **inputs,
                    max_new_tokens=max(1, min(max_new_tokens, room)),
                    do_sample=False,
                    pad_token_id=pad_token(tokenizer),
                    eos_token_id=sorted(ends),
                    **growing_cache(model),
                )
            written = output[:, inputs["input_ids"].shape[1] :].tolist()
            for at, ids in zip(batch, written, strict=True):
                replies[at] = _reply(ids, tokenizer, ends)
            bar.update(len(batch))
    return [replies[at] for at in range(len(encoded))]


def label_scores(
    model: Any,
    tokenizer: Any,
    prompts: Sequence[Chat],
    labels: Sequence[str],
    *,
    dtype: torch.dtype = torch.float32,
) -> list[list[float]]:
    """Return the log-probability of each label's first token as the beginning of the reply."""
    first = [encode_text(tokenizer, label)[0] for label in labels]
    rows = [Measured.for_reply(encode_prompt(tokenizer, prompt), first) for prompt in prompts]
    with computing(model, dtype):
        return [score.labels for score in Scorer(model, pad_token(tokenizer)).score(rows)]


def batches(encoded: Sequence[Sequence[int]], limit: int = BATCH_TOKENS) -> Iterator[list[int]]:
    """Yield positions of prompts of similar length that fit in one batch, longest first."""
    order = sorted(range(len(encoded)), key=lambda at: (-len(encoded[at]), at))
    while order:
        fitting = max(1, limit // len(encoded[order[0]]))
        yield order[:fitting]
        order = order[fitting:]


def _with_room(
    groups: Iterator[list[int]], encoded: Sequence[Sequence[int]], limit: int
) -> Iterator[list[int]]:
    """Put prompts that leave too little room by themselves: others' replies stay as long."""
    for batch in groups:
        yield from ([at] for at in batch if len(encoded[at]) > limit)
        if fitting := [at for at in batch if len(encoded[at]) <= limit]:
            yield fitting


def computing(model: Any, dtype: torch.dtype) -> AbstractContextManager[Any]:
    """Compute in bf16 where asked, whatever the weights are stored in."""
    return torch.autocast(model.device.type, dtype=torch.bfloat16, enabled=dtype is torch.bfloat16)


def _inputs(rows: Sequence[Sequence[int]], tokenizer: Any, model: Any) -> dict[str, torch.Tensor]:
    inputs = left_padded(rows, pad_token(tokenizer))
    if takes(model, "position_ids"):
        inputs["position_ids"] = places(inputs["attention_mask"])
    return {name: tensor.to(model.device) for name, tensor in inputs.items()}


def _reply(ids: list[int], tokenizer: Any, ends: frozenset[int]) -> Reply:
    end = next((at for at, token in enumerate(ids) if token in ends), None)
    return Reply(decode_reply(tokenizer, ids[:end]).strip(), end is not None)
