"""What arms answered to the same questions, scored, summed up and tested."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from app.answers import Answer
from app.compare.judge.scores import RIGHT, Scores, score_answer
from app.compare.judge.significance import Difference, differences
from app.compare.plan.arms import Arm
from app.compare.plan.metrics import Metric, added_scores
from app.dataset.pairs import Pair
from finetune.evaluation.bootstrap import Estimate, mean
from graphs.protocols import Verifier

ALL = "all"
TAUGHT, UNTAUGHT = "of documents trained on", "of documents not trained on"


@dataclass(frozen=True)
class Cost:
    """What an arm's answers take; times are those of questions asked one after the other."""

    mean_ms: float
    p50_ms: float
    p95_ms: float
    prompt_tokens: float
    completion_tokens: float


@dataclass(frozen=True)
class Comparison:
    """The same questions, asked of every arm."""

    arms: tuple[Arm, ...]
    pairs: tuple[Pair, ...]
    answers: Mapping[str, Sequence[Answer]]
    """By arm, in the order of the questions."""
    timed: Mapping[str, Sequence[Answer]]
    """By arm, answers to a few questions asked one at a time."""
    verifier: Verifier
    """What tells which claims of the answers are supported."""
    taught: frozenset[str] = frozenset()
    """Documents of which other questions were trained on."""
    metrics: Mapping[str, Metric] = field(default_factory=dict)
    """Scores that packages add, by name."""

    @cached_property
    def scores(self) -> dict[str, dict[str, Scores]]:
        """Every score by arm and question id."""
        return {
            arm.name: {
                pair.id: {
                    **score_answer(answer, pair, self.verifier),
                    **added_scores(self.metrics, answer, pair),
                }
                for pair, answer in zip(self.pairs, self.answers[arm.name], strict=True)
            }
            for arm in self.arms
        }

    @cached_property
    def right(self) -> dict[str, dict[str, float]]:
        """Whether each arm was right (1 or 0), by question id."""
        return {
            arm: {id_: scores[RIGHT] for id_, scores in by_question.items()}
            for arm, by_question in self.scores.items()
        }

    def means(self, arm: str) -> dict[str, Estimate]:
        """Estimate each score over the questions whose kind has it."""
        values: defaultdict[str, list[float]] = defaultdict(list)
        for scores in self.scores[arm].values():
            for name, value in scores.items():
                values[name].append(value)
        return {name: mean(each) for name, each in values.items()}

    def by_kind(self, arm: str) -> dict[str, Estimate]:
        """Estimate the share that is right of each kind of question, and of all.

        Where some questions are about documents that training had questions of, and some about
        others, of either as well.
        """
        values: defaultdict[str, list[float]] = defaultdict(list)
        novelty: defaultdict[str, list[float]] = defaultdict(list)
        for pair in self.pairs:
            right = self.right[arm][pair.id]
            values[pair.kind].append(right)
            if pair.documents:
                novelty[TAUGHT if pair.sources & self.taught else UNTAUGHT].append(right)
        both = novelty if len(novelty) == 2 else {}
        estimates = {kind: mean(each) for kind, each in (*values.items(), *sorted(both.items()))}
        return estimates | {ALL: mean(list(self.right[arm].values()))}

    def cost(self, arm: str) -> Cost:
        """Sum up an arm's times and tokens."""
        times = [sum(answer["timings_ms"].values()) for answer in self.timed[arm]]
        p50, p95 = np.percentile(times, [50, 95])
        tokens = [answer["tokens"] for answer in self.answers[arm]]
        prompt, completion = (
            float(np.mean([count[name] for count in tokens])) for name in ("prompt", "completion")
        )
        return Cost(float(np.mean(times)), float(p50), float(p95), prompt, completion)

    @property
    def borrowed(self) -> list[str]:
        """The arms whose passages were graded with weights that were fitted for another model."""
        return [
            arm.name
            for arm in self.arms
            if any("grader" in answer.get("borrowed", []) for answer in self.answers[arm.name])
        ]

    def without(self, arms: Collection[str]) -> Comparison:
        """Leave these arms out."""
        remaining = tuple(arm for arm in self.arms if arm.name not in arms)
        answers, timed = (
            {arm.name: by_arm[arm.name] for arm in remaining}
            for by_arm in (self.answers, self.timed)
        )
        return replace(self, arms=remaining, answers=answers, timed=timed)

    def joined(self, other: Comparison) -> Comparison:
        """Add other questions that the same arms were asked; waits stay those of these."""
        answers = {
            arm.name: [*self.answers[arm.name], *other.answers[arm.name]] for arm in self.arms
        }
        return replace(self, pairs=(*self.pairs, *other.pairs), answers=answers)

    @property
    def candidates(self) -> list[str]:
        """The arms that can be run: all but the one that is told the right passages."""
        return [arm.name for arm in self.arms if arm.runnable]

    @cached_property
    def differences(self) -> list[Difference]:
        """Each pair of arms that can be run, the better one on the left."""
        shares = {arm: sum(self.right[arm].values()) for arm in self.candidates}
        ranked = sorted(self.candidates, key=lambda arm: -shares[arm])
        return differences(self.right, list(itertools.combinations(ranked, 2)))
