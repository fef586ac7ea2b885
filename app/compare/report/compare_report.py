"""Report a comparison: one page, its Markdown twin, and the figures as JSON."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from markupsafe import Markup, escape

from app.compare.judge.claims import Claim, claims
from app.compare.judge.comparison import Comparison
from app.compare.judge.evidence import Row, evidence, format_rows
from app.compare.judge.passage_order import Ordering
from app.compare.judge.repeats import Repeats
from app.compare.judge.scores import RIGHT
from app.compare.judge.search_scores import SearchScores
from app.compare.judge.six_questions import Answered, six_questions
from app.compare.judge.staleness import Told
from app.compare.judge.stopping import Stopped
from app.compare.judge.verdict import Verdict, judge
from app.compare.plan.arms import Arm, Role
from app.compare.plan.needs import Needs
from app.compare.plan.power import foretold
from app.compare.report.asked_questions import asked_questions
from app.compare.report.pictures import draw_curve, draw_latency
from app.compare.report.rows import rows
from app.compare.run.gate_learning import Routing
from app.compare.run.measurements import Measurements
from app.compare.run.model_judge import Judged
from app.compare.run.retrieval_knobs import TRIALS, Sweep
from app.compare.run.reuse import Provenance
from finetune.evaluation.bootstrap import Estimate, mean
from finetune.report import render

TEMPLATES = Path(__file__).parent / "templates"
SAID = {"main": "asked as they are", "format": "to be answered in JSON"}
"""Parts of a comparison whose names say too little to people."""
SHOWN = {
    RIGHT: "right",
    "format_valid": "valid JSON, where it was asked for",
    "f1": "token F1",
    "refusal_recall": "unanswerable refused",
    "over_refusal": "answerable refused",
    "cited_gold": "cites a right document",
    "citation_recall": "sentences supported by their citations",
    "faithfulness": "sentences supported by any passage",
    "self_knowledge": "right without support",
}
"""The scores of the main table, in its order, as people read them."""


@dataclass(frozen=True, kw_only=True)
class CompareReport:
    """A comparison with its verdict."""

    comparison: Comparison
    robustness: dict[str, Comparison]
    """The arms that read, asked about passages that were made harder, by what was done to them."""
    routing: Routing | None
    """The gate that was learned, if the routed arm was asked for."""
    stopped: Sequence[Stopped]
    """Arms that were asked half of the questions, and stand in nothing else."""
    retrieval: SearchScores
    knobs: Sweep | None
    """What other settings of retrieval would show; None where none were tried."""
    orders: Ordering | None
    """What an arm answers with its passages in other orders; None where none were tried."""
    stale: dict[str, dict[Told, int]]
    """By arm, what was told about facts that changed after everything was trained; may be empty."""
    formats: Comparison
    """Arms asked for answers in a JSON object."""
    judged: dict[str, Judged]
    """By arm, what a model said of its answers; empty where none was asked."""
    measurements: Measurements
    repeats: Repeats | None
    """What other seeds of split and training give; None where there was one."""
    needs: Needs
    provenance: Provenance

    @cached_property
    def verdict(self) -> Verdict:
        """The arm to run."""
        return judge(self.comparison, self.evidence, self.needs)

    @property
    def sentences(self) -> list[str]:
        """The verdict in words, which arms were stopped, and how far it depends on the seed."""
        ruled_out = {exclusion.arm for exclusion in self.verdict.excluded}
        stopped = [each.sentence(void=each.leader in ruled_out) for each in self.stopped]
        repeats = [self.repeats.sentence()] if self.repeats else []
        return [*self.verdict.sentences(), *stopped, *repeats]

    @property
    def answer(self) -> list[str]:
        """The arm to run, and which others may be as good."""
        return self.sentences[: 1 + len(self.verdict.level)]

    @cached_property
    def evidence(self) -> dict[str, Row]:
        """The rows that the verdict cites."""
        waits = {
            arm: self.comparison.cost(arm).mean_ms / 1000 for arm in self.comparison.candidates
        }
        costs = {arm: self.comparison.cost(arm) for arm in waits}
        tokens = {arm: (cost.prompt_tokens, cost.completion_tokens) for arm, cost in costs.items()}
        others = [*format_rows(self.formats), *self.measurements.rows(waits, tokens)]
        return evidence(self.comparison, self.stale, others)

    @property
    def foretold(self) -> str:
        """What so many questions show."""
        return foretold(len(self.comparison.pairs), len(self.comparison.candidates))

    @property
    def lent_weights(self) -> str:
        """Whose grades may mislead; nothing where all have weights of their own."""
        lent = ", ".join(self.comparison.borrowed)
        return lent and (
            f"Passages of {lent} were graded with weights that were fitted for another model: some "
            "of their refusals may come from that, not from the training."
        )

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Every answer of every arm, the harder questions and those for JSON included."""
        return list(rows(self._parts))

    @property
    def _parts(self) -> dict[str, Comparison]:
        return {"main": self.comparison, **self.robustness, "format": self.formats}

    @cached_property
    def matrix(self) -> list[Answered]:
        """The six questions, answered."""
        return six_questions(self.comparison.arms, self.evidence, self.needs)

    @cached_property
    def claims(self) -> list[Claim]:
        """What articles say, held against the evidence."""
        shown = {(d.left, d.right) for d in self.comparison.differences if d.shown}
        return claims(self.comparison.arms, self.evidence, shown)

    def to_markdown(self) -> str:
        """Write the report as Markdown, without pictures and single questions."""
        return render("compare.md", folder=TEMPLATES, **self._values())

    def to_html(self) -> str:
        """Write the report as one self-contained page."""
        arms, comparison = self.comparison.arms, self.comparison
        right = {arm.name: comparison.means(arm.name)[RIGHT] for arm in arms}
        waits = {arm.name: comparison.cost(arm.name).p50_ms for arm in arms}
        sentences = [linked(sentence, self.evidence) for sentence in self.sentences]
        return render(
            "compare.html",
            folder=TEMPLATES,
            **self._values(),
            verdict=sentences[: len(self.answer)],
            further=sentences[len(self.answer) :],
            shares=shares({arm: right[arm.name] for arm in arms}),
            best=self.verdict.arm,
            asked=len(comparison.pairs),
            questions=asked_questions({SAID.get(n, n): part for n, part in self._parts.items()}),
            latency=draw_latency(right, waits),
            outcomes=self._outcomes(),
            told=self._told(),
            hits=draw_curve(self.retrieval.curve, self.retrieval.k) if self.retrieval.curve else "",
        )

    def to_json(self) -> dict[str, Any]:
        """Return every figure, and every answer with its scores."""
        compared = self.comparison
        return {
            "provenance": asdict(self.provenance),
            "verdict": {
                **asdict(self.verdict),
                "settled": self.verdict.settled,
                "said": self.verdict.sentences(),
            },
            "needs": self.needs.model_dump(),
            "six_questions": [asdict(answered) for answered in self.matrix],
            "claims": [asdict(claim) for claim in self.claims],
            "evidence": {id_: asdict(row) for id_, row in self.evidence.items()},
            "arms": {
                arm.name: {
                    **arm.described(),
                    "scores": _json(compared.means(arm.name)),
                    "right_by_kind": _json(compared.by_kind(arm.name)),
                    "cost": asdict(compared.cost(arm.name)),
                }
                for arm in compared.arms
            },
            "borrowed": compared.borrowed,
            "stopped": [asdict(each) for each in self.stopped],
            "repeats": self.repeats.to_json() if self.repeats else None,
            "differences": [difference.to_json() for difference in compared.differences],
            "retrieval": {**_json(self._search()), "hits": self.retrieval.curve},
            "knobs": self.knobs.to_json() if self.knobs else None,
            "orders": self.orders.to_json() if self.orders else None,
            "staleness": self.stale,
            "routing": self._routing(),
            "robustness": {
                what: {arm.name: each.means(arm.name)[RIGHT].to_json() for arm in each.arms}
                for what, each in self.robustness.items()
                if each.pairs
            },
            "formats": {arm.name: _json(self.formats.means(arm.name)) for arm in self.formats.arms},
            "judged": {arm: asdict(each) for arm, each in self.judged.items()},
            "questions": [
                {
                    "id": question.pair.id,
                    "question": question.pair.question,
                    "kind": question.pair.kind,
                    "answers": question.pair.answers,
                    "said": {
                        reply.arm: {"answer": reply.answer["answer"], **reply.scores}
                        for reply in question.said
                    },
                }
                for question in asked_questions({"main": compared})
            ],
        }

    def _outcomes(self) -> dict[str, dict[str, dict[str, float]]]:
        """Return by answerability and arm the shares that were right, wrong and refused."""
        outcomes = {
            "answerable": {arm.name: self._shares(arm.name, "f1") for arm in self.comparison.arms},
            "unanswerable": {
                arm.name: self._shares(arm.name, "refusal_recall") for arm in self.comparison.arms
            },
        }
        return {what: arms for what, arms in outcomes.items() if all(arms.values())}

    def _shares(self, arm: str, having: str) -> dict[str, float]:
        scored = [each for each in self.comparison.scores[arm].values() if having in each]
        if not scored:
            return {}
        right = sum(each[RIGHT] for each in scored) / len(scored)
        refused = sum(each.get("over_refusal", 0) for each in scored) / len(scored)
        return {"right": right, "refused": refused, "wrong": 1 - right - refused}

    def _told(self) -> dict[str, dict[str, float]]:
        return {
            arm: {what: count / sum(counts.values()) for what, count in counts.items()}
            for arm, counts in self.stale.items()
        }

    def _routing(self) -> dict[str, Any] | None:
        if self.routing is None:
            return None
        policies = {name: asdict(policy) for name, policy in self.routing.policies.items()}
        return {"policies": policies, "brier": self.routing.brier}

    def _search(self) -> dict[str, Estimate]:
        scores = list(self.retrieval.scores.values())
        names = next(iter(scores), {})
        return {name: mean([each[name] for each in scores]) for name in names}

    def _values(self) -> dict[str, Any]:
        compared = self.comparison
        names = [arm.name for arm in compared.arms]
        return {
            "report": self,
            "compared": compared,
            "shown": {**SHOWN, **{name: name for name in compared.metrics}},
            "means": {name: compared.means(name) for name in names},
            "kinds": {name: compared.by_kind(name) for name in names},
            "costs": {name: compared.cost(name) for name in names},
            "search": self._search(),
            "trials": TRIALS,
            "robust": {what: part for what, part in self.robustness.items() if part.pairs},
            "reading": [arm.name for arm in compared.arms if arm.role is Role.SEARCHES],
        }


def shares(right: Mapping[Arm, Estimate]) -> dict[str, dict[str, Any]]:
    """Order shares for the first picture: the best first, what cannot be run last."""
    ranked = sorted(right, key=lambda arm: (not arm.runnable, -right[arm].value))
    return {arm.name: {"title": arm.title, "right": right[arm]} for arm in ranked}


def linked(sentence: str, rows: Mapping[str, Row]) -> Markup:
    """Write a sentence as HTML in which each row that it cites is told, and a link to it."""

    def told(cited: re.Match[str]) -> str:
        row = rows[cited[1]]
        text = escape(row.text.removeprefix(f"{row.id.partition('.')[2]}: "))
        return f'(<a href="#{row.id}">{text}</a>)'

    cited = re.sub(r"\[([\w.-]+)\]", told, str(escape(sentence)))
    return Markup(re.sub(r"`([^`]+)`", r"<b>\1</b>", cited))  # escaped above


def _json(estimates: dict[str, Estimate]) -> dict[str, Any]:
    return {name: estimate.to_json() for name, estimate in estimates.items()}
