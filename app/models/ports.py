"""What the product asks of a model, wherever it runs.

Nothing outside an implementation's own module knows what is behind it.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import BaseMessage

from finetune.measured import Score

Prompt = Sequence[BaseMessage]

Texts = str | Sequence[str]
"""A text of all prompts, or one of each."""


class Scorer(Protocol):
    """Reads off a model how probable labels are as replies and, where it can, how likely a text."""

    @property
    def level(self) -> str:
        """What the model offers, as users read it; where that is found out by asking, so far."""

    @property
    def reads_texts(self) -> bool:
        """Whether scores tell of texts too; where not, `Score.text` is empty."""

    def score(
        self, prompts: Sequence[Prompt], *, labels: Sequence[str] = (), text: Texts = ""
    ) -> list[Score]:
        """Score labels as replies to each prompt, and a text inside its last message."""

    async def ascore(
        self, prompts: Sequence[Prompt], *, labels: Sequence[str] = (), text: Texts = ""
    ) -> list[Score]:
        """Do the same in async code; cancelling the task stops the model."""


class Together(Protocol):
    """Links callers that ask at the same time."""

    def member(self, number: int) -> AbstractContextManager[None]:
        """Take part as this caller, counted from 0."""


class Runtime(Protocol):
    """A model that is ready to be asked."""

    @property
    def chat_model(self) -> BaseChatModel:
        """What writes texts; it counts a text's tokens without fetching a tokenizer."""

    @property
    def scorer(self) -> Scorer:
        """What reads probabilities off the same model."""

    @property
    def at_once(self) -> int:
        """How many questions are best answered at once."""

    @property
    def unfinished(self) -> int:
        """Number of requests at the model or waiting for it."""

    def cohort(self, size: int) -> Together:
        """Link callers so that who else asks cannot change what one is answered."""

    def close(self) -> None:
        """Finish what was asked; nothing can be asked afterwards."""
