"""What only the user can know about what the assistant is for."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, PositiveFloat


class Needs(BaseModel):
    """What the assistant is needed for."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    changes: Literal["never", "yearly", "monthly", "weekly", "daily"] = "monthly"
    """How often the facts change."""
    traceable: bool = True
    """Whether people must be able to look an answer up."""
    without_documents: bool = False
    """Whether it must run where the documents may not be."""
    max_wait: PositiveFloat | None = None
    """Longest typical wait for an answer, in seconds."""
