"""Load a model folder as a text-generation pipeline or as embeddings, in the fastest safe dtype."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any, Literal

import torch
from langchain_core.embeddings import Embeddings
from safetensors import SafetensorError
from transformers import AutoModelForCausalLM, AutoTokenizer, TextGenerationPipeline, pipeline
from transformers.utils import logging as transformers_logging

from app.errors import UserError
from finetune.training.hardware import compute_dtype

DtypeName = Literal["auto", "float32", "bfloat16"]

# What the libraries raise for files that are missing, damaged or do not fit each other.
LOAD_ERRORS = (OSError, ValueError, KeyError, RuntimeError, SafetensorError)


def load_pipeline(model: Path | str, *, dtype: DtypeName = "auto") -> TextGenerationPipeline:
    """Load a causal language model into one text-generation pipeline.

    Raises UserError when the folder or hub id cannot be loaded; the reason is kept in one line.
    """
    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # untyped
    device = 0 if torch.cuda.is_available() else -1
    try:
        tokenizer = AutoTokenizer.from_pretrained(model)
        loaded: Any = AutoModelForCausalLM.from_pretrained(
            model, dtype=compute_dtype(dtype), output_loading_info=True
        )
    except LOAD_ERRORS as error:
        raise UserError(_load_failure("GROUNDTUNE_MODEL", model, error)) from error
    weights, report = loaded
    if missing := sorted(report["missing_keys"]):  # the library fills them with random numbers
        raise UserError(
            f"{model} lacks {len(missing)} of the model's weights, among them {missing[0]}: "
            "fetch the folder again"
        )
    if tokenizer.chat_template is None:
        raise UserError(f"{model} has no chat template: choose an instruction-tuned model")
    return pipeline("text-generation", model=weights, tokenizer=tokenizer, device=device)


def load_embeddings(model: Path | str, *, batch_size: int = 32) -> Embeddings:
    """Load a sentence-transformers model whose vectors come out normalised."""
    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # untyped
    # Imported here: sentence-transformers costs seconds that chat-only use must not pay.
    from langchain_huggingface import HuggingFaceEmbeddings

    encode: dict[str, Any] = {"normalize_embeddings": True, "batch_size": batch_size}
    try:
        return HuggingFaceEmbeddings(model=str(model), encode_kwargs=encode)
    except LOAD_ERRORS as error:
        raise UserError(_load_failure("GROUNDTUNE_EMBEDDING_MODEL", model, error)) from error


def _load_failure(setting: str, model: Path | str, error: Exception) -> str:
    reason = textwrap.shorten(str(error) or repr(error), 200)
    return f"{setting}: cannot load {model} ({reason}): set it to a local model folder"
