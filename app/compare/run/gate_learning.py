"""Learn from outcomes when to search, and score that against always, never and an oracle."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from app.dataset.pairs import Pair
from app.models.learned_gate import LearnedWeights

FOLDS = 5  # of documents: a question is judged by a gate that saw none about its document
RAREST = 1e-4  # probability that is told where nothing, or everything, was known
LIKELY = 0.5  # probability of a right answer from which no search is needed, however good

Part = tuple[NDArray[np.intp], NDArray[np.intp]]
"""Questions that a gate is fitted to, and those that are judged by it."""


@dataclass(frozen=True)
class Outcome:
    """What became of one question both ways, and what was known before."""

    pair: Pair
    features: Sequence[float]
    closed: float
    """1 if it was answered rightly from the weights alone."""
    searched: float
    """1 if it was answered rightly with a search."""
    closed_ms: float
    searched_ms: float
    features_ms: float
    left_ms: float
    """Of an answer from the weights, after the features, which hold its text already."""


@dataclass(frozen=True)
class Policy:
    """What a rule for when to search would have given."""

    right: float
    """Share of the questions."""
    searched: float
    """Share that was searched for."""
    ms: float
    """Mean time of an answer, the rule's own included."""


@dataclass(frozen=True)
class Routing:
    """A learned gate and what it is worth."""

    learned: LearnedWeights
    search: dict[str, bool]
    """By question id, what gates that saw nothing of its document would do."""
    policies: dict[str, Policy]
    brier: float
    """Mean squared error of the probabilities; 0.25 is that of a coin."""


def learn(
    outcomes: Sequence[Outcome], *, taught: Sequence[str], index: str, adapter: str
) -> Routing:
    """Fit a gate to outcomes; raises ValueError for none."""
    features = np.array([outcome.features for outcome in outcomes], dtype=float)
    known = np.array([outcome.closed for outcome in outcomes]) > 0
    findable = np.array([outcome.searched for outcome in outcomes]) > 0
    parts = _parts(known, [outcome.pair.source for outcome in outcomes])
    probabilities, thresholds = _held_back(features, known, findable, parts)
    # What cannot be measured is not served: then one probability stands for all questions.
    weights = _fitted(features, known) if parts else _constant(features, known)
    learned = LearnedWeights(
        **weights,
        threshold=_threshold(findable),
        taught=tuple(taught),
        index=index,
        adapter=adapter,
    )
    search = {
        outcome.pair.id: bool(probability < threshold)
        for outcome, probability, threshold in zip(outcomes, probabilities, thresholds, strict=True)
    }
    brier = float(np.mean((probabilities - known) ** 2))
    return Routing(learned, search, _policies(outcomes, search), brier)


def _parts(known: NDArray[np.bool_], groups: Sequence[str]) -> list[Part]:
    """Split questions by document; nothing where too few of a class stand in what is fitted to."""
    folds = min(FOLDS, len(set(groups)))
    if folds < 2 or min(known.sum(), (~known).sum()) < folds:
        return []
    parts = list(GroupKFold(folds).split(known, groups=groups))
    return parts if all(len(set(known[others])) == 2 for others, _ in parts) else []


def _held_back(
    features: NDArray[np.float64],
    known: NDArray[np.bool_],
    findable: NDArray[np.bool_],
    parts: Sequence[Part],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Predict each question by a gate that was fitted to other documents' questions.

    Returns the probabilities that the weights know, and the thresholds for them. Without parts
    the probability is the share of all that is known.
    """
    thresholds = np.full(len(known), _threshold(findable))
    if not parts:
        return np.full(len(known), known.mean()), thresholds
    for others, part in parts:
        thresholds[part] = _threshold(findable[others])
    model = make_pipeline(StandardScaler(), LogisticRegression())
    predicted = cross_val_predict(model, features, known, cv=parts, method="predict_proba")
    return np.asarray(predicted[:, 1], dtype=float), thresholds


def _threshold(findable: NDArray[np.bool_]) -> float:
    """Return how sure the weights must be: as sure as a search usually is right, or likely right.

    Where a search seldom finds the answer, searching for all that the weights do not know would
    lose what they do.
    """
    return min(LIKELY, float(findable.mean()))


def _fitted(features: NDArray[np.float64], known: NDArray[np.bool_]) -> dict[str, Any]:
    scaler = StandardScaler().fit(features)
    model = LogisticRegression().fit(scaler.transform(features), known)
    return {
        "means": tuple(map(float, scaler.mean_)),
        "scales": tuple(map(float, scaler.scale_)),
        "weights": tuple(map(float, model.coef_[0])),
        "bias": float(model.intercept_[0]),
    }


def _constant(features: NDArray[np.float64], known: NDArray[np.bool_]) -> dict[str, Any]:
    count, share = features.shape[1], float(np.clip(known.mean(), RAREST, 1 - RAREST))
    same = {"means": (0.0,) * count, "scales": (1.0,) * count, "weights": (0.0,) * count}
    return {**same, "bias": math.log(share / (1 - share))}


def _policies(outcomes: Sequence[Outcome], search: Mapping[str, bool]) -> dict[str, Policy]:
    return {
        "always search": _policy(outcomes, [True] * len(outcomes)),
        "never search": _policy(outcomes, [False] * len(outcomes)),
        "learned gate": _policy(outcomes, [search[o.pair.id] for o in outcomes], own=True),
        "oracle": _policy(outcomes, [o.closed < o.searched for o in outcomes]),
    }


def _policy(outcomes: Sequence[Outcome], search: Sequence[bool], *, own: bool = False) -> Policy:
    decided = list(zip(outcomes, search, strict=True))
    right = [o.searched if searched else o.closed for o, searched in decided]
    closed = [o.left_ms if own else o.closed_ms for o in outcomes]
    times = [o.searched_ms if s else ms for (o, s), ms in zip(decided, closed, strict=True)]
    asking = float(np.mean([o.features_ms for o in outcomes])) if own else 0.0
    return Policy(float(np.mean(right)), float(np.mean(search)), float(np.mean(times)) + asking)
