"""Pack examples that begin alike into one sequence, so that their common prompt is computed once.

Eight questions about the same passages cost little more than one. Each example attends to the
common beginning and to itself alone, at the positions it has by itself, so logits and gradients are
those of separate rows. Knows token ids only.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch

from finetune.data.encoding import Encoded

IGNORED = -100  # label of a token that is not trained
PREFIX, PADDING = 0, -1  # segments; the examples of a bundle count from 1
LENGTH_STEP = 64  # sequences are padded to multiples, so that few shapes occur
MIN_SHARED = 0.5  # of the shorter prompt; less is no gain worth a longer sequence


@dataclass(frozen=True)
class Bundle:
    """Examples whose prompts begin with the same `shared` tokens; 0 for an example alone."""

    members: tuple[Encoded, ...]
    shared: int

    @property
    def tokens(self) -> int:
        """Length of the sequence."""
        return self.shared + sum(len(member.ids) - self.shared for member in self.members)

    def columns(self) -> dict[str, list[int]]:
        """Return the sequence as equally long lists, one entry a token."""
        first = self.members[0]
        ids, labels = first.ids[: self.shared], [IGNORED] * self.shared
        positions, segments = list(range(self.shared)), [PREFIX] * self.shared
        rehearsed = [0] * self.shared
        for number, member in enumerate(self.members, start=1):
            untrained = member.prompt_length - self.shared
            ids += member.ids[self.shared :]
            labels += [IGNORED] * untrained + member.completion_ids
            positions += range(self.shared, len(member.ids))
            segments += [number] * (len(member.ids) - self.shared)
            rehearsed += [int(member.rehearsed)] * (len(member.ids) - self.shared)
        return {
            "input_ids": ids,
            "labels": labels,
            "position_ids": positions,
            "segments": segments,
            "rehearsed": rehearsed,
        }


def bundle(encoded: Sequence[Encoded], *, max_tokens: int, share: bool, seed: int) -> list[Bundle]:
    """Group examples that share the longer part of their prompts, in an order drawn by `seed`.

    No bundle is longer than `max_tokens` unless a single example is.
    """
    bundles = _grouped(encoded, max_tokens) if share else [Bundle((row,), 0) for row in encoded]
    random.Random(seed).shuffle(bundles)
    return bundles


def _grouped(encoded: Sequence[Encoded], max_tokens: int) -> list[Bundle]:
    # In the order of their tokens, the examples that share most are neighbours.
    bundles: list[Bundle] = []
    for row in sorted(encoded, key=lambda row: (row.ids, row.id)):
        joined = _join(bundles[-1], row) if bundles else None
        if joined is not None and joined.tokens <= max_tokens:
            bundles[-1] = joined
        else:
            bundles.append(Bundle((row,), 0))
    return bundles


def _join(group: Bundle, row: Encoded) -> Bundle | None:
    first = group.members[0]
    # One token of each prompt stays outside, so that every trained token follows one of its own.
    limit = min(first.prompt_length, row.prompt_length) - 1
    known = group.shared or limit
    shared = _common(first.ids, row.ids, min(limit, known))
    if shared < MIN_SHARED * (limit + 1) or shared < MIN_SHARED * group.shared:
        return None
    return Bundle((*group.members, row), shared)


def _common(left: Sequence[int], right: Sequence[int], limit: int) -> int:
    return next((at for at in range(limit) if left[at] != right[at]), limit)


def collate(rows: Sequence[dict[str, Any]]) -> dict[str, torch.Tensor]:
    """Pad bundles on the right: (batch, tokens) each."""
    longest = max(len(row["input_ids"]) for row in rows)
    length = -(-longest // LENGTH_STEP) * LENGTH_STEP
    return {
        "input_ids": _padded([row["input_ids"] for row in rows], length, 0),
        "labels": _padded([row["labels"] for row in rows], length, IGNORED),
        "position_ids": _padded([row["position_ids"] for row in rows], length, 0),
        "segments": _padded([row["segments"] for row in rows], length, PADDING),
        "rehearsed": _padded([row["rehearsed"] for row in rows], length, 0).bool(),
    }


def _padded(lists: Sequence[list[int]], length: int, filler: int) -> torch.Tensor:
    return torch.tensor([row + [filler] * (length - len(row)) for row in lists])
