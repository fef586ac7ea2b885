"""Read "yes" against "no" off a model elsewhere: as log-probabilities where its server tells any.

Where it doesn't, the model is asked and its word is taken; what is neither counts as no verdict.
"""

from __future__ import annotations

import asyncio
import logging
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from langchain_core.messages import AIMessage
from langchain_core.runnables.config import ContextThreadPoolExecutor

from app.errors import BadReply
from app.models.ports import Prompt, Texts
from app.models.remote.chat import RemoteChatModel
from finetune.measured import Score
from graphs.sealing import HIDDEN

FIRST_TOKEN = "log-probabilities of the first token"
PARSED = "its word, asked and parsed"
MOST_LIKELY = 20  # log-probabilities, the most that servers give
SCORED: dict[str, Any] = {"max_tokens": 1, "logprobs": True, "top_logprobs": MOST_LIKELY}
REAL = 0.1  # probability of all labels together from which their odds are a verdict
SAID = 0.9  # probability of what a model says in words
NEEDED = {"logprobs", "top_logprobs"}  # options of a client that can ask for them

log = logging.getLogger(__name__)


class RemoteScorer:
    """Scores labels; how likely a text is, servers of chats don't tell."""

    reads_texts = False

    def __init__(self, chat_model: RemoteChatModel, *, together: int = 8) -> None:
        self._chat_model = chat_model
        self._together = together
        client = chat_model.inner
        responses = getattr(client, "use_responses_api", False)  # which takes neither option
        able = type(client).model_fields.keys() >= NEEDED and not responses
        self.level = FIRST_TOKEN if able else PARSED
        """How labels are scored; found out by asking."""
        self.asked = 0
        """Prompts scored so far."""
        self.unread = 0
        """Of these, without a verdict: neither label came."""

    def score(
        self, prompts: Sequence[Prompt], *, labels: Sequence[str] = (), text: Texts = ""
    ) -> list[Score]:
        """Score labels as replies; `Score.text` stays empty."""
        with ContextThreadPoolExecutor(self._together) as pool:
            return list(pool.map(lambda prompt: self._one(prompt, labels), prompts))

    async def ascore(
        self, prompts: Sequence[Prompt], *, labels: Sequence[str] = (), text: Texts = ""
    ) -> list[Score]:
        """Do the same in async code; cancelling the task cancels what was asked."""
        room = asyncio.Semaphore(self._together)

        async def one(prompt: Prompt) -> Score:
            async with room:
                return await self._aone(prompt, labels)

        tasks = [asyncio.create_task(one(prompt)) for prompt in prompts]
        try:
            return await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()

    def _one(self, prompt: Prompt, labels: Sequence[str]) -> Score:
        messages, ask = list(prompt), self._chat_model.invoke
        likely: Mapping[str, float] = {}
        if self.level == FIRST_TOKEN:
            try:
                likely = most_likely(ask(messages, HIDDEN, **SCORED))
            except BadReply as refused:
                likely = self._none_for(refused)
        if holds_labels(likely, labels):
            return self._counted(from_likely(likely, labels), labels)
        return self._in_words(ask(messages, HIDDEN), likely, labels)

    async def _aone(self, prompt: Prompt, labels: Sequence[str]) -> Score:
        messages, ask = list(prompt), self._chat_model.ainvoke
        likely: Mapping[str, float] = {}
        if self.level == FIRST_TOKEN:
            try:
                likely = most_likely(await ask(messages, HIDDEN, **SCORED))
            except BadReply as refused:
                likely = self._none_for(refused)
        if holds_labels(likely, labels):
            return self._counted(from_likely(likely, labels), labels)
        return self._in_words(await ask(messages, HIDDEN), likely, labels)

    def _in_words(
        self, reply: AIMessage, likely: Mapping[str, float], labels: Sequence[str]
    ) -> Score:
        """Score by what was said, from now on too where the first token told nothing or less."""
        said = from_words(reply.text, labels)
        if said or not likely:
            self.level = PARSED
        return self._counted(said or from_likely(likely, labels), labels)

    def _none_for(self, refused: BadReply) -> Mapping[str, float]:
        """Go on without log-probabilities where asking for them is refused."""
        if refused.passing:
            raise refused
        return {}

    def _counted(self, score: Score | None, labels: Sequence[str]) -> Score:
        self.asked += 1
        if score is None:
            self.unread += 1
            log.warning("%s said none of %s", self._chat_model.model_name, ", ".join(labels))
        return score or Score([-math.log(len(labels))] * len(labels))


def most_likely(reply: AIMessage) -> Mapping[str, float]:
    """Return the likeliest first tokens of a reply with their log-probabilities, if they came."""
    logprobs: Any = reply.response_metadata.get("logprobs") or {}
    tokens = logprobs.get("content") if isinstance(logprobs, dict) else logprobs
    likely = (tokens or [{}])[0].get("top_logprobs") or []
    return {entry["token"]: entry["logprob"] for entry in likely}


def holds_labels(likely: Mapping[str, float], labels: Sequence[str]) -> bool:
    """Tell whether a reply begins with a label at all; a model that thinks begins otherwise."""
    spelled = [p for t, p in likely.items() if any(_same(t, label) for label in labels)]
    return sum(map(math.exp, spelled)) >= REAL


def from_likely(likely: Mapping[str, float], labels: Sequence[str]) -> Score | None:
    """Score labels by tokens that spell them, in any case; None where none of them does.

    A label that is not among the tokens is at most as likely as the last of them.
    """
    spelled = {label: [p for t, p in likely.items() if _same(t, label)] for label in labels}
    if not any(spelled.values()):
        return None
    least = min(likely.values())
    return Score([_sum(tokens) if tokens else least for tokens in spelled.values()])


def from_words(reply: str, labels: Sequence[str]) -> Score | None:
    """Score labels by which of them a reply begins with; None where it is none."""
    begins = re.match(r"\W*(\w+)", reply)
    agreeing = [bool(begins) and _same(begins[1], label) for label in labels] if begins else []
    if not any(agreeing):
        return None
    rest = math.log((1 - SAID) / max(1, len(labels) - 1))
    return Score([math.log(SAID) if it else rest for it in agreeing])


def _same(token: str, label: str) -> bool:
    return token.strip().casefold() == label.casefold()


def _sum(logarithms: Sequence[float]) -> float:
    highest = max(logarithms)
    return highest + math.log(sum(math.exp(value - highest) for value in logarithms))
