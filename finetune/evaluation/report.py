"""Report an evaluation: adapter beside its baselines, gates, forgetting, curves, worst rows."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

from finetune.data.examples import Example
from finetune.evaluation.evaluate import MAIN, Evaluation, Outcome
from finetune.evaluation.forgetting import Forgetting
from finetune.registry.manifest import Gate
from finetune.report import render

WORST = 12  # rows shown
TAIL = 600  # characters of a prompt shown, from its end, where the question stands
Curve = Sequence[tuple[int, float]]


@dataclass(frozen=True)
class WorstRow:
    """A row that went wrong."""

    id: str
    kind: str
    prompt: str
    expected: str
    reply: str


@dataclass(frozen=True)
class EvaluationReport:
    """An adapter's evaluation with all that it is compared with."""

    title: str
    adapter: Evaluation
    baselines: Mapping[str, Evaluation]
    """By name; the first is what gains are counted from."""
    examples: Sequence[Example]
    gates: Mapping[str, Gate]
    forgetting: Forgetting | None
    losses: Curve
    scores: Curve
    show_rows: bool = True
    """Whether rows that went wrong are shown; private ones should not travel with an adapter."""

    def to_markdown(self) -> str:
        """Write the report as Markdown, without the picture."""
        return render("evaluation.md", **self._values())

    def to_html(self) -> str:
        """Write the report as one self-contained page."""
        return render("evaluation.html", **self._values(), curve=draw(self.losses, self.scores))

    def _values(self) -> dict[str, Any]:
        models = {"adapter": self.adapter, **self.baselines}
        base = next(iter(self.baselines.values()), None)
        return {
            "report": self,
            "names": list(models),
            "tables": {name: model.metrics() for name, model in models.items()},
            "gains": self.adapter.over(base) if base else {},
            "worst": worst(self.adapter, self.examples) if self.show_rows else [],
        }


def worst(evaluation: Evaluation, examples: Sequence[Example]) -> list[WorstRow]:
    """Return the rows with the lowest main metric that are not right, worst first.

    A likelihood is below 1 for any model: what was replied as expected is right.
    """
    by_id = {example.id: example for example in examples}
    others = [row for row in evaluation.outcomes if row.reply != by_id[row.id].completion.strip()]
    wrong = [(score, row) for row in others if (score := _main(row)) < 1]
    wrong.sort(key=lambda pair: (pair[0], pair[1].id))
    return [
        WorstRow(
            id=row.id,
            kind=str(row.kind),
            prompt=by_id[row.id].prompt[-1].content[-TAIL:],
            expected=by_id[row.id].completion,
            reply=row.reply,
        )
        for _, row in wrong[:WORST]
    ]


def _main(row: Outcome) -> float:
    return row.scores.get(MAIN.get(row.kind, ""), 1.0)


def draw(losses: Curve, scores: Curve) -> str:
    """Draw loss and held-back score over the steps as SVG, the same bytes for the same numbers."""
    # With a fixed salt and no date; text as shapes, so that it looks alike everywhere.
    with mpl.rc_context({"svg.hashsalt": "groundtune", "font.size": 10}):
        figure = Figure(figsize=(8, 3.2), layout="constrained")
        left = figure.subplots()
        left.set(xlabel="step", ylabel="loss per trained token")
        left.spines[["top", "right"]].set_visible(False)
        left.plot(*_columns(losses), color="#3355aa", linewidth=1.5, label="training loss")
        left.set_ylim(bottom=0)  # once the curve is there: before, it would fix the top as well
        if scores:
            right = left.twinx()
            right.set(ylabel="score on held-back rows", ylim=(0, 1))
            right.spines["top"].set_visible(False)
            right.plot(*_columns(scores), color="#b8560f", marker="o", label="held-back score")
        figure.legend(loc="outside upper left", ncols=2, frameon=False)
        page = io.StringIO()
        figure.savefig(page, format="svg", metadata={"Date": None})
    return page.getvalue().partition("<svg")[1] + page.getvalue().partition("<svg")[2]


def _columns(curve: Curve) -> tuple[list[int], list[float]]:
    return [step for step, _ in curve], [value for _, value in curve]
