"""Put the same questions to every arm; what was answered before is not asked again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from app.answers import Answer
from app.assistant import Assistant
from app.batch import BatchQuestion, GivenDocument, run_batch
from app.compare.arms import Arm
from app.dataset.pairs import Pair
from app.settings import Settings

PLACES = {"index", "cache", "registry", "shots"}  # where things are, which no answer depends on


def ask_arm(
    arm: Arm,
    settings: Settings,
    pairs: Sequence[Pair],
    folder: Path,
    *,
    given: Mapping[str, Sequence[GivenDocument]],
    concurrency: int,
) -> list[Answer]:
    """Return the arm's answers in the order of the questions, resuming what a kill cut short.

    `given` holds the right passages by question id, for the arm that is told them. Answers are
    kept below `folder` under a hash of what they depend on.
    """
    assistant = Assistant(settings)
    questions = [_question(pair, given if arm.knowledge == "given" else {}) for pair in pairs]
    searched = arm.knowledge == "search"
    identity = assistant.identity(index=assistant.store.generation.version if searched else None)
    output = folder / f"{arm.name}-{_digest(settings, identity, questions)}.jsonl"
    try:
        run_batch(
            questions,
            output,
            lambda question: _asked(assistant, question),
            same_run=identity,
            concurrency=concurrency,
        )
    finally:
        assistant.close()
    lines = output.read_text(encoding="utf-8").split("\n")
    found = {row["id"]: row for row in (json.loads(line) for line in lines if line)}
    return [cast(Answer, found[pair.id]) for pair in pairs]


def _question(pair: Pair, given: Mapping[str, Sequence[GivenDocument]]) -> BatchQuestion:
    documents = tuple(given.get(pair.id, ()))
    return BatchQuestion(
        id=pair.id, question=pair.question, history=pair.history, documents=documents
    )


def _asked(assistant: Assistant, question: BatchQuestion) -> Mapping[str, Any]:
    return assistant.ask(
        question.question,
        history=[turn.model_dump() for turn in question.history],
        documents=[document.model_dump() for document in question.documents],
        id_=question.id,
    )


def _digest(
    settings: Settings, identity: Mapping[str, Any], questions: Sequence[BatchQuestion]
) -> str:
    told = {
        "settings": settings.model_dump(mode="json", exclude=PLACES),
        "shots": settings.shots.read_text(encoding="utf-8") if settings.shots else "",
        "identity": dict(identity),
        "questions": [question.model_dump(mode="json") for question in questions],
    }
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:12]
