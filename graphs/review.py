"""What a person is shown of an answer that nobody should see unread, and what comes back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypedDict, get_args

from graphs.state import Citation, Decision


class InvalidVerdict(ValueError):
    """A review was answered by something that is no verdict."""


class AnswerHeld(ValueError):
    """An answer waits for a person where no thread is kept in which it could be let out."""


class Shown(TypedDict):
    """A passage as the model was shown it."""

    chunk: str
    text: str


class Held(TypedDict):
    """An answer that waits."""

    question: str
    answer: str
    citations: list[Citation]
    confidence: float
    passages: list[Shown]


@dataclass(frozen=True)
class Verdict:
    """What the person decided."""

    decision: Decision
    text: str = ""
    """The answer as edited."""


def read_verdict(resumed: Any) -> Verdict:
    """Read what a run was resumed with: {"decision": "approve", "edit" or "reject", "text"?}.

    Raises InvalidVerdict for anything else, and for an edit without its text.
    """
    asked = resumed if isinstance(resumed, dict) else {"decision": resumed}
    decision: Any = asked.get("decision")
    text = str(asked.get("text") or "").strip()
    if decision not in get_args(Decision) or (decision == "edit" and not text):
        raise InvalidVerdict(
            f"{str(resumed)[:80]!r} came: resume with {{'decision': 'approve' or 'reject'}} or "
            "{'decision': 'edit', 'text': the answer}"
        )
    return Verdict(decision, text)
