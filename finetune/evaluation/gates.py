"""Decide whether an adapter may be used: floors and ceilings, for the figures that its data has."""

from __future__ import annotations

from finetune.config import Gates
from finetune.evaluation.evaluate import Evaluation
from finetune.evaluation.forgetting import Forgetting
from finetune.registry.manifest import Gate


def judge(
    found: Evaluation, base: Evaluation, forgetting: Forgetting | None, gates: Gates
) -> dict[str, Gate]:
    """Compare an adapter's figures with their bounds.

    The gain is the lower end of its interval: a lucky draw of rows does not pass.
    """
    gain = found.gain(base)
    judged = {"gain": Gate(value=gain.low if gain else 0.0, floor=gates.gain)}
    metrics = found.metrics()
    for name in ("refusal_recall", "valid_records", "stop_rate"):
        if name in metrics:
            judged[name] = Gate(value=metrics[name].value, floor=getattr(gates, name))
    if "over_refusal" in metrics:
        value = metrics["over_refusal"].value
        judged["over_refusal"] = Gate(value=value, ceiling=gates.over_refusal)
    if forgetting is not None:
        judged["forgetting"] = Gate(value=forgetting.lost, ceiling=gates.forgetting)
    return judged
