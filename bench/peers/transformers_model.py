"""Transformers' own `generate`, in the number format of the checkpoint's folder as it loads it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from bench.peers.turns import Work, serve


class Clock:
    """A streamer that notes when tokens come; the prompt comes first."""

    def __init__(self) -> None:
        self.at: list[float] = []

    def put(self, value: torch.Tensor) -> None:
        """Note that tokens came."""
        self.at.append(time.perf_counter())

    def end(self) -> None:
        """Nothing is left to be noted."""


def load(work: Work) -> Callable[[], dict[str, Any]]:
    """Load the model in bf16, the fastest format here."""
    tokenizer: Any = AutoTokenizer.from_pretrained(work["model"])
    model: Any = AutoModelForCausalLM.from_pretrained(work["model"], dtype=torch.bfloat16)
    asked = tokenizer.apply_chat_template(
        [{"role": "user", "content": work["prompt"]}],
        add_generation_prompt=True,
        return_tensors="pt",
        return_dict=True,
    )

    def write() -> dict[str, Any]:
        clock = Clock()
        start = time.perf_counter()
        ids = model.generate(
            **asked, max_new_tokens=work["tokens"], do_sample=False, streamer=clock
        )
        text = tokenizer.decode(ids[0, asked["input_ids"].shape[1] :], skip_special_tokens=True)
        return {
            "first_token_s": clock.at[1] - start,
            "further_tokens_s": clock.at[-1] - clock.at[1],
            "further_tokens": len(clock.at) - 2,
            "answers": [text],
        }

    return write


if __name__ == "__main__":
    serve(load)
