"""Put the routed arm together from both ways of answering, and learn its gate from them."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from typing import Any

from tqdm import tqdm

from app.answers import Answer
from app.assistant import Assistant
from app.compare.judge.comparison import Comparison
from app.compare.plan.arms import Arm, Made
from app.compare.run.gate_learning import Outcome, Routing, learn
from app.compare.run.reuse import Kept
from app.dataset.pairs import Pair
from app.models.learned_gate import RECALL_TOKENS
from app.settings import Settings

Read = Mapping[str, tuple[list[float] | None, float]]
"""Features and the milliseconds that they took, by question id; None where it is small talk."""


def add_routed(
    comparison: Comparison, arm: Arm, settings: Settings, made: Made, kept: Kept
) -> tuple[Comparison, Routing]:
    """Add an arm of two parts and write its gate; `settings` are those of the part that searches.

    Each question is routed by a gate that was learned from other documents' questions alone.
    Raises ValueError when there is no question to learn from.
    """
    asked = zip(comparison.pairs, comparison.answers[arm.parts[-1]], strict=True)
    questions = [(pair.id, as_read(pair, answer)) for pair, answer in asked]
    read, index, adapter = _read(settings, questions, made, kept)
    outcomes = _outcomes(comparison, arm, read)
    routing = learn(outcomes, taught=made.taught, index=index, adapter=adapter)
    if made.gate is not None:
        made.gate.write_text(routing.learned.model_dump_json(indent=2) + "\n", encoding="utf-8")
    answers = _routed(comparison.answers, arm, routing, read)
    timed = _routed(comparison.timed, arm, routing, read)
    return _with(comparison, arm, answers, timed), routing


def as_read(pair: Pair, answer: Answer) -> str:
    """Return a question as the workflow gives it to the gate: a follow-up with what it is about.

    One that asks several things is decided as a whole here; when it is served, thing by thing.
    """
    parts = answer.get("parts", [])
    return parts[0] if len(parts) == 1 else pair.asked


def _read(
    settings: Settings, questions: Sequence[tuple[str, str]], made: Made, kept: Kept
) -> tuple[Read, str, str]:
    """Return the features of every question, and the index and adapter that they were read by."""
    with closing(Assistant(settings)) as assistant:
        read = _features(assistant, questions, made, kept)
        return read, assistant.store.version, str(assistant.adapter)


def _outcomes(comparison: Comparison, arm: Arm, read: Read) -> list[Outcome]:
    """Return what came of each question that a gate decides, by both ways of answering."""
    closed, searched = arm.parts
    closed_ms, searched_ms = (_waits(comparison, part) for part in arm.parts)
    left_ms = _waits(comparison, closed, _left)
    return [
        Outcome(
            pair,
            values,
            closed=comparison.right[closed][pair.id],
            searched=comparison.right[searched][pair.id],
            closed_ms=closed_ms[pair.id],
            searched_ms=searched_ms[pair.id],
            left_ms=left_ms[pair.id],
            features_ms=read[pair.id][1],
        )
        for pair in comparison.pairs
        if (values := read[pair.id][0]) is not None
    ]


def _routed(
    answers: Mapping[str, Sequence[Answer]], arm: Arm, routing: Routing, read: Read
) -> list[Answer]:
    closed, searched = (answers[part] for part in arm.parts)
    both = zip(closed, searched, strict=True)
    return [_chosen(without, found, routing, read) for without, found in both]


def _chosen(closed: Answer, searched: Answer, routing: Routing, read: Read) -> Answer:
    """Return the answer that the gate chooses, with the time that choosing took."""
    id_ = closed["id"]
    searches = routing.search.get(id_, False)
    answer = (searched if searches else closed).copy()
    times = answer["timings_ms"] if searches else _left(answer)
    answer["timings_ms"] = {"gate": round(read[id_][1], 1), **times}
    return answer


def _features(
    assistant: Assistant, questions: Sequence[tuple[str, str]], made: Made, kept: Kept
) -> Read:
    """Read the features of every question, or take up those that were read before."""
    index = assistant.store.version
    origin = assistant.made_by(__name__, index=index, data=[questions, made.taught])

    def read() -> dict[str, Any]:
        reader, read_features = assistant.feature_reader(made.taught), {}
        for id_, question in tqdm(
            questions, desc="reading features", unit="question", disable=None
        ):
            start = time.perf_counter()
            talk = assistant.small_talk.is_small_talk(question)
            values = None if talk else reader.read(question)[0]
            read_features[id_] = [values, 1000 * (time.perf_counter() - start)]
        return read_features

    features = kept.once("features", origin, read, what="features of the gate")
    return {id_: (each[0], each[1]) for id_, each in features.items()}


def _with(
    comparison: Comparison, arm: Arm, routed: list[Answer], timed: list[Answer]
) -> Comparison:
    return replace(
        comparison,
        arms=(*comparison.arms, arm),
        answers={**comparison.answers, arm.name: routed},
        timed={**comparison.timed, arm.name: timed},
    )


def _left(answer: Answer) -> dict[str, float]:
    """Return the times of a closed-book answer whose text the gate has, unless it is cut off."""
    whole = answer["tokens"]["completion"] < RECALL_TOKENS
    times = answer["timings_ms"]
    return {node: 0.0 if whole and node == "generate" else ms for node, ms in times.items()}


def _waits(
    comparison: Comparison,
    arm: str,
    times: Callable[[Answer], dict[str, float]] = lambda answer: answer["timings_ms"],
) -> dict[str, float]:
    """Return a question's milliseconds where it was asked by itself, else the mean of those."""
    known = {each["id"]: sum(times(each).values()) for each in comparison.timed[arm]}
    usual = statistics.mean(known.values())
    return {pair.id: known.get(pair.id, usual) for pair in comparison.pairs}
