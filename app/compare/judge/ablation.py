"""What a setting is worth, turned by itself."""

from __future__ import annotations

from dataclasses import dataclass

from finetune.evaluation.bootstrap import Estimate


@dataclass(frozen=True)
class Ablated:
    """What turning one knob does to the share of questions whose answer is shown."""

    knob: str
    value: str
    found: Estimate
    gain: Estimate
    """Over the settings in use, with its paired interval."""
