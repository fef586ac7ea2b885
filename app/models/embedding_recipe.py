"""Read how an embedding model makes one vector of a text; imports no library of models."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from app.models.embedding_files import PROMPTS, read_json

STEPS = (["Transformer", "Pooling"], ["Transformer", "Pooling", "Normalize"])
"""What sentence-transformers does with a text, where it is no more than this product does."""


@dataclass(frozen=True)
class Recipe:
    """What a folder says of how its encoder makes one vector of a text."""

    max_tokens: int
    """Of a text; what is longer loses its end."""
    pooling: Literal["mean", "cls"]


def read_recipe(folder: Path) -> Recipe | None:
    """Read how a folder's encoder is used; None where it takes more than pooling its tokens."""
    steps = read_json(folder / "modules.json") or []
    if [step["type"].rpartition(".")[2] for step in steps] not in STEPS:
        return None
    cut = read_json(folder / "sentence_bert_config.json")
    pooling = _pooling(read_json(folder / steps[1]["path"] / "config.json"))
    configuration = read_json(folder / PROMPTS)
    cut_only = cut.keys() <= {"max_seq_length", "do_lower_case"} and not cut.get("do_lower_case")
    stated = isinstance(cut.get("max_seq_length"), int)
    if not pooling or not cut_only or not stated or configuration.get("prompts"):
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
