"""Lay every question beside what each arm said to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.answers import Answer, Passage
from app.compare.judge.comparison import Comparison
from app.compare.judge.scores import RIGHT, Scores
from app.dataset.pairs import Pair


@dataclass(frozen=True)
class Said:
    """What one arm said to a question."""

    arm: str
    answer: Answer
    scores: Scores


@dataclass(frozen=True)
class AskedQuestion:
    """A question with what every arm said, and the passages that any of them was shown."""

    pair: Pair
    said: Sequence[Said]
    passages: Sequence[Passage]

    @property
    def disputed(self) -> bool:
        """Whether some arms were right and others not."""
        return len({said.scores[RIGHT] for said in self.said}) > 1


def asked_questions(compared: Comparison) -> list[AskedQuestion]:
    """Return every question with what was said to it."""
    return [
        AskedQuestion(
            pair,
            said := [
                Said(arm.name, compared.answers[arm.name][at], compared.scores[arm.name][pair.id])
                for arm in compared.arms
            ],
            _passages([one.answer for one in said]),
        )
        for at, pair in enumerate(compared.pairs)
    ]


def _passages(answers: Sequence[Answer]) -> list[Passage]:
    """Gather the passages that any answer rests on, each once."""
    return list({p["chunk"]: p for answer in answers for p in answer["documents"]}.values())
