"""What is measured of a prompt, and what a model says about it; knows no model."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Measured:
    """A prompt's token ids and what is wanted of them."""

    ids: list[int]
    start: int
    """Where the measured text begins in them."""
    end: int
    labels: list[int]
    """Tokens that a reply may begin with."""

    @classmethod
    def for_reply(cls, ids: list[int], labels: list[int]) -> Measured:
        """Measure nothing of the prompt itself."""
        return cls(ids, len(ids), len(ids), labels)


@dataclass(frozen=True)
class Score:
    """What a model says about a prompt: natural logarithms of probabilities."""

    labels: list[float]
    """Of each label as the beginning of the reply."""
    text: list[float] = field(default_factory=list)
    """Of each token of the measured text, given what stands before it in the prompt."""
