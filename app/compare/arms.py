"""The assistants that are compared: one graph and one base model, configured in several ways."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Knowledge = Literal["weights", "search", "given"]


@dataclass(frozen=True)
class Arm:
    """One configuration of the assistant."""

    name: str
    title: str
    adapter: str
    """As `Settings.adapter`: none, auto, or a registered name."""
    knowledge: Knowledge
    """Where facts come from: the weights alone, the search, or the right passages (an oracle)."""
    shots: bool = False
    """Whether worked examples stand before the question."""


BASE = Arm("base", "base model, closed book", "none", "weights")
BASE_RAG = Arm("base-rag", "base model with retrieval", "none", "search")
FEW_SHOT_RAG = Arm("few-shot-rag", "few-shot base model with retrieval", "none", "search", True)
TUNED = Arm("tuned", "fine-tuned on questions and answers, closed book", "closed-book", "weights")
TUNED_RAG = Arm("tuned-rag", "the same with retrieval", "closed-book", "search")
HYBRID = Arm("hybrid", "fine-tuned on passages, with retrieval (RAFT)", "auto", "search")
ORACLE = Arm("oracle", "the same, given the right passages: an upper bound", "auto", "given")

ARMS = {arm.name: arm for arm in (BASE, BASE_RAG, FEW_SHOT_RAG, TUNED, TUNED_RAG, HYBRID, ORACLE)}
