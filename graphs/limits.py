"""The knobs of a run and their bounds; no LangGraph, so that settings need not wait for it."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, replace
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, create_model

MAX_REWRITES = 20  # far beyond use; lets the graph's recursion limit be known
MOST_TOKENS = 131_072  # as many as the longest prompts of open models hold

Order = Literal["ends", "best-first", "best-last"]
"""Where in the prompt the best passages stand."""
Unsupported = Literal["auto", "remove", "mark", "refuse"]
"""What becomes of a claim without support: left out, marked, or the whole answer is refused.

"auto" removes where the verifier may be trusted to reject few right claims, and else marks."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """The knobs of a run, with the recommended values."""

    max_rewrites: int = 1
    """How often a search that found nothing relevant is repeated in other words."""
    grade_threshold: float = 0.3
    """Passages graded below this are not shown to the model."""
    context_tokens: int = 768
    """Tokens of passages in the prompt."""
    passage_order: Order = "ends"
    support_threshold: float | None = None
    """Claims whose support is less probable have none; None is the verifier's own threshold."""
    unsupported: Unsupported = "auto"
    max_question_tokens: int = 512
    review_below: float = 0.0
    """An answer of lower confidence waits for a person; needs a checkpointer."""

    def __post_init__(self) -> None:
        if not 0 <= self.max_rewrites <= MAX_REWRITES:
            raise ValueError(f"max_rewrites is {self.max_rewrites}: give 0 to {MAX_REWRITES}")


class Context(BaseModel):
    """Knobs that a caller may set for one run; None leaves the deployment's value."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    max_rewrites: int | None = Field(None, ge=0, le=MAX_REWRITES)
    """How often a search that found nothing relevant is repeated in other words."""
    grade_threshold: float | None = Field(None, ge=0, le=1)
    """Passages graded below this are not shown to the model."""
    context_tokens: int | None = Field(None, ge=1, le=MOST_TOKENS)
    """Tokens of passages in the prompt."""
    passage_order: Order | None = None
    """Where in the prompt the best passages stand."""
    support_threshold: float | None = Field(None, ge=0, le=1)
    """Claims whose support is less probable have none; empty for the verifier's own threshold."""
    unsupported: Unsupported | None = None
    """What becomes of a claim without support."""
    max_question_tokens: int | None = Field(None, ge=1, le=MOST_TOKENS)
    """Longer questions are refused."""

    def over(self, limits: Limits) -> Limits:
        """Return the limits with this run's changes."""
        chosen = self.model_dump()
        return replace(limits, **{k: v for k, v in chosen.items() if v is not None})


def context_of(limits: Limits) -> type[Context]:
    """Return the knobs with a deployment's values, for clients that show them."""
    fields: dict[str, Any] = {}
    for name, info in Context.model_fields.items():
        told = copy(info)
        told.default = getattr(limits, name)
        fields[name] = (info.annotation, told)
    return create_model("Context", __base__=Context, __doc__=Context.__doc__, **fields)
