"""Let a model reply to many prompts: greedily, in batches of similar length."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import torch
from tqdm import tqdm

from finetune.causal import context_length, end_tokens, takes
from finetune.data.chat_format import decode_reply, encode_prompt, encode_text

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
    ends = end_tokens(model, tokenizer)
    replies: dict[int, Reply] = {}
    with tqdm(total=len(encoded), desc=progress, disable=not progress) as bar:
        for batch in _with_room(batches(encoded), encoded, context - max_new_tokens):
            inputs = _left_padded([encoded[at] for at in batch], tokenizer, model)
            room = context - inputs["input_ids"].shape[1]
            with torch.inference_mode(), computing(model, dtype):
                output = model.generate(
                    **inputs,
                    max_new_tokens=max(1, min(max_new_tokens, room)),
                    do_sample=False,
                    pad_token_id=_pad_token(tokenizer),
                    eos_token_id=sorted(ends),
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
    encoded = [encode_prompt(tokenizer, prompt) for prompt in prompts]
    first = [encode_text(tokenizer, label)[0] for label in labels]
    scores: dict[int, list[float]] = {}
    for batch in batches(encoded):
        inputs = _left_padded([encoded[at] for at in batch], tokenizer, model)
        with torch.inference_mode(), computing(model, dtype):
            logits = model(**inputs, logits_to_keep=1, use_cache=False).logits[:, -1]
        picked = logits.float().log_softmax(-1)[:, first].tolist()
        scores.update(zip(batch, picked, strict=True))
    return [scores[at] for at in range(len(encoded))]


def batches(encoded: Sequence[Sequence[int]], limit: int = BATCH_TOKENS) -> Iterator[list[int]]:
    """Yield positions of prompts of similar length that fit in one batch, longest first."""
    order = sorted(range(len(encoded)), key=lambda at: (-len(encoded[at]), at))
    while order:
        fitting = max(1, limit // len(encoded[order[0]]))
        yield order[:fitting]
        order = order[fitting:]


def _with_room(
    found: Iterator[list[int]], encoded: Sequence[Sequence[int]], limit: int
) -> Iterator[list[int]]:
    """Put prompts that leave too little room by themselves: others' replies stay as long."""
    for batch in found:
        yield from ([at] for at in batch if len(encoded[at]) > limit)
        if fitting := [at for at in batch if len(encoded[at]) <= limit]:
            yield fitting


def computing(model: Any, dtype: torch.dtype) -> AbstractContextManager[Any]:
    """Compute in bf16 where asked, whatever the weights are stored in."""
    return torch.autocast(model.device.type, dtype=torch.bfloat16, enabled=dtype is torch.bfloat16)


def _left_padded(
    rows: Sequence[Sequence[int]], tokenizer: Any, model: Any
) -> dict[str, torch.Tensor]:
    width = max(len(row) for row in rows)
    ids = [[_pad_token(tokenizer)] * (width - len(row)) + list(row) for row in rows]
    mask = [[0] * (width - len(row)) + [1] * len(row) for row in rows]
    attention = torch.tensor(mask, device=model.device)
    inputs = {"input_ids": torch.tensor(ids, device=model.device), "attention_mask": attention}
    if takes(model, "position_ids"):
        inputs["position_ids"] = (attention.cumsum(-1) - 1).clamp(min=0)
    return inputs


def _pad_token(tokenizer: Any) -> int:
    """Pad with what ends a turn where there is nothing else: what is masked may be anything."""
    pad = tokenizer.pad_token_id
    return int(tokenizer.eos_token_id if pad is None else pad)


def _reply(ids: list[int], tokenizer: Any, ends: frozenset[int]) -> Reply:
    end = next((at for at, token in enumerate(ids) if token in ends), None)
    return Reply(decode_reply(tokenizer, ids[:end]).strip(), end is not None)
