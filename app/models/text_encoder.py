"""Embed texts by transformers alone, many in one pass."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from transformers import AutoModel, AutoTokenizer
from transformers.utils import logging as transformers_logging

from app.models.embedding_recipe import Recipe
from app.models.weights import DtypeName
from finetune.training.hardware import compute_dtype

ROWS = 16  # in one pass; with more, what the layers pass on outgrows the processor's cache


class TextEncoder:
    """An encoder's pooled tokens, of length one; for several threads at once."""

    def __init__(self, folder: Path, recipe: Recipe, dtype: DtypeName) -> None:
        transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # untyped
        self._tokenizer: Any = AutoTokenizer.from_pretrained(folder)
        self._lock = threading.Lock()  # truncation and padding are set inside the tokenizer
        device = "cuda" if torch.cuda.is_available() else "cpu"
        self._encoder: Any = AutoModel.from_pretrained(folder).eval().to(device)
        self._recipe = recipe
        self._dtype = compute_dtype(dtype)

    def exactly(self, text: str) -> list[float]:
        """Return the vector of a text, computed in float32."""
        return self._embed([text])[0].tolist()

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """Return vectors of texts; those of about one length together, so that little is padded."""
        order = sorted(range(len(texts)), key=lambda at: -len(texts[at]))
        vectors: dict[int, list[float]] = {}
        shorter = self._dtype is not torch.float32
        # Entered once for all passes: it keeps the weights that it has converted.
        with torch.autocast(self._encoder.device.type, self._dtype, enabled=shorter):
            for begin in range(0, len(order), ROWS):
                part = order[begin : begin + ROWS]
                embedded = self._embed([texts[at] for at in part])
                vectors.update(zip(part, embedded.tolist(), strict=True))
        return [vectors[at] for at in range(len(texts))]

    @torch.inference_mode()
    def _embed(self, texts: Sequence[str]) -> torch.Tensor:
        rows = self._rows(list(texts)).to(self._encoder.device)
        hidden: torch.Tensor = self._encoder(**rows).last_hidden_state
        pooled = hidden[:, 0]
        if self._recipe.pooling == "mean":
            mask = rows["attention_mask"].unsqueeze(-1).to(hidden.dtype)
            pooled = (hidden * mask).sum(dim=1) / mask.sum(dim=1).clamp(min=1e-9)
        return torch.nn.functional.normalize(pooled, dim=1).float()

    def _rows(self, texts: list[str]) -> Any:
        with self._lock:
            return self._tokenizer(
                texts,
                padding=True,
                truncation="longest_first",
                max_length=self._recipe.max_tokens,
                return_tensors="pt",
            )
