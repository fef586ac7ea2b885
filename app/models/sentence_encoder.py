"""Let sentence-transformers embed texts, with a model's own prompts for questions and passages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from langchain_core.embeddings import Embeddings
from langchain_huggingface import HuggingFaceEmbeddings
from transformers.utils import logging as transformers_logging

from app.models.embedding_files import read_prompts
from app.models.text_encoder import ROWS

QUESTIONS, PASSAGES = ("query",), ("document", "passage", "corpus")
"""What sentence-transformers calls their prompts."""


def load_sentence_encoder(model: Path | str) -> Embeddings:
    """Load a folder's or a hub id's model.

    Prompts are named here, since the library takes an empty one for one that is meant.
    """
    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # untyped
    prompts = read_prompts(model)
    how: dict[str, Any] = {"normalize_embeddings": True, "batch_size": ROWS}
    question = {"prompt": prompts.first(QUESTIONS, not_of=PASSAGES), "task": "query"}
    passage = {"prompt": prompts.first(PASSAGES, not_of=QUESTIONS), "task": "document"}
    return HuggingFaceEmbeddings(
        model=str(model), encode_kwargs=how | passage, query_encode_kwargs=how | question
    )
