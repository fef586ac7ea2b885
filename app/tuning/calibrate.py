"""Fit the weights that turn a tuned model's grades into probabilities."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import asdict

from sklearn.linear_model import LogisticRegression

from app.models.chat import LocalChatModel
from app.models.grader import Calibration, ModelGrader
from finetune.data.examples import Example, Kind
from graphs import prompts

FEWEST = 40  # graded pairs; with fewer the fit is noise
MOST = 160  # pairs graded, a minute or two on two cores


def calibrate(
    chat_model: LocalChatModel, graded: Sequence[tuple[str, str, bool]]
) -> Calibration | None:
    """Fit to (question, passage, answers it) triples; None when there are too few."""
    labels = [right for _, _, right in graded[:MOST]]
    if len(labels) < FEWEST or len(set(labels)) < 2:
        return None
    grader = ModelGrader(chat_model)
    features = [grader.features(question, [passage])[0] for question, passage, _ in graded[:MOST]]
    fitted = LogisticRegression(C=1.0).fit([list(asdict(f).values()) for f in features], labels)
    gain, verdict, coverage = (float(weight) for weight in fitted.coef_[0])
    return Calibration(
        gain=gain, verdict=verdict, coverage=coverage, bias=float(fitted.intercept_[0])
    )


def graded_pairs(examples: Sequence[Example], *, seed: int) -> list[tuple[str, str, bool]]:
    """Take question, passage and verdict out of grading rows, in an order drawn by `seed`."""
    graded = [example for example in examples if example.kind is Kind.GRADE]
    random.Random(seed).shuffle(graded)
    return [
        (*prompts.read_grade(example.prompt[-1].content), example.completion == "yes")
        for example in graded
    ]
