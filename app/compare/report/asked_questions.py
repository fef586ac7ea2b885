"""Lay every question beside what each arm said to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from app.answers import Answer, Passage
from app.compare.judge.comparison import Comparison
from app.compare.judge.scores import RIGHT, Scores
from app.compare.run.exchanges import exchanges_of
from app.dataset.pairs import Pair


@dataclass(frozen=True)
class Said:
    """What one arm said to a question."""

    arm: str
    answer: Answer
    scores: Scores

    @property
    def outcomes(self) -> list[str]:
        """What became of the question: a refusal is right or wrong, too."""
        judged = "right" if self.scores[RIGHT] else "wrong"
        return [judged, *(["refused"] if self.answer["abstained"] else [])]


@dataclass(frozen=True)
class Prompted:
    """A prompt with what each arm that was given it replied, word for word."""

    step: str
    prompt: Sequence[Mapping[str, str]]
    replies: dict[str, list[str]] = field(default_factory=dict)
    """By arm, in the order in which they came."""


@dataclass(frozen=True)
class AskedQuestion:
    """A question with what every arm said, and what any of them was shown and asked for it."""

    part: str
    """Of the comparison, in words."""
    pair: Pair
    said: Sequence[Said]
    passages: Sequence[Passage]
    prompts: Sequence[Prompted]

    @property
    def disputed(self) -> bool:
        """Whether some arms were right and others not."""
        return len({said.scores[RIGHT] for said in self.said}) > 1


def asked_questions(parts: Mapping[str, Comparison]) -> list[AskedQuestion]:
    """Return every question of these parts with what was said to it."""
    return [
        _asked(part, at, pair, compared)
        for part, compared in parts.items()
        for at, pair in enumerate(compared.pairs)
    ]


def _asked(part: str, at: int, pair: Pair, compared: Comparison) -> AskedQuestion:
    said = [
        Said(arm.name, compared.answers[arm.name][at], compared.scores[arm.name][pair.id])
        for arm in compared.arms
    ]
    return AskedQuestion(
        part, pair, said, _passages([reply.answer for reply in said]), _prompts(said)
    )


def _passages(answers: Sequence[Answer]) -> list[Passage]:
    """Gather the passages that any answer rests on, each once."""
    return list({p["chunk"]: p for answer in answers for p in answer["documents"]}.values())


def _prompts(said: Sequence[Said]) -> list[Prompted]:
    """Gather the prompts, each once: arms that read the same passages are asked the same."""
    prompts: dict[str, Prompted] = {}
    for reply in said:
        for exchange in exchanges_of(reply.answer):
            step, prompt = exchange["step"], exchange["prompt"]
            same = prompts.setdefault(f"{step} {prompt}", Prompted(step, prompt))
            same.replies.setdefault(reply.arm, []).append(exchange["reply"])
    return list(prompts.values())
