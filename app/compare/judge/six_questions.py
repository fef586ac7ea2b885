"""The six questions that articles ask before choosing, each answered from measured rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from app.compare.judge.claims import stays_fresh
from app.compare.judge.evidence import Row
from app.compare.plan.arms import Arm
from app.compare.plan.needs import Needs

Towards = Literal["retrieval", "fine-tuning", "both", "either"]
NOTICEABLE = 0.05  # of the questions: a gain below it speaks for nothing
SPECIAL = 1.3  # times as many tokens a word as in everyday text


@dataclass(frozen=True)
class Answered:
    """One of the six questions."""

    question: str
    said: str
    """What is needed and what was measured."""
    towards: Towards
    rows: tuple[str, ...]
    """Ids of the rows that it rests on."""


Rows = Mapping[str, Row]


def six_questions(arms: Sequence[Arm], rows: Rows, needs: Needs) -> list[Answered]:
    """Answer the six questions, as far as there are rows of these arms to answer from."""
    return [
        _changes(arms, rows, needs),
        _traceable(rows, needs),
        _knowledge(rows),
        _compute(rows, needs),
        _offline(rows, needs),
        _vocabulary(rows),
    ]


def _changes(arms: Sequence[Arm], rows: Rows, needs: Needs) -> Answered:
    fresh = stays_fresh(arms, rows).found == "holds here"
    towards: Towards = "retrieval" if fresh and needs.changes != "never" else "either"
    lead = "They never change." if needs.changes == "never" else f"They change {needs.changes}."
    return _answered("How often do the facts change?", lead, towards, _of(rows, "stale"))


def _traceable(rows: Rows, needs: Needs) -> Answered:
    lead = "They must be." if needs.traceable else "They need not be."
    towards: Towards = "retrieval" if needs.traceable else "either"
    return _answered("Must answers be traceable?", lead, towards, _of(rows, "cited"))


def _knowledge(rows: Rows) -> Answered:
    steps = _of(rows, "step")
    gain = {id_.partition(".")[2]: row.value for id_, row in steps.items()}
    documents, weights = gain.get("documents", 0), gain.get("weights", 0)
    behaviour = gain.get("behaviour", 0)
    lead = "Neither documents nor training gained much."
    if not gain.keys() >= {"documents", "weights", "behaviour"}:
        lead = "What was tried gained little." if gain else ""
    towards: Towards = "either"
    if documents + behaviour >= NOTICEABLE and behaviour >= NOTICEABLE:
        both = "Both: documents have to be read, and reading has to be trained."
        alone = "Reading has to be trained; what the documents gain was not measured."
        lead, towards = both if "documents" in gain else alone, "both"
    elif max(documents, weights) >= NOTICEABLE:
        searched = documents >= weights
        lead = "It is knowledge, and " + (
            "looking it up gains most." if searched else "learning it by heart gains most."
        )
        towards = "retrieval" if searched else "fine-tuning"
    return _answered("Is it knowledge or behaviour that is missing?", lead, towards, steps)


def _compute(rows: Rows, needs: Needs) -> Answered:
    lead = f"A typical answer may take {needs.max_wait:g} s." if needs.max_wait else "Enough."
    evidence = {**_of(rows, "training"), **_of(rows, "wait"), **_of(rows, "memory")}
    return _answered("What compute is there?", lead, "either", evidence)


def _offline(rows: Rows, needs: Needs) -> Answered:
    """Documents on the same machine are offline, too; only where they may not be does it differ."""
    lead = "The documents may be where it runs, so whatever has its models there can be offline."
    towards: Towards = "either"
    if needs.without_documents:
        lead, towards = "Yes, and without the documents.", "fine-tuning"
    return _answered("Must it run offline?", lead, towards, _of(rows, "offline"))


def _vocabulary(rows: Rows) -> Answered:
    evidence = {id_: row for id_, row in rows.items() if id_ == "vocabulary"}
    special = bool(evidence) and evidence["vocabulary"].value >= SPECIAL
    lead = "Very: search for words as well as meanings." if special else "Hardly."
    towards: Towards = "both" if special else "either"
    return _answered("How special is the vocabulary?", lead if evidence else "", towards, evidence)


def _of(rows: Rows, name: str) -> dict[str, Row]:
    return {id_: row for id_, row in rows.items() if id_.partition(".")[0] == name}


def _answered(question: str, lead: str, towards: Towards, evidence: Rows) -> Answered:
    return Answered(
        question, lead if evidence else f"{lead} Not measured.".strip(), towards, tuple(evidence)
    )
