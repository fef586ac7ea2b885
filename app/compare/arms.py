"""The assistants that are compared: one graph and one base model, configured in several ways."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from app.errors import UserError
from app.settings import Settings

Knowledge = Literal["weights", "search", "given"]


@dataclass(frozen=True)
class Arm:
    """One configuration of the assistant."""

    name: str
    title: str
    knowledge: Knowledge
    """Where facts come from: the weights alone, the search, or the right passages (an oracle)."""
    tuned: bool = False
    """Whether the adapter of the settings is used, or the base model as it is."""
    shots: bool = False
    """Whether worked examples stand before the question."""

    def settings(self, settings: Settings, shots: Path | None) -> Settings:
        """Return the settings with which the assistant is this arm."""
        return settings.model_copy(
            update={
                "adapter": settings.adapter if self.tuned else "none",
                "retrieval": "never" if self.knowledge == "weights" else "always",
                "shots": shots if self.shots else None,
            }
        )


BASE = Arm("base", "base model, closed book", "weights")
BASE_RAG = Arm("base-rag", "base model with retrieval", "search")
FEW_SHOT_RAG = Arm(
    "few-shot-rag", "base model with worked examples and retrieval", "search", shots=True
)
HYBRID = Arm("hybrid", "fine-tuned on passages, with retrieval (RAFT)", "search", tuned=True)
ORACLE = Arm("oracle", "hybrid, given the right passages: an upper bound", "given", tuned=True)

ARMS = {arm.name: arm for arm in (BASE, BASE_RAG, FEW_SHOT_RAG, HYBRID, ORACLE)}
QUICK = ("base", "base-rag", "hybrid", "oracle")


def chosen(names: tuple[str, ...]) -> list[Arm]:
    """Return the arms of these names, in the order of `ARMS`; raises UserError for another name."""
    if unknown := [name for name in names if name not in ARMS]:
        raise UserError(f"there is no arm {unknown[0]!r}: choose from {', '.join(ARMS)}")
    return [arm for arm in ARMS.values() if arm.name in names]
