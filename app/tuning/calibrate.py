"""Fit the weights that turn a model's grades into probabilities."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import ConfigDict
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from tqdm import tqdm

from app.errors import UserError
from app.jsonl import Identified, read_rows
from app.models.grader import Calibration, ModelGrader
from app.models.ports import Scorer
from finetune.data.examples import Example, Kind
from graphs import prompts

FEWEST = 40  # graded pairs; with fewer the fit is noise
MOST = 160  # pairs graded, a minute or two on two cores
SHIPPED_PAIRS = Path(__file__).parent / "pairs.jsonl"
"""Questions and passages of invented documents, for any model; made by tests/reader_recipes.py."""
SEED = 13
BINS = 5  # of probabilities, whose mean is compared with what came true

Graded = tuple[str, str, bool]
"""A question, a passage, and whether the passage answers the question."""


class GradedPair(Identified):
    """A question, a passage, and whether the passage answers it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    question: str
    passage: str
    right: bool


def calibrate(scorer: Scorer, graded: Sequence[Graded]) -> Calibration | None:
    """Fit to (question, passage, answers it) triples; None when there are too few."""
    labels = [right for _, _, right in graded[:MOST]]
    if len(labels) < FEWEST or len(set(labels)) < 2:
        return None
    grader = ModelGrader(scorer)
    features = [
        grader.features(question, [passage])[0]
        for question, passage, _ in tqdm(graded[:MOST], unit="passage", disable=None)
    ]
    fitted = LogisticRegression(C=1.0).fit([list(asdict(f).values()) for f in features], labels)
    gain, verdict, coverage = (float(weight) for weight in fitted.coef_[0])
    return Calibration(
        gain=gain, verdict=verdict, coverage=coverage, bias=float(fitted.intercept_[0])
    )


def graded_pairs(examples: Sequence[Example], *, seed: int) -> list[Graded]:
    """Take question, passage and verdict out of grading rows, in an order drawn by `seed`."""
    graded = [example for example in examples if example.kind is Kind.GRADE]
    random.Random(seed).shuffle(graded)
    return [
        (*prompts.read_grade(example.prompt[-1].content), example.completion == "yes")
        for example in graded
    ]


def read_pairs(path: Path) -> list[Graded]:
    """Read a file of graded pairs."""
    expected = '{"id", "question", "passage", "right"}'
    rows = read_rows(path, GradedPair, expected=expected)
    return [(row.question, row.passage, row.right) for row in rows]


def fit_grades(scorer: Scorer, pairs: Sequence[Graded]) -> tuple[Calibration, dict[str, Any]]:
    """Fit to half of the pairs and measure on the other half: the weights, and what they reach.

    Raises UserError for too few pairs.
    """
    half, held = _halves(pairs)
    both = all(len({right for *_, right in part}) == 2 for part in (half, held))
    fitted = calibrate(scorer, half) if both else None
    if fitted is None:
        count = sum(right for *_, right in pairs)
        raise UserError(
            f"{len(pairs)} graded pairs came, {count} of them right, {len(pairs) - count} wrong: "
            f"give at least {2 * FEWEST}, half of them right"
        )
    held = held[:MOST]
    grader = ModelGrader(scorer, fitted)
    grades = np.array(
        [
            grader.grade(question, [passage])[0]
            for question, passage, _ in tqdm(held, unit="passage", disable=None)
        ]
    )
    right = np.array([verdict for _, _, verdict in held])
    return fitted, {
        "measured_on": len(held),
        "auc": round(float(roc_auc_score(right, grades)), 4),
        "accuracy": round(float(((grades >= 0.5) == right).mean()), 4),
        "expected_calibration_error": round(calibration_error(grades, right), 4),
    }


def _halves(pairs: Sequence[Graded]) -> tuple[list[Graded], list[Graded]]:
    """Split pairs by chance, those of a question together: whoever wrote them had an order."""
    questions = sorted({question for question, *_ in pairs})
    random.Random(SEED).shuffle(questions)
    place = {question: at for at, question in enumerate(questions)}
    drawn = sorted(pairs, key=lambda pair: place[pair[0]])
    return drawn[: len(drawn) // 2], drawn[len(drawn) // 2 :]


def calibration_error(probabilities: np.ndarray, right: np.ndarray) -> float:
    """Return the mean distance of probabilities from what came true, in bins of equal numbers.

    Guo et al., "On Calibration of Modern Neural Networks", ICML 2017, with equal-mass bins.
    """
    bins = np.array_split(np.argsort(probabilities), BINS)
    gaps = [abs(probabilities[at].mean() - right[at].mean()) * len(at) for at in bins if len(at)]
    return float(sum(gaps) / len(probabilities))
