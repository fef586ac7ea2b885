"""Put the same questions to every arm; what was answered before is not asked again."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from langchain_core.callbacks import get_usage_metadata_callback

from app.answers import Answer
from app.assistant import Assistant
from app.batch import run_batch
from app.batch_rows import BatchQuestion
from app.compare.plan.arms import Arm, Given
from app.compare.run.exchanges import ExchangeKeeper, keeping_exchanges
from app.compare.run.reuse import Kept
from app.dataset.pairs import Pair, spread
from app.errors import UserError
from app.settings import Settings


@dataclass(frozen=True)
class Asked:
    """An arm's answers, in the order of the questions."""

    answers: list[Answer]
    timed: list[Answer]
    """Of questions asked one at a time, whose milliseconds are what a user would wait."""


@dataclass(frozen=True)
class Asker:
    """Asks questions of arms and keeps the answers, by what they depend on."""

    kept: Kept
    pairs: Sequence[Pair]
    together: int
    """Questions asked at once."""
    alone: int
    """Questions asked one at a time as well, which tells what a user would wait."""
    heard: Callable[[str, Pair, Answer], None] | None = None
    """Told each answer of an arm to a question that is asked together with others."""

    def ask(self, arm: Arm, settings: Settings, given: Given, *, timed: bool) -> Asked:
        """Return the arm's answers, resuming what a kill cut short.

        `given` holds passages by question id; of questions that have some, none are searched.
        Raises UserError when a question cannot be asked at all.
        """
        assistant = Assistant(settings, callbacks=[ExchangeKeeper()])
        questions = [_question(pair, given) for pair in self.pairs]
        try:
            answers = self._answers(arm, assistant, questions, self.together, self._hear(arm))
            if self.together == 1 or not timed:
                return Asked(answers, answers)
            return Asked(answers, self._answers(arm, assistant, spread(questions, self.alone), 1))
        finally:
            assistant.close()

    def _answers(
        self,
        arm: Arm,
        assistant: Assistant,
        questions: Sequence[BatchQuestion],
        together: int,
        heard: Callable[[Mapping[str, Any]], None] | None = None,
    ) -> list[Answer]:
        index = assistant.store.version if arm.role.needs_documents else None
        data = [[question.model_dump(mode="json") for question in questions], together]
        made = assistant.made_by(__name__, index=index, data=data)
        output = self.kept.path(arm.name, made, ".jsonl")
        asked: list[str] = []

        def answer(question: BatchQuestion) -> Mapping[str, Any]:
            asked.append(question.id)
            return _answer(assistant, question, whole=arm.model is not None)

        run_batch(
            questions,
            output,
            answer,
            same_run=assistant.identity(index=index),
            together=together,
            cohort=lambda size: assistant.runtime.cohort(size),
            heard=heard,
        )
        total = len(questions)
        self.kept.note(f"answers of {arm.name}", reused=total - len(asked), of=total)
        lines = output.read_text(encoding="utf-8").split("\n")
        answers = {row["id"]: row for row in (json.loads(line) for line in lines if line)}
        return [cast(Answer, answers[question.id]) for question in questions]

    def _hear(self, arm: Arm) -> Callable[[Mapping[str, Any]], None] | None:
        """Return what tells of an answer to which question it is."""
        if not (heard := self.heard):
            return None
        pairs = {pair.id: pair for pair in self.pairs}
        return lambda record: heard(arm.name, pairs[record["id"]], cast(Answer, record))


def _question(pair: Pair, given: Given) -> BatchQuestion:
    documents = tuple(given.get(pair.id, ()))
    return BatchQuestion(
        id=pair.id, question=pair.question, history=pair.history, documents=documents
    )


def _answer(assistant: Assistant, question: BatchQuestion, *, whole: bool) -> Mapping[str, Any]:
    """Ask a question, and keep what the chat model was asked and replied.

    `whole` counts the tokens of grades too, which are paid for elsewhere.
    """
    try:
        with keeping_exchanges() as exchanges:
            answer = (_counted if whole else Assistant.ask)(assistant, **question.arguments())
        return {**answer, "exchanges": exchanges}
    except ValueError as error:
        raise UserError(f"question {question.id!r} cannot be asked: {error}") from error


def _counted(assistant: Assistant, **question: Any) -> Answer:
    with get_usage_metadata_callback() as used:
        answer = assistant.ask(**question)
    answer["tokens"] = {
        "prompt": sum(usage["input_tokens"] for usage in used.usage_metadata.values()),
        "completion": sum(usage["output_tokens"] for usage in used.usage_metadata.values()),
    }
    return answer
