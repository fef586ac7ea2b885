"""Tell whether questions are new, and which of them; knows nothing of answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from scipy.stats import rankdata
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.linear_model import Ridge
from sklearn.model_selection import KFold, cross_val_predict

from app.drift.figures import ALPHA, NOTABLE, Figure
from graphs.stopwords import STOPWORDS
from graphs.text import words

Embed = Callable[[list[str]], Sequence[Sequence[float]]]
Points = np.ndarray[Any, np.dtype[np.float64]]

PERMUTATIONS = 999
COMPONENTS = 16  # of the embeddings; more would overfit some thirty questions
FOLDS = 5
MOST_CLUSTERS, PER_CLUSTER = 8, 15  # at least so many questions make a cluster
MOST_EMBEDDED = 500  # questions of a log
SHOWN_WORDS, SHOWN_QUESTIONS = 5, 3


@dataclass(frozen=True)
class Cluster:
    """The questions that make the difference."""

    words: tuple[str, ...]
    questions: tuple[str, ...]
    share: float
    """Of the questions asked now."""


@dataclass(frozen=True)
class Questions:
    """The questions of both logs as points."""

    now: list[str]
    before: list[str]
    points: Points
    """Of the questions asked now, then of the others."""
    seed: int

    @classmethod
    def embedded(
        cls, now: Sequence[str], before: Sequence[str], embed: Embed, *, seed: int
    ) -> Questions:
        """Embed the questions, at most 500 of each log, and keep their main directions."""
        draw = np.random.default_rng(seed)
        new, old = _sampled(now, draw), _sampled(before, draw)
        points = np.asarray(embed(new + old), dtype=np.float64)
        main = PCA(min(COMPONENTS, *points.shape), svd_solver="full").fit_transform(points)
        return cls(new, old, main / (main.std() or 1.0), seed)

    def figure(self) -> Figure:
        """Try to tell the logs apart by a linear classifier (Lopez-Paz and Oquab, ICLR 2017).

        The figure is the cross-validated area under the ROC curve, its p from permuted labels.
        The classifier is ridge regression, because one solution serves all permutations.
        """
        areas = _areas(self._scores, self._labels)
        p = float(np.mean(areas >= areas[0]))  # the true labels are one of the permutations
        drifted = p < ALPHA and areas[0] >= NOTABLE
        return Figure("new questions told from old", 0.5, float(areas[0]), p, bool(drifted))

    def cluster(self) -> Cluster:
        """Return the largest cluster of the questions that the classifier takes for new."""
        threshold = len(self.now) / len(self.points)  # what it says where it knows nothing
        fresh = np.flatnonzero(self._scores[: len(self.now), 0] > threshold)
        size = max(1, min(MOST_CLUSTERS, len(fresh) // PER_CLUSTER))
        clusters = KMeans(size, n_init=4, random_state=self.seed).fit(self.points[fresh])
        largest = int(np.argmax(np.bincount(clusters.labels_)))
        inside = fresh[clusters.labels_ == largest]
        distance = np.linalg.norm(self.points - clusters.cluster_centers_[largest], axis=1)
        nearest = dict.fromkeys(self.now[at] for at in sorted(inside, key=distance.__getitem__))
        return Cluster(
            words=_telling([self.now[at] for at in inside], self.before),
            questions=tuple(nearest)[:SHOWN_QUESTIONS],
            share=len(inside) / len(self.now),
        )

    @cached_property
    def _labels(self) -> np.ndarray[Any, np.dtype[np.bool_]]:
        """Which questions are asked now: the truth in the first column, then permutations."""
        draw = np.random.default_rng(self.seed)
        now = np.arange(len(self.points)) < len(self.now)
        return np.column_stack([now, *(draw.permutation(now) for _ in range(PERMUTATIONS))])

    @cached_property
    def _scores(self) -> Points:
        """What the classifier says of each question without having seen it, for each labelling."""
        folds = KFold(FOLDS, shuffle=True, random_state=self.seed)
        labels = self._labels.astype(float)
        return np.asarray(cross_val_predict(Ridge(), self.points, labels, cv=folds))


def _areas(scores: Points, labels: np.ndarray[Any, np.dtype[np.bool_]]) -> Points:
    """Return the area under the ROC curve of each column, by ranks; ties count half."""
    ranks = rankdata(scores, axis=0)
    positive = int(labels[:, 0].sum())
    wins = (ranks * labels).sum(axis=0) - positive * (positive + 1) / 2
    return np.asarray(wins / (positive * (len(labels) - positive)))


def _telling(questions: Sequence[str], others: Sequence[str]) -> tuple[str, ...]:
    """Return the words whose share of the questions rose most, most risen first."""
    inside, outside = _word_shares(questions), _word_shares(others)
    rise = {word: share - outside.get(word, 0.0) for word, share in inside.items()}
    ordered = sorted(rise, key=lambda word: (-rise[word], word))
    return tuple(word for word in ordered if rise[word] > 0)[:SHOWN_WORDS]


def _word_shares(questions: Sequence[str]) -> dict[str, float]:
    sets = [set(words(question)) - STOPWORDS for question in questions]
    return {word: sum(word in s for s in sets) / len(sets) for word in set().union(*sets)}


def _sampled(questions: Sequence[str], draw: np.random.Generator) -> list[str]:
    chosen = draw.permutation(len(questions))[:MOST_EMBEDDED]
    return [questions[at] for at in sorted(chosen)]
