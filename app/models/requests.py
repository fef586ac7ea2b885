"""What the model can be asked for: text, or scores of prompts."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from app.models.decoding import Row
from app.models.encoder import Messages
from app.models.lockstep import Round
from app.models.ports import Texts
from finetune.measured import Score


@dataclass(frozen=True, kw_only=True)
class Sampling:
    """How the next token is chosen; temperature 0 is greedy."""

    temperature: float = 0.0
    top_p: float = 1.0
    seed: int = 0

    def __post_init__(self) -> None:
        if self.temperature < 0 or not 0 < self.top_p <= 1:
            raise ValueError(
                f"temperature={self.temperature} and top_p={self.top_p} came: temperature must not "
                "be negative, and top_p must be above 0 and at most 1"
            )

    def generate_kwargs(self) -> dict[str, Any]:
        """Return the arguments of `generate` that say the same."""
        if self.temperature == 0:
            return {"do_sample": False}
        return {
            "do_sample": True,
            "temperature": self.temperature,
            "top_p": self.top_p,
            "top_k": 0,
        }


@dataclass(kw_only=True)
class Generation:
    """A request for text."""

    messages: Messages
    row: Row
    sampling: Sampling = Sampling()

    def joins(self, other: Generation) -> bool:
        """Tell whether both can run in one batch: sampled rows would share one random stream."""
        return self.sampling.temperature == 0 == other.sampling.temperature


@dataclass(kw_only=True)
class Scoring:
    """A request for the scores of prompts."""

    prompts: Sequence[Messages]
    labels: Sequence[str]
    text: Texts
    """Part of each prompt's last message; empty to measure labels alone."""
    result: Future[list[Score]] = field(default_factory=Future)

    @property
    def texts(self) -> Sequence[str]:
        """The text of each prompt."""
        return [self.text] * len(self.prompts) if isinstance(self.text, str) else self.text


Queued = Generation | Scoring | Round[Generation | Scoring] | None
"""What the thread takes from its queue; None ends it."""
