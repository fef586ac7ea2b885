"""The reader: a sentence encoder with a head that finds what answers a question in lines of text.

Knows a query and lines; knows nothing of claims, passages or answers' layout.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from transformers import AutoModel, AutoTokenizer

WEIGHTS = "reader.safetensors"
MAX_TOKENS = 256  # of query and lines; what is longer loses the end of its lines
LENGTH_STEP = 32  # rows are padded to multiples, so that few shapes occur
MAX_ROWS = 32  # in one pass
LONGEST = 24  # tokens of a span
SPANS = 8  # likeliest ones that are returned
FROZEN = "encoder.embeddings.word_embeddings.weight"
"""Half of the encoder's weights; they stay the encoder's own and are not stored again."""


@dataclass(frozen=True)
class Found:
    """A span of the lines and how probable it is that it is what is asked for."""

    start: int
    end: int
    probability: float


@dataclass(frozen=True)
class Reading:
    """What was found in the lines for a query."""

    spans: tuple[Found, ...]
    """The likeliest, best first."""
    nothing: float
    """Probability that the lines hold nothing that is asked for."""


class Reader(nn.Module):
    """Reads a query and lines together; see `forward`."""

    def __init__(self, encoder: Path) -> None:
        super().__init__()
        # Without dropout: it halves the speed on CPU and kept the reader from learning at all.
        self.encoder: Any = AutoModel.from_pretrained(
            encoder,
            add_pooling_layer=False,
            hidden_dropout_prob=0.0,
            attention_probs_dropout_prob=0.0,
        )
        self.span = nn.Linear(int(self.encoder.config.hidden_size), 2)

    def forward(self, rows: dict[str, Tensor]) -> Tensor:
        """Return the log-odds of each token as begin and end of the answer: (rows, tokens, 2).

        Tokens outside the lines are masked but for the first, which stands for "not answered
        here": Devlin et al., "BERT", NAACL 2019, section 4.3.
        """
        hidden = self.encoder(**rows).last_hidden_state
        inside = rows["token_type_ids"].clone()
        inside[:, 0] = 1
        odds: Tensor = self.span(hidden).float()
        return odds.masked_fill((inside == 0).unsqueeze(-1), -1e4)

    def save(self, folder: Path) -> None:
        """Write all weights but the word embeddings, in half precision."""
        folder.mkdir(parents=True, exist_ok=True)
        weights = {k: v.half().contiguous() for k, v in self.state_dict().items() if k != FROZEN}
        save_file(weights, folder / WEIGHTS)

    @classmethod
    def load(cls, folder: Path, encoder: Path) -> Reader:
        """Read what `save` wrote, over the encoder that it was trained on.

        Raises ValueError for weights of another reader.
        """
        reader = cls(encoder)
        weights = {k: v.float() for k, v in load_file(folder / WEIGHTS).items()}
        missing = reader.load_state_dict(weights, strict=False).missing_keys
        if missing != [FROZEN]:
            raise ValueError(f"{folder / WEIGHTS} lacks {missing[:3]}: fetch the package again")
        return reader.eval()


class RowEncoder:
    """Turns queries and lines into padded rows of token ids; for several threads at once."""

    def __init__(self, encoder: Path) -> None:
        self._tokenizer: Any = AutoTokenizer.from_pretrained(encoder)
        self._lock = threading.Lock()  # truncation is set inside the tokenizer

    def encode(self, rows: Sequence[tuple[str, str]]) -> list[Any]:
        """Encode each (query, lines) as one row, the lines as its second part."""
        with self._lock:
            return [
                self._tokenizer(
                    query,
                    lines,
                    truncation="longest_first",
                    max_length=MAX_TOKENS,
                    return_offsets_mapping=True,
                )
                for query, lines in rows
            ]

    @staticmethod
    def pad(encoded: Sequence[Any]) -> dict[str, Tensor]:
        """Pad rows on the right to one length."""
        longest = max(len(row["input_ids"]) for row in encoded)
        length = -(-longest // LENGTH_STEP) * LENGTH_STEP

        def column(name: str) -> Tensor:
            rows = [list(row[name]) for row in encoded]
            return torch.tensor([row + [0] * (length - len(row)) for row in rows])

        return {n: column(n) for n in ("input_ids", "token_type_ids", "attention_mask")}


def read(reader: Reader, encoder: RowEncoder, rows: Sequence[tuple[str, str]]) -> list[Reading]:
    """Read each (query, lines).

    A row passes with rows of the same call alone, longest first; in float32, where company moves
    a value by rounding only.
    """
    encoded = encoder.encode(rows)
    order = sorted(range(len(encoded)), key=lambda at: -len(encoded[at]["input_ids"]))
    readings: dict[int, Reading] = {}
    with torch.inference_mode():
        for begin in range(0, len(order), MAX_ROWS):
            part = order[begin : begin + MAX_ROWS]
            odds = reader(RowEncoder.pad([encoded[at] for at in part]))
            for at, row in zip(part, odds, strict=True):
                readings[at] = _reading(row, encoded[at])
    return [readings[at] for at in range(len(rows))]


def _reading(odds: Tensor, row: Any) -> Reading:
    """Pick the likeliest spans among those that begin before they end and are not too long."""
    begins, ends = odds[:, 0], odds[:, 1]
    pairs = begins[:, None] + ends[None, :]
    allowed = torch.ones_like(pairs, dtype=torch.bool).triu().tril(LONGEST - 1)
    allowed[0, 1:] = False
    probabilities = pairs.masked_fill(~allowed, -1e4).flatten().softmax(dim=0)
    nothing = float(probabilities[0])
    probabilities[0] = 0.0
    best = probabilities.topk(min(SPANS, len(probabilities)))
    offsets = row["offset_mapping"]
    spans = [
        Found(offsets[int(at) // len(begins)][0], offsets[int(at) % len(begins)][1], float(p))
        for p, at in zip(best.values, best.indices, strict=True)
        if int(at) % len(begins) < len(offsets)
    ]
    return Reading(tuple(spans), nothing)
