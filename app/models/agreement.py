"""Tell whether passages say yes or no to a question.

The check is asked what it makes of "yes", of "no" and of the question as a statement; a logistic
model weighs its four answers. `tests/agreement_recipes.py` fits it.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from langchain_core.documents import Document
from pydantic import BaseModel, ConfigDict

from app.models.line_reader import SHIPPED
from app.models.log_odds import log_odds
from graphs.protocols import Agreed, Claim, Evidence, Verifier
from graphs.text import YES_NO

Side = Literal["yes", "no", "nothing"]
SIDES: tuple[Side, ...] = get_args(Side)
WEIGHTS = "agreement.json"
CLIPPED = 0.01  # probabilities closer to 0 or 1 tell no more


class AgreementWeights(BaseModel):
    """A multinomial logistic model over log-odds of what the check says."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    weights: tuple[tuple[float, ...], ...]
    """Of each side, for each value."""
    intercepts: tuple[float, ...]
    sure: float
    """Probability from which a side is told."""

    def probabilities(self, values: Sequence[float]) -> list[float]:
        """Return the probability of each of SIDES."""
        scores = [
            math.exp(start + sum(w * value for w, value in zip(of, values, strict=True)))
            for of, start in zip(self.weights, self.intercepts, strict=True)
        ]
        return [score / sum(scores) for score in scores]

    def best(self, values: Sequence[float]) -> tuple[float, Side]:
        """Return the likeliest of SIDES with its probability."""
        return max(zip(self.probabilities(values), SIDES, strict=True))


@dataclass(frozen=True)
class Weighed:
    """What the check makes of both sides."""

    values: list[float]
    """By how much yes has higher log-odds than no, the higher ones of both, and those of yes with
    the question said again and of that alone."""
    evidence: dict[Side, tuple[Evidence, ...]]


def weighed(verifier: Verifier, question: str, passages: Sequence[Document]) -> Weighed:
    """Ask the check for both sides of a question."""
    again = Claim(_statement(question))
    claims = [Claim("Yes."), Claim("No."), Claim(f"Yes, {again.text}")]
    supports = [
        *verifier.verify(question, claims, passages),
        *verifier.verify("", [again], passages),
    ]
    yes_odds, no_odds, *others = (log_odds(support.probability, CLIPPED) for support in supports)
    values = [yes_odds - no_odds, max(yes_odds, no_odds), *others]
    yes = max(supports[0], supports[2], key=lambda support: support.probability)
    return Weighed(values, {"yes": yes.evidence, "no": supports[1].evidence, "nothing": ()})


class WeighedAgreement:
    """The side that the check supports, where it is sure of one."""

    def __init__(self, verifier: Verifier, weights: Path = SHIPPED / WEIGHTS) -> None:
        self._verifier = verifier
        self.weights = AgreementWeights.model_validate_json(weights.read_text(encoding="utf-8"))

    def agree(self, question: str, passages: Sequence[Document]) -> Agreed | None:
        """Return the side that the passages tell; None where they surely tell neither."""
        found = weighed(self._verifier, question, passages)
        probability, side = self.weights.best(found.values)
        evidence = found.evidence[side]
        if side == "nothing" or probability < self.weights.sure or not evidence:
            return None
        return Agreed(side, probability, evidence)

    async def aagree(self, question: str, passages: Sequence[Document]) -> Agreed | None:
        """Do the same off the event loop."""
        return await asyncio.to_thread(self.agree, question, passages)


def _statement(question: str) -> str:
    """Leave out the verb that a question for yes or no begins with."""
    words = question.rstrip("?. ").split()
    at = next((at for at, word in enumerate(words) if YES_NO.fullmatch(word)), -1)
    return " ".join([*words[:at], *words[at + 1 :]] if at >= 0 else words) + "."
