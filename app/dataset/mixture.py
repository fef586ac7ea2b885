"""The mixture: what a training set is made of, as one frozen, documented value."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, PositiveInt


class Mixture(BaseModel):
    """How training rows are made of documents and question–answer pairs."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    passages: tuple[int, ...] = (1, 2, 3, 3, 3, 4, 5)
    """Numbers of passages shown, drawn from evenly; the gold one is among them."""
    searched: PositiveInt = 20
    """Chunks ranked for a question; distractors and near misses come from them."""
    per_passage: PositiveInt = 2
    """Most questions asked about one passage of a context."""
    withheld: float = Field(0.35, ge=0, lt=1)
    """Share of the grounded rows whose gold passage is not shown, answered by the refusal."""
    graded: float = Field(0.6, ge=0, le=1)
    """Share of the contexts of which one passage is graded for several questions."""
    contexts: PositiveInt | None = None
    """Most contexts of a round; none is no limit."""
    rounds: PositiveInt = 4
    """How often each pair is asked, each time among other passages."""
    rehearsal: float = Field(0.2, ge=0, lt=1)
    """Rows that keep what the base model says, as a share of the others."""
    test: float = Field(0.2, ge=0, lt=0.5)
    """Share of the pairs, by whole documents, that is measured after training."""
    dev: float = Field(0.1, ge=0, lt=0.5)
    """Share of the rest, by whole documents, that is measured during training."""
    seed: int = Field(13, ge=0, lt=2**32)
    """Of every draw."""
