"""Own the model in one thread, and serve concurrent requests in micro-batches.

Everything that touches the weights goes through here, so they are never used by two threads; it
knows chat messages as role and content only.
"""

from __future__ import annotations

import asyncio
import atexit
import queue
import threading
import weakref
from collections.abc import Callable, Sequence
from concurrent.futures import InvalidStateError
from contextlib import suppress
from typing import Any

import torch
from transformers import TextGenerationPipeline

from app.errors import ContextLengthError
from app.models.cancellation import Abandoned, PassWatch
from app.models.decoding import Row, RowMonitor
from app.models.encoder import Encoder, Messages
from app.models.lockstep import MEMBER, Cohort, Round
from app.models.ports import Texts
from app.models.requests import Generation, Queued, Sampling, Scoring
from finetune.causal import context_length, end_tokens, pad_token
from finetune.kv_cache import growing_cache
from finetune.measured import Measured, Score
from finetune.scoring import Scorer, left_padded

GATHER_SECONDS = 0.005  # a lone request waits this long for company, under 1 % of an answer


class PipelineWorker:
    """One thread that owns a text-generation pipeline and works through a queue."""

    def __init__(self, pipeline: TextGenerationPipeline, *, max_batch: int = 8) -> None:
        self.pipeline: Any = pipeline  # its methods are untyped
        self.encoder = Encoder(pipeline)
        self._pad = pad_token(pipeline.tokenizer)
        self._scorer = Scorer(pipeline.model, self._pad)
        self.max_batch = max_batch
        self.context_length = context_length(pipeline.model.config, pipeline.tokenizer)
        self._end_tokens = end_tokens(pipeline.model.generation_config, pipeline.tokenizer)
        # In fewer bits a batch rounds otherwise than a row alone, and a greedy token may flip.
        whole = getattr(pipeline.model, "quantization_method", None) is None
        self._exact = whole and pipeline.model.dtype == torch.float32
        self.batches_gain = self._exact and pipeline.model.device.type != "cpu"
        self._watch = PassWatch(pipeline.model)
        self._queue: queue.Queue[Queued] = queue.Queue()
        self._closing = threading.Lock()
        self._closed = False
        self._at_work = False
        self._thread = threading.Thread(target=self._run, name="model", daemon=True)
        self._thread.start()
        # A daemon thread inside torch at interpreter exit can abort the process.
        atexit.register(_close_if_alive, weakref.ref(self))

    def submit(self, request: Generation | Scoring) -> None:
        """Queue a request; its row or future reports the outcome, errors included."""
        if member := MEMBER.get():
            cohort, number = member
            cohort.arrive(number, request)
        else:
            self._enqueue(request)

    def cohort(self, size: int) -> Cohort[Generation | Scoring]:
        """Begin a cohort of callers who share rounds of the model."""
        return Cohort(size, self._enqueue)

    def _enqueue(self, request: Generation | Scoring | Round[Generation | Scoring]) -> None:
        with self._closing:
            if self._closed:
                raise RuntimeError("the model was closed: load it again")
            self._queue.put(request)

    @property
    def unfinished(self) -> int:
        """Number of batches at work, 0 or 1, and of requests that wait for their turn."""
        return self._queue.qsize() + self._at_work

    def close(self) -> None:
        """Finish what is queued and end the thread; nothing can be submitted afterwards."""
        with self._closing:
            if not self._closed:
                self._closed = True
                self._queue.put(None)
        self._thread.join()

    def score(
        self, prompts: Sequence[Messages], *, labels: Sequence[str] = (), text: Texts = ""
    ) -> list[Score]:
        """Score labels as replies, and a text inside each prompt's last message; wait for it."""
        request = Scoring(prompts=prompts, labels=labels, text=text)
        self.submit(request)
        return request.result.result()

    async def ascore(
        self, prompts: Sequence[Messages], *, labels: Sequence[str] = (), text: Texts = ""
    ) -> list[Score]:
        """Do the same in async code; cancelling the task stops the model."""
        request = Scoring(prompts=prompts, labels=labels, text=text)
        self.submit(request)
        return await asyncio.wrap_future(request.result)

    def _run(self) -> None:
        waiting: list[Queued] = []
        while True:
            self._at_work = bool(waiting)
            request = waiting.pop(0) if waiting else self._queue.get()
            self._at_work = True
            if request is None:
                return
            if isinstance(request, Round):
                self._work_through(request)
            elif isinstance(request, Scoring):
                self._score(request)
            else:
                self._generate(self._gather(request, waiting))

    def _work_through(self, round_: Round[Generation | Scoring]) -> None:
        """Score first: whoever waits for a grade has the longer way to go."""
        for scoring in (request for request in round_.requests if isinstance(request, Scoring)):
            self._score(scoring)
        waiting: list[Queued] = [
            request for request in round_.requests if isinstance(request, Generation)
        ]
        while waiting:
            first = waiting.pop(0)
            assert isinstance(first, Generation)
            self._generate(self._joined(first, waiting))

    def _gather(self, first: Generation, waiting: list[Queued]) -> list[Generation]:
        """Collect requests that can share the first one's batch; keep the others in order."""
        waiting.extend(self._arrivals(wait=not waiting))
        return self._joined(first, waiting)

    def _joined(self, first: Generation, waiting: list[Queued]) -> list[Generation]:
        batch = [first]
        if not self._exact:
            return batch
        for request in list(waiting):
            if len(batch) == self.max_batch:
                break
            if isinstance(request, Generation) and request.joins(first):
                batch.append(request)
                waiting.remove(request)
        return batch

    def _arrivals(self, *, wait: bool) -> list[Queued]:
        arrived: list[Queued] = []
        timeout = GATHER_SECONDS if wait else 0.0
        try:
            while len(arrived) < self.max_batch:
                arrived.append(self._queue.get(block=timeout > 0, timeout=timeout or None))
        except queue.Empty:
            pass
        return arrived

    def _generate(self, requests: Sequence[Generation]) -> None:
        ready = [request for request in requests if not request.row.cancelled.is_set()]
        prompts = [self._prompt(request) for request in ready]
        batch = [
            (request, ids) for request, ids in zip(ready, prompts, strict=True) if ids is not None
        ]
        if not batch:
            return
        rows = [request.row for request, _ in batch]
        try:
            with self._watch.over(lambda: all(row.cancelled.is_set() for row in rows)):
                self._decode(rows, [ids for _, ids in batch], batch[0][0].sampling)
        except Abandoned:
            for row in rows:
                row.abandon()
        except Exception as error:  # whatever fails inside the model belongs to the callers
            for row in rows:
                if row.reason is None:
                    row.deliver(error)

    def _prompt(self, request: Generation) -> list[int] | None:
        """Encode a request, or report to its caller why it cannot be."""
        try:
            ids = self.encoder.encode(request.messages)
            self._check_length(len(ids), request.row.max_tokens)
        except Exception as error:  # a template may raise anything for messages it dislikes
            request.row.deliver(error)
            return None
        request.row.prompt_tokens = len(ids)
        return ids

    def _check_length(self, prompt: int, new: int) -> None:
        if prompt + new > self.context_length:
            raise ContextLengthError(
                f"the prompt has {prompt} tokens and may grow by {new}, but the model's context is "
                f"{self.context_length}: shorten the question or the documents"
            )

    def _decode(self, rows: Sequence[Row], prompts: list[list[int]], sampling: Sampling) -> None:
        inputs = left_padded(prompts, self._pad)
        monitor = RowMonitor(rows, end_tokens=self._end_tokens, decoder=self.encoder)
        with torch.random.fork_rng(enabled=sampling.temperature > 0):
            if sampling.temperature > 0:
                torch.manual_seed(sampling.seed)
            self.pipeline.forward(
                {**inputs, "prompt_text": ""},
                max_new_tokens=max(row.max_tokens for row in rows),
                stopping_criteria=[monitor],
                **growing_cache(self.pipeline.model),
                **sampling.generate_kwargs(),
            )

    def _score(self, request: Scoring) -> None:
        """Score a request's prompts in passes of their own, so that nobody else moves a score."""
        rows = self._rows(request)
        if rows is None:
            return
        try:
            with self._watch.over(request.result.cancelled):
                scores = self._scorer.score(rows)
        except Abandoned:
            return
        except Exception as error:  # whatever fails inside the model belongs to the caller
            _tell(request.result.set_exception, error)
            return
        _tell(request.result.set_result, scores)

    def _rows(self, request: Scoring) -> list[Measured] | None:
        """Encode a request's prompts, or report to its caller why they cannot be."""
        try:
            labels = self.encoder.first_tokens(request.labels)
            rows = [
                self.encoder.measure(prompt, text, labels)
                for prompt, text in zip(request.prompts, request.texts, strict=True)
            ]
            self._check_length(max((len(row.ids) for row in rows), default=0), 0)
        except Exception as error:  # a template may raise anything for messages it dislikes
            _tell(request.result.set_exception, error)
            return None
        return rows


def _tell(deliver: Callable[[Any], None], outcome: Any) -> None:
    with suppress(InvalidStateError):  # the caller left meanwhile
        deliver(outcome)


def _close_if_alive(reference: weakref.ref[PipelineWorker]) -> None:
    worker = reference()
    if worker is not None:
        worker.close()
