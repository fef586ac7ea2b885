"""What only the user can know, and which arms it rules out; each reason cites a measured row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, PositiveFloat

from app.compare.arms import Arm

if TYPE_CHECKING:
    from app.compare.evidence import Row  # which loads much that --help need not wait for

TRACED = 0.5  # share of answers that must cite a right document where answers must be traceable
STALE = 0.5  # largest share of changed facts told as they were, where facts change


class Needs(BaseModel):
    """What the assistant is needed for."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    changes: Literal["never", "yearly", "monthly", "weekly", "daily"] = "monthly"
    """How often the facts change."""
    traceable: bool = True
    """Whether people must be able to look an answer up."""
    without_documents: bool = False
    """Whether it must run where the documents may not be."""
    max_wait: PositiveFloat | None = None
    """Longest typical wait for an answer, in seconds."""


@dataclass(frozen=True)
class Exclusion:
    """Why an arm cannot be run."""

    arm: str
    reason: str
    row: str
    """Id of the row that shows it; empty where the arm's making does."""


def exclusions(arm: Arm, rows: Mapping[str, Row], needs: Needs) -> list[Exclusion]:
    """Name what rules an arm out."""
    return [Exclusion(arm.name, reason, row) for reason, row in _reasons(arm, rows, needs)]


def _reasons(arm: Arm, rows: Mapping[str, Row], needs: Needs) -> Iterator[tuple[str, str]]:
    def value(name: str) -> float | None:
        row = rows.get(f"{name}.{arm.name}")
        return row.value if row else None

    stale, cited, wait = value("stale"), value("cited"), value("wait")
    if needs.changes != "never" and stale is not None and stale > STALE:
        yield f"facts change {needs.changes}, and it tells the old ones", f"stale.{arm.name}"
    if needs.traceable and cited is not None and cited < TRACED:
        yield "answers must be traceable, and too few cite a right document", f"cited.{arm.name}"
    if needs.without_documents and arm.knowledge == "search":
        yield "the documents may not be where it runs", ""
    if needs.max_wait is not None and wait is not None and wait > needs.max_wait:
        yield f"its answers take longer than {needs.max_wait:g} s", f"wait.{arm.name}"
