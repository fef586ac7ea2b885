"""Draw a comparison as SVG: the same bytes for the same numbers."""

from __future__ import annotations

import io
from collections.abc import Mapping

import matplotlib as mpl
from matplotlib.figure import Figure

from finetune.evaluation.bootstrap import Estimate

INK = "#3355aa"


def draw_latency(right: Mapping[str, Estimate], waits_ms: Mapping[str, float]) -> str:
    """Draw each arm's share of right answers against the time that half of its answers take."""
    figure = Figure(figsize=(8, 3.4), layout="constrained")
    axes = figure.subplots()
    for name, estimate in right.items():
        seconds = waits_ms[name] / 1000
        axes.plot([seconds, seconds], [estimate.low, estimate.high], color=INK, linewidth=1)
        axes.plot(seconds, estimate.value, "o", color=INK)
        axes.annotate(
            name, (seconds, estimate.value), (7, 0), textcoords="offset points", va="center"
        )
    axes.set(ylim=(0, 1), xlabel="seconds of a typical answer (median)", ylabel="right")
    axes.set_xlim(left=0, right=1.25 * max(waits_ms.values()) / 1000)
    axes.spines[["top", "right"]].set_visible(False)
    return _svg(figure)


def draw_curve(hits: Mapping[int, float], used: int) -> str:
    """Draw how often a needed document is among the first k that the search finds."""
    figure = Figure(figsize=(8, 2.8), layout="constrained")
    axes = figure.subplots()
    axes.plot(list(hits), list(hits.values()), "o-", color=INK)
    if used in hits:
        axes.axvline(used, color="#999", linewidth=1, linestyle=":")
        axes.annotate("used", (used, 0.04), (5, 0), textcoords="offset points")
    axes.set_xticks([k for k in hits if k == 1 or k % 5 == 0])
    axes.set(ylim=(0, 1.02), xlabel="passages searched (k)", ylabel="needed document found")
    axes.spines[["top", "right"]].set_visible(False)
    return _svg(figure)


def _svg(figure: Figure) -> str:
    # A fixed salt and no date make it reproducible; text as shapes looks alike everywhere.
    with mpl.rc_context({"svg.hashsalt": "groundtune", "font.size": 10}):
        page = io.StringIO()
        figure.savefig(page, format="svg", metadata={"Date": None})
    return "<svg" + page.getvalue().partition("<svg")[2]
