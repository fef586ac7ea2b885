"""The knobs of a run and their bounds; no LangGraph, so that settings need not wait for it.

`Knobs` alone defines them: settings, the graph's limits and a run's context are made of it.
"""

from __future__ import annotations

from copy import copy
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, create_model, model_validator

MAX_REWRITES = 20  # far beyond use; lets the graph's recursion limit be known
MOST_TOKENS = 131_072  # as many as the longest prompts of open models hold

Order = Literal["ends", "best-first", "best-last"]
"""Where in the prompt the best passages stand."""
Unsupported = Literal["auto", "remove", "mark", "refuse"]
"""What becomes of a claim without support: left out, marked, or the whole answer is refused.

"auto" removes where the verifier may be trusted to reject few right claims, and else marks."""


class Knobs(BaseModel):
    """What a deployment sets for all runs and a caller may set for one, with recommended values."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    grade_threshold: float = Field(0.3, ge=0, le=1)
    """Passages graded below this are not shown to the model."""
    max_rewrites: int = Field(1, ge=0, le=MAX_REWRITES)
    """How often a search that found nothing relevant is repeated in other words."""
    context_tokens: int = Field(768, ge=1, le=MOST_TOKENS)
    """Tokens of passages in the prompt."""
    passage_order: Order = "ends"
    """The best passages stand at both ends of the prompt, first ("best-first") or last."""
    support_threshold: float | None = Field(None, ge=0, le=1)
    """Claims less probably supported have no support; the verifier's own threshold if empty."""
    unsupported: Unsupported = "auto"
    """Claims without support: remove, mark, refuse (the answer), or auto, as the check is sure."""
    max_question_tokens: int = Field(512, ge=1, le=MOST_TOKENS)
    """Longer questions are refused."""


class Limits(Knobs):
    """The knobs of a deployment, with those that no caller may change."""

    review_below: float = Field(0.0, ge=0, le=1)
    """Answers of lower confidence wait until a person has approved, edited or rejected them."""


class Context(Knobs):
    """The knobs that a caller sets for one run; what is not set, or None, is the deployment's."""

    @model_validator(mode="before")
    @classmethod
    def _none_is_not_set(cls, values: Any) -> Any:
        if not isinstance(values, dict):
            return values
        return {name: value for name, value in values.items() if value is not None}

    def over(self, limits: Limits) -> Limits:
        """Return the limits with this run's changes."""
        return limits.model_copy(update=self.model_dump(exclude_unset=True))


def context_of(limits: Limits) -> type[Context]:
    """Return the knobs with a deployment's values, for clients that show them."""
    fields: dict[str, Any] = {}
    for name, info in Context.model_fields.items():
        shown = copy(info)
        shown.default = getattr(limits, name)
        fields[name] = (info.annotation, shown)
    return create_model("Context", __base__=Context, __doc__=Context.__doc__, **fields)
