"""What the page sends."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

from graphs.state import Decision


class Asked(BaseModel):
    """A question to a thread."""

    question: str
    arm: str | None = None
    """Name of an arm; None is the one that is served."""
    only: list[str] = Field([], max_length=1000)
    """Names of the documents that are searched; all of them if none is named."""
    run: UUID | None = None
    """Names the question and the run that answers it; the server does where the client does not."""
    beside: UUID | None = None
    """The thread whose questions this one repeats; it is unlisted, and deleted with that one."""
    repeats: UUID | None = None
    """The run of the question there that this one repeats."""


class Renamed(BaseModel):
    """Another title for a thread."""

    title: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]


class Reviewed(BaseModel):
    """A decision about a held answer."""

    decision: Decision
    text: str = ""


class Feedback(BaseModel):
    """A reader's thumb, up (1) or down (-1)."""

    run: UUID
    thread: str
    score: int = Field(ge=-1, le=1)
    comment: str = Field("", max_length=2000)
