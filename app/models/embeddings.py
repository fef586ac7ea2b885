"""Embed texts on this machine: by transformers alone where that gives the same vectors.

Knows texts and vectors; knows nothing of questions, chunks or indexes.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import torch
from langchain_core.embeddings import Embeddings
from transformers import AutoModel, AutoTokenizer
from transformers.utils import logging as transformers_logging

from app.errors import UserError
from app.models.embedding_files import PROMPTS, read_json, read_prompts
from app.models.weights import DtypeName
from finetune.causal import LOAD_ERRORS, shortened
from finetune.training.hardware import compute_dtype

ROWS = 16  # in one pass; with more, what the layers pass on outgrows the processor's cache
QUESTIONS, PASSAGES = ("query",), ("document", "passage", "corpus")
"""What sentence-transformers calls their prompts."""
STEPS = (["Transformer", "Pooling"], ["Transformer", "Pooling", "Normalize"])
"""What sentence-transformers does with a text, where it is no more than this module does."""


@dataclass(frozen=True)
class Recipe:
    """What a folder says of how its encoder makes one vector of a text."""

    max_tokens: int
    """Of a text; what is longer loses its end."""
    pooling: Literal["mean", "cls"]


def load_embeddings(model: Path | str, dtype: DtypeName = "auto") -> Embeddings:
    """Load a sentence-transformers model whose vectors come out normalised.

    `dtype` is what passages are embedded in, where this module embeds them itself. Raises
    UserError when the folder or hub id cannot be loaded.
    """
    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # untyped
    recipe = read_recipe(model) if isinstance(model, Path) else None
    try:
        if recipe:
            return EncoderEmbeddings(Path(model), recipe, compute_dtype(dtype))
        return _by_their_library(model)
    except LOAD_ERRORS as error:
        raise UserError(
            f"GROUNDTUNE_EMBEDDING_MODEL: cannot load {model} ({shortened(error)}): set it to a "
            "local model folder"
        ) from error


def _by_their_library(model: Path | str) -> Embeddings:
    """Let sentence-transformers do it, with a model's own prompts for questions and passages.

    They are named here, since the library takes an empty prompt for one that is meant.
    """
    # Imported here: it costs seconds that the built-in model need not pay.
    from langchain_huggingface import HuggingFaceEmbeddings

    prompts = read_prompts(model)
    how: dict[str, Any] = {"normalize_embeddings": True, "batch_size": ROWS}
    question = {"prompt": prompts.first(QUESTIONS, not_of=PASSAGES), "task": "query"}
    passage = {"prompt": prompts.first(PASSAGES, not_of=QUESTIONS), "task": "document"}
    return HuggingFaceEmbeddings(
        model=str(model), encode_kwargs=how | passage, query_encode_kwargs=how | question
    )


def read_recipe(folder: Path) -> Recipe | None:
    """Read how a folder's encoder is used; None where it takes more than pooling its tokens."""
    steps = read_json(folder / "modules.json") or []
    if [step["type"].rpartition(".")[2] for step in steps] not in STEPS:
        return None
    cut = read_json(folder / "sentence_bert_config.json")
    pooling = _pooling(read_json(folder / steps[1]["path"] / "config.json"))
    configuration = read_json(folder / PROMPTS)
    cut_only = cut.keys() <= {"max_seq_length", "do_lower_case"} and not cut.get("do_lower_case")
    if not pooling or not cut_only or "max_seq_length" not in cut or configuration.get("prompts"):
        return None
    return Recipe(cut["max_seq_length"], pooling)


def _pooling(config: dict[str, Any]) -> Literal["mean", "cls"] | None:
    chosen = [name for name, value in config.items() if value is True and "pooling_mode" in name]
    match chosen:
        case ["pooling_mode_mean_tokens"]:
            return "mean"
        case ["pooling_mode_cls_token"]:
            return "cls"
    return None


class EncoderEmbeddings(Embeddings):
    """Vectors of an encoder's pooled tokens, of length one; for several threads at once.

    Questions are embedded in float32, and passages, of which there are many, in `dtype`.
    """

    def __init__(self, folder: Path, recipe: Recipe, dtype: torch.dtype) -> None:
        self._tokenizer: Any = AutoTokenizer.from_pretrained(folder)
        self._lock = threading.Lock()  # truncation and padding are set inside the tokenizer
        device = "cuda" if torch.cuda.is_available() else "cpu"
        self._encoder: Any = AutoModel.from_pretrained(folder).eval().to(device)
        self._recipe = recipe
        self._dtype = dtype

    def embed_query(self, text: str) -> list[float]:
        """Embed a question."""
        return self._embed([text])[0].tolist()

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Embed passages, those of about one length together, so that little is padded."""
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
        rows = self._rows([text.replace("\n", " ") for text in texts]).to(self._encoder.device)
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
