"""Find what is said in a loop, as weak models do; knows nothing of answers."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from itertools import pairwise


def looped(said: Sequence[Hashable]) -> list[bool]:
    """Tell of each thing whether it only says again what was said directly before it.

    That is one thing twice, or a sequence that is repeated up to the end. What comes again between
    others, as a step or an item may, is said anew.
    """
    at_once = [False, *(before == now for before, now in pairwise(said))]
    once = [at for at in range(len(said)) if not at_once[at]]
    kept = set(once[: _loop([said[at] for at in once])])
    return [at not in kept for at in range(len(said))]


def _loop(said: Sequence[Hashable]) -> int:
    """Return from where on a sequence is repeated up to the end, at least once as a whole."""
    starts = ((_repeats(said, period), period) for period in range(2, len(said) // 2 + 1))
    return min((s for s, period in starts if s + period <= len(said)), default=len(said))


def _repeats(said: Sequence[Hashable], period: int) -> int:
    """Return from where on everything was said a period before."""
    start = len(said)
    while start > period and said[start - 1] == said[start - 1 - period]:
        start -= 1
    return start
