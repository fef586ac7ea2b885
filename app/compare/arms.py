"""The assistants that are compared: one graph and one base model, configured in several ways."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from app.errors import UserError
from app.models.base import model_name
from app.settings import Settings

Adapter = Literal["none", "grounded", "closed-book"]
Knowledge = Literal["weights", "search", "decided", "given"]


RETRIEVAL = {"weights": "never", "decided": "learned"}


@dataclass(frozen=True)
class Made:
    """What was made of the questions that are not asked, for the arms that need it."""

    shots: Path | None = None
    """Worked examples."""
    closed_book: Path | None = None
    """Adapter that was trained on questions and answers without passages."""
    taught: tuple[str, ...] = ()
    """The questions that it was trained on."""
    gate: Path | None = None
    """Where the gate that was learned from its outcomes is written."""
    trained_s: float = 0
    """Seconds that its training took."""


@dataclass(frozen=True)
class Arm:
    """One configuration of the assistant."""

    name: str
    title: str
    adapter: Adapter
    """None, that of the settings (trained to answer from passages), or one that knows by heart."""
    knowledge: Knowledge
    """Where facts come from: the weights alone, the search, whichever of the two a learned gate
    decides for, or the right passages (an oracle)."""
    shots: bool = False
    """Whether worked examples stand before the question."""
    model: str | None = None
    """Another model than that of the settings, named as GROUNDTUNE_MODEL names it."""

    def settings(self, settings: Settings, made: Made) -> Settings:
        """Return the settings with which the assistant is this arm."""
        adapters = {
            "none": "none",
            "grounded": settings.adapter,
            "closed-book": str(made.closed_book),
        }
        return settings.model_copy(
            update={
                "model": self.model or settings.model,
                "adapter": adapters[self.adapter],
                "retrieval": RETRIEVAL.get(self.knowledge, "always"),
                "gate": made.gate if self.knowledge == "decided" else None,
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
ROUTED = Arm("routed", "the same, searching where a gate decides to", "closed-book", "decided")
HYBRID = Arm("hybrid", "fine-tuned on passages, with retrieval (RAFT)", "grounded", "search")
ORACLE = Arm("oracle", "hybrid, given the right passages: an upper bound", "grounded", "given")

ARMS = {
    arm.name: arm
    for arm in (BASE, BASE_RAG, FEW_SHOT_RAG, TUNED, TUNED_RAG, ROUTED, HYBRID, ORACLE)
}
PARTS = (TUNED.name, TUNED_RAG.name)
"""What the routed arm is put together from."""
QUICK = ("base", "base-rag", "tuned", "hybrid")


def also(models: Sequence[str]) -> list[Arm]:
    """Return the arms of other models: closed book, and with retrieval.

    Raises UserError for two that would be called alike.
    """
    arms: dict[str, Arm] = {}
    for model in models:
        name = re.sub(r"[^\w.-]+", "-", model_name(model))
        made = (
            Arm(name, f"{model_name(model)}, closed book", "none", "weights", model=model),
            Arm(
                f"{name}-rag", f"{model_name(model)} with retrieval", "none", "search", model=model
            ),
        )
        for arm in made:
            if arm.name in ARMS or arm.name in arms:
                raise UserError(f"two arms would be called {arm.name!r}: leave out --also {model}")
            arms[arm.name] = arm
    return list(arms.values())


def chosen(names: tuple[str, ...]) -> list[Arm]:
    """Return the arms of these names and those they need, in the order of `ARMS`.

    Raises UserError for another name.
    """
    if unknown := [name for name in names if name not in ARMS]:
        raise UserError(f"there is no arm {unknown[0]!r}: choose from {', '.join(ARMS)}")
    wanted = {*names, *(PARTS if ROUTED.name in names else ())}
    return [arm for arm in ARMS.values() if arm.name in wanted]
