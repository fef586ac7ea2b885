"""The model in this process as a runtime: all log-probabilities, in rounds that nobody disturbs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from app.models.chat import LocalChatModel, to_chat
from app.models.lockstep import Cohort
from app.models.ports import Prompt, Texts
from app.models.requests import Generation, Scoring
from app.models.worker import PipelineWorker
from finetune.measured import Score


@dataclass(frozen=True)
class LocalScorer:
    """Reads scores off the local pipeline."""

    worker: PipelineWorker
    reads_texts: bool = True
    level: str = "all log-probabilities"

    def score(
        self, prompts: Sequence[Prompt], *, labels: Sequence[str] = (), text: Texts = ""
    ) -> list[Score]:
        """Score labels by their first tokens, and a text inside each prompt's last message."""
        return self.worker.score(list(map(to_chat, prompts)), labels=labels, text=text)

    async def ascore(
        self, prompts: Sequence[Prompt], *, labels: Sequence[str] = (), text: Texts = ""
    ) -> list[Score]:
        """Do the same in async code; cancelling the task stops the model."""
        return await self.worker.ascore(list(map(to_chat, prompts)), labels=labels, text=text)


@dataclass(frozen=True)
class LocalRuntime:
    """A local chat model and what reads scores off its worker."""

    chat_model: LocalChatModel

    @property
    def worker(self) -> PipelineWorker:
        """What owns the weights."""
        return self.chat_model.worker

    @cached_property
    def scorer(self) -> LocalScorer:
        """What reads probabilities off the same weights."""
        return LocalScorer(self.worker)

    @property
    def at_once(self) -> int:
        """A batch on an accelerator; two on a CPU, where a row more costs as much as the first.

        Two, so that one long question does not hold up everybody.
        """
        return self.worker.max_batch if self.worker.batches_gain else 2

    @property
    def unfinished(self) -> int:
        """Number of batches at work, 0 or 1, and of requests that wait for their turn."""
        return self.worker.unfinished

    def cohort(self, size: int) -> Cohort[Generation | Scoring]:
        """Link callers who share rounds of the model."""
        return self.worker.cohort(size)

    def close(self) -> None:
        """Finish what is queued and end the worker's thread."""
        self.worker.close()
