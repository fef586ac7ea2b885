"""Compute BERT in NumPy, for one text at a time.

A question is embedded as exactly as by torch. Importing torch takes seconds, for which a command
that searches once need not wait.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import safe_open
from safetensors.numpy import load_file
from scipy.special import erf
from tokenizers import Tokenizer
from tokenizers.normalizers import BertNormalizer

from app.models.embedding_files import read_json
from app.models.embedding_recipe import Recipe

CONFIG, WEIGHTS = "config.json", "model.safetensors"
TOKENIZER, TOKENIZER_CONFIG = "tokenizer.json", "tokenizer_config.json"
KIND = {
    "model_type": ("bert",),
    "hidden_act": ("gelu", None),
    "position_embedding_type": ("absolute", None),
    "is_decoder": (False, None),
}
"""What a configuration says of a model that is computed here; None is nothing."""
TOKENIZERS = ("BertTokenizer", "BertTokenizerFast", None)

Matrix = NDArray[np.float32]
"""A row for each token."""


def is_plain(folder: Path) -> bool:
    """Tell whether a folder holds an encoder that this module computes, with float32 weights."""
    config = read_json(folder / CONFIG)
    alike = all(config.get(name) in values for name, values in KIND.items())
    known = read_json(folder / TOKENIZER_CONFIG).get("tokenizer_class") in TOKENIZERS
    files = (folder / WEIGHTS).is_file() and (folder / TOKENIZER).is_file()
    return alike and known and files and _types(folder / WEIGHTS) == {"F32"}


def _types(file: Path) -> set[str]:
    with safe_open(file, framework="numpy") as weights:
        names = [name for name in weights.keys() if name.endswith("weight")]  # noqa: SIM118  # no dict
        return {weights.get_slice(name).get_dtype() for name in names}


class PlainBert:
    """Embeds a text as transformers' BertModel does, pooled and of length one.

    Several threads may ask at once.
    """

    def __init__(self, folder: Path, recipe: Recipe) -> None:
        config = read_json(folder / CONFIG)
        self._tokenizer = _tokenizer(folder, recipe.max_tokens)
        self._heads: int = config["num_attention_heads"]
        self._layers: int = config["num_hidden_layers"]
        self._epsilon: float = config.get("layer_norm_eps", 1e-12)
        self._pooling = recipe.pooling
        loaded = load_file(folder / WEIGHTS)
        self._weights = {name.removeprefix("bert."): value for name, value in loaded.items()}

    def embed(self, text: str) -> list[float]:
        """Return the vector of a text."""
        hidden = self._hidden(self._tokenizer.encode(text).ids)
        pooled = hidden.mean(axis=0) if self._pooling == "mean" else hidden[0]
        vector: list[float] = (pooled / max(float(np.linalg.norm(pooled)), 1e-12)).tolist()
        return vector

    def _hidden(self, ids: list[int]) -> Matrix:
        words, places, kinds = (
            self._weights[f"embeddings.{name}_embeddings.weight"]
            for name in ("word", "position", "token_type")
        )
        hidden = self._norm(words[ids] + places[: len(ids)] + kinds[0], "embeddings.LayerNorm")
        for number in range(self._layers):
            layer = f"encoder.layer.{number}"
            seen = hidden + self._attended(hidden, f"{layer}.attention")
            hidden = self._norm(seen, f"{layer}.attention.output.LayerNorm")
            wide = _gelu(self._linear(hidden, f"{layer}.intermediate.dense"))
            narrow = hidden + self._linear(wide, f"{layer}.output.dense")
            hidden = self._norm(narrow, f"{layer}.output.LayerNorm")
        return hidden

    def _attended(self, hidden: Matrix, layer: str) -> Matrix:
        query, key, value = (
            self._linear(hidden, f"{layer}.self.{name}")
            .reshape(len(hidden), self._heads, -1)
            .swapaxes(0, 1)
            for name in ("query", "key", "value")
        )
        scores = query @ key.swapaxes(1, 2) / np.float32(np.sqrt(query.shape[2]))
        shares = np.exp(scores - scores.max(axis=2, keepdims=True))
        shares /= shares.sum(axis=2, keepdims=True)
        together = (shares @ value).swapaxes(0, 1).reshape(hidden.shape)
        return self._linear(together, f"{layer}.output.dense")

    def _linear(self, rows: Matrix, name: str) -> Matrix:
        weight, bias = self._weights[f"{name}.weight"], self._weights[f"{name}.bias"]
        product: Matrix = (weight @ rows.T).T + bias  # for few rows quicker than rows @ weight.T
        return product

    def _norm(self, rows: Matrix, name: str) -> Matrix:
        centred = rows - rows.mean(axis=1, keepdims=True)
        spread = np.sqrt((centred**2).mean(axis=1, keepdims=True) + self._epsilon)
        gain, bias = self._weights[f"{name}.weight"], self._weights[f"{name}.bias"]
        normed: Matrix = centred / spread * gain + bias
        return normed


def _gelu(rows: Matrix) -> Matrix:
    """Weigh each number by how probable a smaller one is; arXiv 1606.08415."""
    weighed: Matrix = rows * (1 + erf(rows / np.float32(np.sqrt(2)))) / 2
    return weighed


def _tokenizer(folder: Path, max_tokens: int) -> Tokenizer:
    tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
    told: dict[str, Any] = read_json(folder / TOKENIZER_CONFIG)
    # As transformers makes it: what the file says of it does not count there.
    tokenizer.normalizer = BertNormalizer(
        handle_chinese_chars=told.get("tokenize_chinese_chars", True),
        strip_accents=told.get("strip_accents"),
        lowercase=told.get("do_lower_case", True),
    )
    tokenizer.no_padding()
    tokenizer.enable_truncation(max_tokens)
    return tokenizer
