"""The assistants that are compared: one graph and one base model, configured in several ways.

An arm is data. What is said of arms is said of their roles and their training, never of names.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Literal

from app.batch import GivenDocument
from app.errors import UserError
from app.models.adapters import NONE
from app.models.base import model_name
from app.settings import Settings

Adapter = Literal["none", "grounded", "closed-book", "format"]
Retrieval = Literal["never", "always", "learned"]
Given = Mapping[str, Sequence[GivenDocument]]
"""The passages that an arm is given, by question id."""


class Role(StrEnum):
    """Where an arm takes its facts from, as a sentence about it goes on after "which"."""

    BY_HEART = "answers by heart"
    SEARCHES = "searches the documents"
    DECIDES = "searches where a learned gate decides to"
    READS = "reads the passages that it is given"

    @property
    def retrieval(self) -> Retrieval:
        """The setting that makes an assistant take this role."""
        found: dict[Role, Retrieval] = {Role.BY_HEART: "never", Role.DECIDES: "learned"}
        return found.get(self, "always")

    @property
    def needs_documents(self) -> bool:
        """Whether it cannot answer without the documents."""
        return self is not Role.BY_HEART


@dataclass(frozen=True)
class Trained:
    """An adapter that was trained for a comparison."""

    folder: Path
    seconds: float
    """That its training took."""


@dataclass(frozen=True)
class Made:
    """What was made of the questions that are not asked, for the arms that need it."""

    shots: Path | None = None
    """Worked examples."""
    trained: Mapping[Adapter, Trained] = field(default_factory=dict)
    """Adapters by what they were trained on."""
    taught: tuple[str, ...] = ()
    """The questions that the closed-book one was trained on."""
    gate: Path | None = None
    """Where the gate that was learned from its outcomes is written."""


@dataclass(frozen=True)
class Arm:
    """One configuration of the assistant."""

    name: str
    title: str
    adapter: Adapter
    """None, that of the settings (trained to answer from passages), one that knows by heart, or one
    that was trained to write JSON."""
    role: Role
    shots: bool = False
    """Whether worked examples stand before the question."""
    model: str | None = None
    """Another model than that of the settings, named as GROUNDTUNE_MODEL names it."""
    parts: tuple[str, ...] = ()
    """Names of two arms, closed book first, whose answers it is put together from; it is not asked
    itself."""

    @property
    def runnable(self) -> bool:
        """Whether it can be run: only a test can hand out the right passages."""
        return self.role is not Role.READS

    def described(self) -> dict[str, str]:
        """Say what it is, for whoever reads of it elsewhere."""
        return {"title": self.title, "role": self.role}

    @property
    def plain(self) -> bool:
        """Whether it differs from the base model in role and training alone."""
        return self.model is None and not self.shots and not self.parts

    def settings(self, settings: Settings, made: Made) -> Settings:
        """Return the settings with which the assistant is this arm."""
        own = {name: str(trained.folder) for name, trained in made.trained.items()}
        adapters: dict[Adapter, str] = {"none": NONE, "grounded": settings.adapter, **own}
        return settings.model_copy(
            update={
                "model": self.model or settings.model,
                "adapter": adapters[self.adapter],
                "retrieval": self.role.retrieval,
                "gate": made.gate if self.role is Role.DECIDES else None,
                "shots": made.shots if self.shots else None,
            }
        )


BASE = Arm("base", "base model, without documents", "none", Role.BY_HEART)
BASE_RAG = Arm("base-rag", "base model with retrieval", "none", Role.SEARCHES)
FEW_SHOT_RAG = Arm(
    "few-shot-rag",
    "base model with worked examples and retrieval",
    "none",
    Role.SEARCHES,
    shots=True,
)
TUNED = Arm(
    "tuned", "fine-tuned on questions and answers, without documents", "closed-book", Role.BY_HEART
)
TUNED_RAG = Arm(
    "tuned-rag",
    "fine-tuned on questions and answers, with retrieval",
    "closed-book",
    Role.SEARCHES,
)
ROUTED = Arm(
    "routed",
    "fine-tuned on questions and answers, searching where a gate decides to",
    "closed-book",
    Role.DECIDES,
    parts=(TUNED.name, TUNED_RAG.name),
)
JSON_RAG = Arm(
    "json-rag", "fine-tuned to write JSON from passages, with retrieval", "format", Role.SEARCHES
)
HYBRID = Arm("hybrid", "fine-tuned on passages, with retrieval (RAFT)", "grounded", Role.SEARCHES)
ORACLE = Arm("oracle", "hybrid, given the right passages: an upper bound", "grounded", Role.READS)

ARMS = {
    arm.name: arm
    for arm in (BASE, BASE_RAG, FEW_SHOT_RAG, TUNED, TUNED_RAG, ROUTED, JSON_RAG, HYBRID, ORACLE)
}
USUAL = tuple(name for name in ARMS if name != JSON_RAG.name)  # which a training more would slow
QUICK = ("base", "base-rag", "tuned", "hybrid")


def also(models: Sequence[str]) -> list[Arm]:
    """Return the arms of other models: closed book, and with retrieval.

    Raises UserError for two that would be called alike.
    """
    arms: dict[str, Arm] = {}
    for model in models:
        title = model_name(model)
        name = re.sub(r"[^\w.-]+", "-", title)
        made = (
            Arm(name, f"{title}, without documents", "none", Role.BY_HEART, model=model),
            Arm(f"{name}-rag", f"{title} with retrieval", "none", Role.SEARCHES, model=model),
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
    wanted = {*names, *(part for name in names for part in ARMS[name].parts)}
    return [arm for arm in ARMS.values() if arm.name in wanted]
