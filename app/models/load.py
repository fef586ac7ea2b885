"""Load a model folder as a text-generation pipeline or as embeddings, in the fastest safe dtype."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import torch
from langchain_core.embeddings import Embeddings
from transformers import TextGenerationPipeline, pipeline
from transformers.utils import logging as transformers_logging

from app.errors import UserError
from finetune.causal import LOAD_ERRORS, load_causal, load_tokenizer, one_line
from finetune.data.chat_format import chat_format
from finetune.errors import FinetuneError
from finetune.training.hardware import compute_dtype

DtypeName = Literal["auto", "float32", "bfloat16"]


def load_pipeline(model: Path | str, *, dtype: DtypeName = "auto") -> TextGenerationPipeline:
    """Load a causal language model into one text-generation pipeline.

    Raises UserError when the folder or hub id cannot be loaded; the reason is kept in one line.
    """
    device = 0 if torch.cuda.is_available() else -1
    try:
        weights = load_causal(model, dtype=compute_dtype(dtype))
        tokenizer = load_tokenizer(model)
        chat_format(tokenizer)  # now, and not at the first question
    except FinetuneError as error:
        raise UserError(f"GROUNDTUNE_MODEL: {error}") from error
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
        raise UserError(
            f"GROUNDTUNE_EMBEDDING_MODEL: cannot load {model} ({one_line(error)}): set it to a "
            "local model folder"
        ) from error
