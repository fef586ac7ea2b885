"""Load a model folder as a text-generation pipeline, as it is held best here."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import torch
from transformers import TextGenerationPipeline, pipeline

from app.errors import UserError
from app.models.weights import DeviceMap, DtypeName, Quantize
from finetune.causal import LoadError, load_causal, load_tokenizer, quantized_by
from finetune.data.chat_format import chat_format
from finetune.errors import FinetuneError
from finetune.kv_cache import read_in_groups
from finetune.one_row import multiply_single_rows
from finetune.training.hardware import bits_and_bytes, compute_dtype


def load_pipeline(
    model: Path | str,
    *,
    dtype: DtypeName = "auto",
    quantize: Quantize = "none",
    device_map: DeviceMap = "none",
) -> TextGenerationPipeline:
    """Load a causal language model into one text-generation pipeline.

    Raises UserError when the folder or hub id cannot be loaded, also for want of a package; the
    reason is kept in one line.
    """
    numbers = compute_dtype(dtype)
    try:
        if quantize != "none" and (method := quantized_by(model)):
            raise LoadError(
                f"{model} is quantised already, by {method}: set GROUNDTUNE_QUANTIZE=none"
            )
        weights = load_causal(
            model,
            dtype=numbers,
            quantization=bits_and_bytes(quantize, numbers),
            device_map=_spread(device_map),
        )
        tokenizer = load_tokenizer(model)
        chat_format(tokenizer)  # now, and not at the first question
    except FinetuneError as error:
        raise UserError(f"GROUNDTUNE_MODEL: {error}") from error
    placed = hasattr(weights, "hf_device_map")  # spread already, which no pipeline may undo
    device = None if placed else 0 if torch.cuda.is_available() else -1
    loaded = pipeline("text-generation", model=weights, tokenizer=tokenizer, device=device)
    read_in_groups(loaded.model)
    multiply_single_rows(loaded.model)
    return loaded


def _spread(device_map: DeviceMap) -> str | None:
    """Return what accelerate is asked for; auto needs neither it nor a GPU."""
    if device_map != "auto":
        return None if device_map == "none" else device_map
    there = importlib.util.find_spec("accelerate") is not None and torch.cuda.is_available()
    return "auto" if there else None
