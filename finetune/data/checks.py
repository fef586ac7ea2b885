"""Check how long rows are before they are trained on; knows token ids only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from finetune.data.encoding import Encoded
from finetune.data.examples import Kind
from finetune.errors import DataError

NAMED = 5  # ids in an error's one line


@dataclass(frozen=True)
class Dropped:
    """A row that was left out for its length."""

    id: str
    tokens: int
    """Of prompt and completion."""


@dataclass(frozen=True)
class Quantiles:
    """How long texts are, in tokens."""

    p50: int
    p95: int
    longest: int


@dataclass(frozen=True)
class Lengths:
    """How long the rows of one kind are."""

    kind: str
    rows: int
    prompt: Quantiles
    completion: Quantiles


def check_lengths(
    encoded: Sequence[Encoded], max_length: int, on_overlong: Literal["error", "drop"]
) -> tuple[list[str], list[Dropped]]:
    """Return the ids of the rows of at most `max_length` tokens, and the others.

    Raises DataError that names the first others, unless they may be dropped.
    """
    dropped = [Dropped(row.id, len(row.ids)) for row in encoded if len(row.ids) > max_length]
    if dropped and on_overlong == "error":
        named = ", ".join(f"{row.id} ({row.tokens})" for row in dropped[:NAMED])
        count = f"{len(dropped)} row{'s are' if len(dropped) > 1 else ' is'}"
        among = "among them " if len(dropped) > NAMED else ""
        raise DataError(
            f"{count} longer than {max_length} tokens, {among}{named}: raise max_length as "
            "far as the model can read, or set on_overlong to drop"
        )
    return [row.id for row in encoded if len(row.ids) <= max_length], dropped


def lengths(encoded: Iterable[Encoded], kinds: Mapping[str, Kind]) -> tuple[Lengths, ...]:
    """Measure rows by kind, given the kind of each id; kinds without rows are left out."""
    by_kind: dict[Kind, list[Encoded]] = {kind: [] for kind in Kind}
    for row in encoded:
        by_kind[kinds[row.id]].append(row)
    return tuple(
        Lengths(
            kind=str(kind),
            rows=len(rows),
            prompt=_quantiles([row.prompt_length for row in rows]),
            completion=_quantiles([len(row.completion_ids) for row in rows]),
        )
        for kind, rows in by_kind.items()
        if rows
    )


def _quantiles(tokens: Sequence[int]) -> Quantiles:
    # A length that occurs, so that a limit set to it lets those rows pass.
    p50, p95 = np.quantile(tokens, (0.5, 0.95), method="inverted_cdf")
    return Quantiles(p50=int(p50), p95=int(p95), longest=max(tokens))
