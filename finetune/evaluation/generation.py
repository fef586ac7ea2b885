"""Let a model reply to many prompts: greedily, in batches of similar length."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import torch
from tqdm import tqdm

from finetune.data.encoding import encode_prompt

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
    """Return the greedy reply to each prompt, in their order; `progress` names the bar."""
    encoded = [encode_prompt(tokenizer, prompt) for prompt in prompts]
    replies: dict[int, Reply] = {}
    with tqdm(total=len(encoded), desc=progress, disable=not progress) as bar:
        for batch in batches(encoded):
            inputs = _left_padded([encoded[at] for at in batch], tokenizer, model.device)
            with torch.inference_mode(), computing(model, dtype):
                output = model.generate(
                    **inputs,
                    max_new_tokens=max_new_tokens,
                    do_sample=False,
                    pad_token_id=_pad_token(tokenizer),
                    eos_token_id=tokenizer.eos_token_id,
                )
            written = output[:, inputs["input_ids"].shape[1] :].tolist()
            for at, ids in zip(batch, written, strict=True):
                replies[at] = _reply(ids, tokenizer)
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
    first = [tokenizer.encode(label, add_special_tokens=False)[0] for label in labels]
    scores: dict[int, list[float]] = {}
    for batch in batches(encoded):
        inputs = _left_padded([encoded[at] for at in batch], tokenizer, model.device)
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


def computing(model: Any, dtype: torch.dtype) -> AbstractContextManager[Any]:
    """Compute in bf16 where asked, whatever the weights are stored in."""
    return torch.autocast(model.device.type, dtype=torch.bfloat16, enabled=dtype is torch.bfloat16)


def _left_padded(
    rows: Sequence[Sequence[int]], tokenizer: Any, device: torch.device
) -> dict[str, torch.Tensor]:
    width = max(len(row) for row in rows)
    ids = [[_pad_token(tokenizer)] * (width - len(row)) + list(row) for row in rows]
    mask = [[0] * (width - len(row)) + [1] * len(row) for row in rows]
    attention = torch.tensor(mask, device=device)
    return {
        "input_ids": torch.tensor(ids, device=device),
        "attention_mask": attention,
        "position_ids": (attention.cumsum(-1) - 1).clamp(min=0),
    }


def _pad_token(tokenizer: Any) -> int:
    """Pad with what ends a turn where there is nothing else: what is masked may be anything."""
    pad = tokenizer.pad_token_id
    return int(tokenizer.eos_token_id if pad is None else pad)


def _reply(ids: list[int], tokenizer: Any) -> Reply:
    stopped = tokenizer.eos_token_id in ids
    kept = ids[: ids.index(tokenizer.eos_token_id)] if stopped else ids
    return Reply(tokenizer.decode(kept, skip_special_tokens=True).strip(), stopped)
