"""Compute the built-in embedding model in NumPy, for one text at a time.

A question is embedded as exactly as by torch. Importing torch takes seconds, for which a command
that searches once need not wait. Other models may differ in what is not looked at here.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file
from scipy.special import erf
from tokenizers import Tokenizer

from app.models.embedding_files import read_json

Matrix = NDArray[np.float32]
"""A row for each token."""


class PlainBert:
    """Embeds a text by the mean of a BERT's tokens, of length one; for several threads at once."""

    def __init__(self, folder: Path, max_tokens: int) -> None:
        config = read_json(folder / "config.json")
        self._heads: int = config["num_attention_heads"]
        self._layers: int = config["num_hidden_layers"]
        self._epsilon: float = config["layer_norm_eps"]
        self._weights = load_file(folder / "model.safetensors")
        self._tokenizer = _tokenizer(folder / "tokenizer.json")
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(max_tokens)

    def embed(self, text: str) -> list[float]:
        """Return the vector of a text."""
        pooled = self._hidden(self._tokenizer.encode(text).ids).mean(axis=0)
        vector: list[float] = (pooled / np.linalg.norm(pooled)).tolist()
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


def _tokenizer(file: Path) -> Tokenizer:
    try:
        return Tokenizer.from_file(str(file))
    except Exception as error:  # the library raises nothing narrower
        raise ValueError(f"{file.name}: {error}") from error
