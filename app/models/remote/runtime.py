"""A model elsewhere as a runtime."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

from app.models.remote.chat import RemoteChatModel
from app.models.remote.fallback import Fallback
from app.models.remote.scorer import RemoteScorer


class RemoteRuntime:
    """A remote chat model and what reads scores off it; callers never share a pass."""

    def __init__(
        self, chat_model: RemoteChatModel, *, together: int, fallback: Fallback | None = None
    ) -> None:
        self.at_once = together
        # Scores are never another model's: whoever uses them knows whose they are.
        self.scorer = RemoteScorer(chat_model, together=together)
        self.chat_model = chat_model.model_copy(update={"fallback": fallback})

    @property
    def unfinished(self) -> int:
        """Number of requests under way."""
        return self.chat_model.calls.unfinished

    def cohort(self, size: int) -> Apart:
        """Leave callers to themselves: each has passes of its own, for all that is known."""
        return Apart()

    def close(self) -> None:
        """Do nothing: there is nothing to finish."""


class Apart:
    """Links nobody."""

    def member(self, number: int) -> AbstractContextManager[None]:
        """Take part as this caller."""
        return nullcontext()
