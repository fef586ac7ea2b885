"""The assistants that are compared: one graph and one base model, configured in several ways."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from app.errors import UserError
from app.settings import Settings

Adapter = Literal["none", "grounded", "closed-book"]
Knowledge = Literal["weights", "search", "given"]


@dataclass(frozen=True)
class Made:
    """What was made of the questions that are not asked, for the arms that need it."""

    shots: Path | None = None
    """Worked examples."""
    closed_book: Path | None = None
    """Adapter that was trained on questions and answers without passages."""


@dataclass(frozen=True)
class Arm:
    """One configuration of the assistant."""

    name: str
    title: str
    adapter: Adapter
    """None, that of the settings (trained to answer from passages), or one that knows by heart."""
    knowledge: Knowledge
    """Where facts come from: the weights alone, the search, or the right passages (an oracle)."""
    shots: bool = False
    """Whether worked examples stand before the question."""

    def settings(self, settings: Settings, made: Made) -> Settings:
        """Return the settings with which the assistant is this arm."""
        adapters = {
            "none": "none",
            "grounded": settings.adapter,
            "closed-book": str(made.closed_book),
        }
        return settings.model_copy(
            update={
                "adapter": adapters[self.adapter],
                "retrieval": "never" if self.knowledge == "weights" else "always",
                "shots": made.shots if self.shots else None,
            }
        )


BASE = Arm("base", "base model, closed book", "none", "weights")
BASE_RAG = Arm("base-rag", "base model with retrieval", "none", "search")
FEW_SHOT_RAG = Arm(
    "few-shot-rag", "base model with worked examples and retrieval", "none", "search", shots=True
)
TUNED = Arm("tuned", "fine-tuned on questions and answers, closed book", "closed-book", "weights")
TUNED_RAG = Arm("tuned-rag", "the same with retrieval", "closed-book", "search")
HYBRID = Arm("hybrid", "fine-tuned on passages, with retrieval (RAFT)", "grounded", "search")
ORACLE = Arm("oracle", "hybrid, given the right passages: an upper bound", "grounded", "given")

ARMS = {arm.name: arm for arm in (BASE, BASE_RAG, FEW_SHOT_RAG, TUNED, TUNED_RAG, HYBRID, ORACLE)}
QUICK = ("base", "base-rag", "tuned", "hybrid")


def chosen(names: tuple[str, ...]) -> list[Arm]:
    """Return the arms of these names, in the order of `ARMS`; raises UserError for another name."""
    if unknown := [name for name in names if name not in ARMS]:
        raise UserError(f"there is no arm {unknown[0]!r}: choose from {', '.join(ARMS)}")
    return [arm for arm in ARMS.values() if arm.name in names]
