"""Say how far the arms' figures move when the split and the training have other seeds."""

from __future__ import annotations

import statistics
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.compare.judge.comparison import ALL, Comparison


@dataclass(frozen=True)
class Spread:
    """What one arm answers rightly in each repeat."""

    arm: str
    shares: tuple[float, ...]
    """Share of the questions, in the order of the seeds."""
    led: int
    """Repeats in which no arm that can be run was right more often."""

    @property
    def mean(self) -> float:
        """Mean of the shares."""
        return statistics.mean(self.shares)

    @property
    def deviation(self) -> float:
        """Standard deviation of the shares, that of a sample."""
        return statistics.stdev(self.shares)

    def to_json(self) -> dict[str, Any]:
        """Return the figures by name."""
        return {
            "shares": list(self.shares),
            "mean": self.mean,
            "deviation": self.deviation,
            "low": min(self.shares),
            "high": max(self.shares),
            "led": self.led,
        }


@dataclass(frozen=True)
class Repeats:
    """The same comparison with several seeds."""

    seeds: tuple[int, ...]
    arms: tuple[Spread, ...]

    def sentence(self) -> str:
        """Say which arms led, and how far shares moved."""
        led = [
            f"`{spread.arm}` led in {spread.led} of {len(self.seeds)}"
            for spread in self.arms
            if spread.led
        ]
        widest = max(self.arms, key=lambda spread: spread.deviation)
        return (
            f"With {len(self.seeds)} seeds of split and training {', '.join(led)}; shares moved "
            f"most for `{widest.arm}`, from {min(widest.shares):.0%} to {max(widest.shares):.0%}."
        )

    def to_json(self) -> dict[str, Any]:
        """Return the figures by name."""
        return {
            "seeds": list(self.seeds),
            "arms": {spread.arm: spread.to_json() for spread in self.arms},
        }


def repeated(runs: Mapping[int, Comparison]) -> Repeats | None:
    """Sum up comparisons by their seeds; None for a single one, which spreads over nothing.

    Arms that lead together all lead.
    """
    if len(runs) < 2:
        return None
    shares = {
        arm.name: tuple(run.by_kind(arm.name)[ALL].value for run in runs.values())
        for arm in next(iter(runs.values())).arms
    }
    most = [max(run.by_kind(arm)[ALL].value for arm in run.candidates) for run in runs.values()]
    runnable = next(iter(runs.values())).candidates
    return Repeats(
        tuple(runs),
        tuple(
            Spread(arm, each, _led(each, most) if arm in runnable else 0)
            for arm, each in shares.items()
        ),
    )


def _led(shares: tuple[float, ...], most: list[float]) -> int:
    return sum(share == best for share, best in zip(shares, most, strict=True))
