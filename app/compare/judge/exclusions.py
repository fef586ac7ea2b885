"""Which arms the user's needs rule out; each reason cites a measured row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from app.compare.judge.evidence import Row
from app.compare.plan.arms import Arm
from app.compare.plan.needs import Needs

TRACED = 0.5  # share of answers that must cite a right document where answers must be traceable
STALE = 0.5  # largest share of changed facts told as they were, where facts change


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
    if needs.traceable and cited is None and not arm.role.needs_documents:
        yield "answers must be traceable, and it cites no document", ""
    if needs.without_documents and arm.role.needs_documents:
        yield "the documents may not be where it runs", ""
    if needs.max_wait is not None and wait is not None and wait > needs.max_wait:
        yield f"its answers take longer than {needs.max_wait:g} s", f"wait.{arm.name}"
