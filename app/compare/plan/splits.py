"""Split the questions into those that are taught and those that are asked, once for each seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.compare.plan.request import Request
from app.dataset.pairs import Pair, about, hold_out, spread, without_split
from app.errors import UserError

ASKED = 0.75  # of the questions; worked examples and training rows come from the rest
SEED = 13


@dataclass(frozen=True)
class Split:
    """Questions of which things are made for the arms, and questions that the arms are asked."""

    seed: int
    """Of this split, and of the training on it."""
    taught: Sequence[Pair]
    asked: Sequence[Pair]

    @property
    def documents(self) -> frozenset[str]:
        """Those that taught questions are about."""
        return about(self.taught)


def splits(pairs: Sequence[Pair], request: Request) -> list[Split]:
    """Return as many splits as there are repeats.

    Questions that say their own split have the same in all; their trainings differ in seed alone.
    Raises UserError where nothing would be asked.
    """
    return [_split(pairs, request, SEED + at) for at in range(request.repeats)]


def _split(pairs: Sequence[Pair], request: Request, seed: int) -> Split:
    taught, _ = hold_out(pairs, share=ASKED, seed=seed)
    # Also what no split can hold back whole: `documents` tells that training saw a part of it.
    elsewhere = {pair.id for pair in (*taught, *without_split(pairs))}
    asked = [pair for pair in pairs if pair.id not in elsewhere]
    if not asked:
        raise UserError(
            f"none of the {len(pairs)} questions of {request.questions} is left to be asked: give "
            'some "split": "test", or none a split'
        )
    return Split(seed, taught, spread(asked, request.extent.questions or len(asked)))
