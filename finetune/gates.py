"""Decide whether an adapter may be used: floors and ceilings, for the figures that its data has."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from finetune.evaluate import Evaluation
from finetune.forgetting import Forgetting
from finetune.manifest import Gate


class Gates(BaseModel):
    """Bounds of the figures; one that the held-back rows cannot give is not asked for."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    gain: float = 0.02
    """Least by which the headline score must exceed the base model's."""
    refusal_recall: float = Field(0.7, ge=0, le=1)
    """Least share of unanswerable questions that are refused."""
    over_refusal: float = Field(0.25, ge=0, le=1)
    """Largest share of answerable questions that are refused."""
    valid_records: float = Field(0.95, ge=0, le=1)
    """Least share of well-formed records."""
    stop_rate: float = Field(0.95, ge=0, le=1)
    """Least share of replies that end by themselves."""
    forgetting: float = Field(0.05, ge=0)
    """Largest rise of perplexity on general examples, as a share."""


def judge(
    found: Evaluation, base: Evaluation, forgetting: Forgetting | None, gates: Gates
) -> dict[str, Gate]:
    """Compare an adapter's figures with their bounds; the gain counts the rows of both."""
    judged = {"gain": Gate(value=found.on(base).score - base.score, floor=gates.gain)}
    metrics = found.metrics()
    for name in ("refusal_recall", "valid_records", "stop_rate"):
        if name in metrics:
            judged[name] = Gate(value=metrics[name].value, floor=getattr(gates, name))
    if "over_refusal" in metrics:
        value = metrics["over_refusal"].value
        judged["over_refusal"] = Gate(value=value, ceiling=gates.over_refusal)
    if forgetting is not None:
        judged["forgetting"] = Gate(value=forgetting.change, ceiling=gates.forgetting)
    return judged
