"""The assistants that are compared: one graph and one base model, configured in several ways.

An arm is data. What is said of arms is said of their roles and their training, never of names.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal

from pydantic import create_model

from app.batch_rows import GivenDocument
from app.errors import UserError
from app.models.adapters import NONE
from app.models.base import model_name
from app.plugins import Port
from app.settings import Settings
from graphs.limits import Knobs

Adapter = Literal["none", "grounded", "closed-book", "format"]
Retrieval = Literal["never", "always", "learned"]
Given = Mapping[str, Sequence[GivenDocument]]
"""The passages that an arm is given, by question id."""

_BESIDES: dict[str, Any] = {
    name: (info.annotation, copy(info))
    for name, info in Settings.model_fields.items()
    if name in ("top_k", "max_tokens")
}
Changes = create_model("Changes", __base__=Knobs, **_BESIDES)
"""The settings that an arm may change: those that leave its index and its weights as they are."""


class Role(StrEnum):
    """Where an arm takes its facts from, as a sentence about it goes on after "which"."""

    BY_HEART = "answers by heart"
    SEARCHES = "searches the documents"
    DECIDES = "searches where a learned gate decides to"
    READS = "reads the passages that it is given"

    @property
    def retrieval(self) -> Retrieval:
        """The setting that makes an assistant take this role."""
        by_role: dict[Role, Retrieval] = {Role.BY_HEART: "never", Role.DECIDES: "learned"}
        return by_role.get(self, "always")

    @property
    def needs_documents(self) -> bool:
        """Whether it cannot answer without the documents."""
        return self is not Role.BY_HEART


@dataclass(frozen=True)
class Trained:
    """An adapter that was trained for a comparison."""

    folder: Path
    seconds: float
    """The seconds that its training took."""


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
    changes: Mapping[str, Any] = field(default_factory=dict, hash=False)
    """Settings in which it differs besides, by name; see `Changes`."""

    def __post_init__(self) -> None:
        Changes.model_validate(self.changes)

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
        return self.model is None and not (self.shots or self.parts or self.changes)

    def settings(self, settings: Settings, made: Made) -> Settings:
        """Return the settings with which the assistant is this arm."""
        own = {name: str(trained.folder) for name, trained in made.trained.items()}
        adapters: dict[Adapter, str] = {"none": NONE, "grounded": settings.adapter, **own}
        return settings.model_copy(
            update={
                **Changes.model_validate(self.changes).model_dump(exclude_unset=True),
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
ADDED_ARMS: Port[Arm] = Port(
    "groundtune.arms",
    "an app.compare.plan.arms.Arm",
    fits=lambda found: isinstance(found, Arm),
    builtin=frozenset(ARMS),
)
"""Packages add an arm here, under its name; it is asked where `--arms` names it."""


def also(models: Sequence[str]) -> list[Arm]:
    """Return the arms of other models: closed book, and with retrieval.

    Raises UserError for two that would be called alike.
    """
    arms: dict[str, Arm] = {}
    taken = {*ARMS, *ADDED_ARMS.names()}
    for model in models:
        title = model_name(model)
        name = re.sub(r"[^\w.-]+", "-", title)
        made = (
            Arm(name, f"{title}, without documents", "none", Role.BY_HEART, model=model),
            Arm(f"{name}-rag", f"{title} with retrieval", "none", Role.SEARCHES, model=model),
        )
        for arm in made:
            if arm.name in taken or arm.name in arms:
                raise UserError(f"two arms would be called {arm.name!r}: leave out --also {model}")
            arms[arm.name] = arm
    return list(arms.values())


def chosen(names: tuple[str, ...]) -> list[Arm]:
    """Return the arms of these names and those they need, in the order of `ARMS`, others last.

    Raises UserError for another name, and for an arm of a package that cannot be asked.
    """
    known = (*ARMS, *ADDED_ARMS.names())
    if unknown := [name for name in names if name not in known]:
        raise UserError(f"there is no arm {unknown[0]!r}: choose from {', '.join(known)}")
    wanted = {*names, *(part for name in names if name in ARMS for part in ARMS[name].parts)}
    own = [arm for arm in ARMS.values() if arm.name in wanted]
    return [*own, *(load_added(name) for name in ADDED_ARMS.names() if name in wanted)]


def without_adapter(arms: Sequence[Arm], named: Collection[str]) -> list[Arm]:
    """Return what arms are where no adapter is to be had: those of the base model.

    One that would then be base-rag is left out unless it is `named`.
    """
    same = [arm for arm in arms if arm.adapter == "grounded" and arm.role is Role.SEARCHES]
    doubled = {arm.name for arm in same if arm.plain and arm.name not in named}
    return [_as_base(arm) for arm in arms if arm.name not in doubled]


def _as_base(arm: Arm) -> Arm:
    if arm.adapter != "grounded":
        return arm
    return replace(
        arm, adapter="none", title=f"{arm.title}; here without an adapter: none is named"
    )


def load_added(name: str) -> Arm:
    """Load an arm that a package adds; raises UserError for one that cannot be asked."""
    arm = ADDED_ARMS.load(name)
    if arm.name != name:
        raise ADDED_ARMS.broken(name, f"but it is called {arm.name!r}: give both the same name")
    if arm.parts or arm.role is Role.DECIDES:
        reason = "but no added arm can be put together from others, or decide whether to search"
        raise ADDED_ARMS.broken(name, f"{reason}: leave out its parts, and give it another role")
    return arm
