"""Draw a comparison as SVG: the same bytes for the same numbers."""

from __future__ import annotations

import io
from collections.abc import Mapping

import matplotlib as mpl
from matplotlib.figure import Figure

from finetune.evaluation.bootstrap import Estimate

INK = "#3355aa"


def draw_accuracy(right: Mapping[str, Estimate]) -> str:
    """Draw each arm's share of right answers with its 95 % interval."""
    figure = Figure(figsize=(8, 0.6 + 0.45 * len(right)), layout="constrained")
    axes = figure.subplots()
    for at, found in enumerate(right.values()):
        axes.barh(at, found.value, color=INK, height=0.55)
        axes.plot([found.low, found.high], [at, at], color="#111", linewidth=1.5)
        axes.text(found.high + 0.015, at, f"{found.value:.0%}", va="center")
    axes.set_yticks(range(len(right)), list(right))
    axes.invert_yaxis()
    axes.set(xlim=(0, 1.08), xlabel="share of questions right, with 95 % interval")
    axes.spines[["top", "right"]].set_visible(False)
    return _svg(figure)


def draw_latency(right: Mapping[str, Estimate], waits_ms: Mapping[str, float]) -> str:
    """Draw each arm's share of right answers against the time that half of its answers take."""
    figure = Figure(figsize=(8, 3.4), layout="constrained")
    axes = figure.subplots()
    for name, found in right.items():
        seconds = waits_ms[name] / 1000
        axes.plot([seconds, seconds], [found.low, found.high], color=INK, linewidth=1)
        axes.plot(seconds, found.value, "o", color=INK)
        axes.annotate(name, (seconds, found.value), (7, 0), textcoords="offset points", va="center")
    axes.set(ylim=(0, 1), xlabel="seconds of a typical answer (median)", ylabel="right")
    axes.set_xlim(left=0, right=1.25 * max(waits_ms.values()) / 1000)
    axes.spines[["top", "right"]].set_visible(False)
    return _svg(figure)


def _svg(figure: Figure) -> str:
    # A fixed salt and no date make it reproducible; text as shapes looks alike everywhere.
    with mpl.rc_context({"svg.hashsalt": "groundtune", "font.size": 10}):
        page = io.StringIO()
        figure.savefig(page, format="svg", metadata={"Date": None})
    return "<svg" + page.getvalue().partition("<svg")[2]
