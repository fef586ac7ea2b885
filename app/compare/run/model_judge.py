"""Let a model judge answers as well, where one is named, and count how often it fails to."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import BaseMessage, HumanMessage, SystemMessage
from tqdm import tqdm

from app.answers import Answer
from app.assistant import Assistant
from app.compare.judge.comparison import Comparison
from app.compare.run.reuse import Kept
from app.dataset.pairs import Pair, PairKind
from app.errors import BadReply, UserError
from app.models.adapters import NONE
from app.settings import Settings
from finetune.whole_files import write_whole

INSTRUCTION = (
    "You are given a question, the right answer and an answer to judge. Reply yes if the answer to "
    "judge says the same as the right answer, else no. Reply with yes or no only."
)
UNANSWERED: Mapping[PairKind, str] = {
    "unanswerable": "The documents hold no answer; to say so is right.",
    "small-talk": "Any reply to small talk is right, but to refuse one.",
}
"""What is right where no answer is accepted."""
_VERDICT = re.compile(r"\W*(yes|no)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Judged:
    """What a judge said of one arm's answers."""

    right: float | None
    """Share judged right of those that it judged; None where it judged none."""
    failed: float
    """Share of the answers to which it said neither yes nor no."""
    agrees: float | None
    """Share of those judged where it agrees with the computed score."""


@dataclass(frozen=True)
class Judge:
    """Asks a model for verdicts; those it gave before are kept."""

    name: str
    """As GROUNDTUNE_MODEL names models."""
    settings: Settings
    kept: Kept

    def check(self) -> None:
        """Raise UserError, before anything is asked, for a model that is not to be had."""
        try:
            self._assistant.calibration_file  # noqa: B018  # finding the model's files is the check
            self._assistant.set_up()
        except UserError as error:
            raise UserError(f"--judge {self.name!r} cannot be asked: {error}") from error

    def judge(self, comparison: Comparison) -> dict[str, Judged]:
        """Judge every answer of every arm."""
        made = self._assistant.made_by(__name__, index=None, data=None)
        replies = Replies(self.kept.path("judge", made, ".json"))
        known = set(replies.given)
        try:
            judged = {
                arm.name: self._arm(comparison, arm.name, replies)
                for arm in tqdm(comparison.arms, desc=f"judging by {self.name}", disable=None)
            }
        finally:
            self._assistant.close()
        prompts = {
            _text(prompt(pair, answer["answer"]))
            for answers in comparison.answers.values()
            for pair, answer in zip(comparison.pairs, answers, strict=True)
        }
        self.kept.note(f"verdicts of {self.name}", reused=len(prompts & known), of=len(prompts))
        return judged

    def _arm(self, comparison: Comparison, arm: str, replies: Replies) -> Judged:
        answered = list(zip(comparison.pairs, comparison.answers[arm], strict=True))
        verdicts = [self._verdict(pair, answer, replies) for pair, answer in answered]
        right = [comparison.right[arm][pair.id] for pair in comparison.pairs]
        return summed_up(verdicts, right)

    def _verdict(self, pair: Pair, answer: Answer, replies: Replies) -> bool | None:
        try:
            reply = replies.ask(self._assistant.chat_model, prompt(pair, answer["answer"]))
        except BadReply:  # such as thoughts without an end: no verdict, and the next may have one
            return None
        return read_verdict(reply)

    @cached_property
    def _assistant(self) -> Assistant:
        """The judge, without the key, options and stand-in of the model that is compared."""
        own = self.settings.model_copy(update={"model": self.name, "adapter": NONE})
        alone: dict[str, Any] = {"model_key": None, "model_options": {}, "fallback_model": None}
        return Assistant(own.model_copy(update=alone))


class Replies:
    """What a judge replied, by what it was asked; kept as it comes, for each may have its price."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.given: dict[str, str] = json.loads(file.read_text("utf-8")) if file.exists() else {}

    def ask(self, judge: BaseChatModel, messages: Sequence[BaseMessage]) -> str:
        """Return the reply to a prompt, given now or in an earlier run; raises what asking does."""
        text = _text(messages)
        if text not in self.given:
            self.given[text] = judge.invoke(list(messages)).text
            write_whole(self.file, json.dumps(self.given, ensure_ascii=False))
        return self.given[text]


def prompt(pair: Pair, reply: str) -> list[BaseMessage]:
    """Ask whether an answer says the same as the right one."""
    right = " or ".join(pair.answers) or UNANSWERED[pair.kind]
    text = f"Question: {pair.question}\nRight answer: {right}\nAnswer to judge: {reply}"
    return [SystemMessage(INSTRUCTION), HumanMessage(text)]


def _text(messages: Sequence[BaseMessage]) -> str:
    return "\n".join(message.text for message in messages)


def read_verdict(reply: str) -> bool | None:
    """Read a verdict; None where the reply begins with neither yes nor no."""
    verdict = _VERDICT.match(reply)
    return verdict[1].lower() == "yes" if verdict else None


def summed_up(verdicts: Sequence[bool | None], right: Sequence[float]) -> Judged:
    """Sum up verdicts beside computed scores of the same answers."""
    judged = [(v, bool(r)) for v, r in zip(verdicts, right, strict=True) if v is not None]
    failed = 1 - len(judged) / len(verdicts)
    if not judged:
        return Judged(None, failed, None)
    return Judged(
        sum(verdict for verdict, _ in judged) / len(judged),
        failed,
        sum(verdict == computed for verdict, computed in judged) / len(judged),
    )
