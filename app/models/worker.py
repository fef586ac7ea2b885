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
from collections.abc import Sequence
from concurrent.futures import InvalidStateError
from contextlib import suppress
from functools import partial
from typing import Any

import torch
from transformers import TextGenerationPipeline

from app.errors import ContextLengthError
from app.models.abandon import Abandoned, PassWatch
from app.models.decoding import Row, RowMonitor
from app.models.encoder import Encoder, Measured, Messages
from app.models.lockstep import MEMBER, Cohort, Round
from app.models.requests import Generation, Queued, Sampling, Score, Scoring

GATHER_SECONDS = 0.005  # a lone request waits this long for company, under 1 % of an answer
MAX_SCORED_TOKENS = 8_192  # prompt tokens in one scoring pass, padding included: about 3 GB


class PipelineWorker:
    """One thread that owns a text-generation pipeline and works through a queue."""

    def __init__(self, pipeline: TextGenerationPipeline, *, max_batch: int = 8) -> None:
        self.pipeline: Any = pipeline  # its methods are untyped
        self.encoder = Encoder(pipeline)
        self.max_batch = max_batch
        self.context_length = int(pipeline.model.config.max_position_embeddings)
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
        self, prompts: Sequence[Messages], *, labels: Sequence[str] = (), text: str = ""
    ) -> list[Score]:
        """Score labels as replies, and a text inside each prompt's last message; wait for it."""
        request = Scoring(prompts=prompts, labels=labels, text=text)
        self.submit(request)
        return request.result.result()

    async def ascore(
        self, prompts: Sequence[Messages], *, labels: Sequence[str] = (), text: str = ""
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
        for scoring in (of for of in round_.requests if isinstance(of, Scoring)):
            self._score(scoring)
        waiting: list[Queued] = [of for of in round_.requests if isinstance(of, Generation)]
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
        inputs = self._pad(prompts)
        monitor = RowMonitor(rows, end_tokens=self._end_tokens(), decoder=self.encoder)
        with torch.random.fork_rng(enabled=sampling.temperature > 0):
            if sampling.temperature > 0:
                torch.manual_seed(sampling.seed)
            self.pipeline.forward(
                {**inputs, "prompt_text": ""},
                max_new_tokens=max(row.max_tokens for row in rows),
                stopping_criteria=[monitor],
                **sampling.generate_kwargs(),
            )

    def _score(self, request: Scoring) -> None:
        result = request.result
        try:
            with self._watch.over(result.cancelled):
                tell = partial(result.set_result, self._scores(request))
        except Abandoned:
            return
        except Exception as error:  # whatever fails inside the model belongs to the caller
            tell = partial(result.set_exception, error)
        with suppress(InvalidStateError):  # the caller left meanwhile
            tell()

    def _scores(self, request: Scoring) -> list[Score]:
        labels = self._label_tokens(request.labels)
        rows = [self.encoder.measure(prompt, request.text) for prompt in request.prompts]
        lengths = [len(row.ids) for row in rows]
        self._check_length(max(lengths, default=0), 0)
        # Neighbours in length share a pass, so that little of it is padding.
        order = sorted(range(len(rows)), key=lengths.__getitem__)
        width = max(1, MAX_SCORED_TOKENS // max(lengths, default=1))
        scores: dict[int, Score] = {}
        for start in range(0, len(order), width):
            part = order[start : start + width]
            passed = self._score_pass([rows[at] for at in part], labels)
            scores |= zip(part, passed, strict=True)
        return [scores[at] for at in range(len(rows))]

    def _score_pass(self, rows: Sequence[Measured], labels: list[int]) -> list[Score]:
        inputs = self._pad([row.ids for row in rows])
        keep = max(len(row.ids) - row.start for row in rows) + 1
        with torch.inference_mode():
            logits = self.pipeline.model(
                **{name: tensor.to(self.pipeline.device) for name, tensor in inputs.items()},
                logits_to_keep=keep,
                use_cache=False,
            ).logits
            logprobs = torch.log_softmax(logits.float(), dim=-1).cpu()
        return [
            _read_score(row, row_logprobs, labels)
            for row, row_logprobs in zip(rows, logprobs, strict=True)
        ]

    def _label_tokens(self, labels: Sequence[str]) -> list[int]:
        encoded = [self.encoder.encode_text(label) for label in labels]
        if not all(encoded):
            raise ValueError(f"the labels {list(labels)} contain an empty one: name it")
        tokens = [ids[0] for ids in encoded]
        if len(set(tokens)) < len(tokens):
            raise ValueError(f"the labels {list(labels)} begin with the same token: choose others")
        return tokens

    def _pad(self, rows: Sequence[list[int]]) -> dict[str, torch.Tensor]:
        # By hand: the tokenizer's own padding changes its state, which threads share.
        longest = max(map(len, rows))
        pad = self.pipeline.tokenizer.pad_token_id or 0
        ids = [[pad] * (longest - len(row)) + row for row in rows]
        mask = [[0] * (longest - len(row)) + [1] * len(row) for row in rows]
        return {"input_ids": torch.tensor(ids), "attention_mask": torch.tensor(mask)}

    def _end_tokens(self) -> frozenset[int]:
        configured = self.pipeline.model.generation_config.eos_token_id
        ends = configured if isinstance(configured, list) else [configured]
        return frozenset(token for token in ends if token is not None)


def _read_score(row: Measured, logprobs: torch.Tensor, labels: list[int]) -> Score:
    """Pick the wanted values; position -1 - n predicts the n-th token from the end."""
    length = len(row.ids)
    text = [float(logprobs[at - length - 1, row.ids[at]]) for at in range(row.start, row.end)]
    return Score(labels=logprobs[-1, labels].tolist(), text=text)


def _close_if_alive(reference: weakref.ref[PipelineWorker]) -> None:
    worker = reference()
    if worker is not None:
        worker.close()
