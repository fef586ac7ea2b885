"""What a setting is worth, turned by itself."""

from __future__ import annotations

from dataclasses import dataclass

from finetune.evaluation.bootstrap import Estimate


@dataclass(frozen=True)
class Ablated:
    """What turning one knob does to a share of the questions."""

    knob: str
    value: str
    found: Estimate
    gain: Estimate
    """Over the settings in use, with its paired interval."""

    @property
    def shown(self) -> bool:
        """Whether the interval leaves 0 out, as by chance alone it does for one knob in 20."""
        return not self.gain.low <= 0 <= self.gain.high
