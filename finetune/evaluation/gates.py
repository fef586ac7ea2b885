"""Decide whether an adapter may be used: floors and ceilings, for the figures that its data has."""

from __future__ import annotations

from finetune.config import Gates
from finetune.evaluation.evaluate import Evaluation
from finetune.evaluation.forgetting import Forgetting
from finetune.registry.manifest import Gate


def judge(
    evaluation: Evaluation, base: Evaluation, forgetting: Forgetting | None, gates: Gates
) -> dict[str, Gate]:
    """Compare an adapter's figures with their bounds.

    The gain is the lower end of its interval: a lucky draw of rows does not pass. A share misses
    its bound when its whole interval does: of a dozen rows it is low by chance as often as not.
    Refusals alone prove nothing: an adapter that refuses everything would pass.
    """
    gain = evaluation.gain(base)
    judged = {"gain": Gate(value=gain.low if gain else 0.0, floor=gates.gain)}
    metrics = evaluation.metrics()
    for name in ("refusal_recall", "valid_records", "stop_rate"):
        if name in metrics:
            share = metrics[name]
            judged[name] = Gate(value=share.value, floor=getattr(gates, name), best=share.high)
    if "over_refusal" in metrics:
        share = metrics["over_refusal"]
        judged["over_refusal"] = Gate(value=share.value, ceiling=gates.over_refusal, best=share.low)
    elif "refusal_recall" in metrics:
        judged["over_refusal"] = Gate(value=1.0, ceiling=gates.over_refusal)
    if forgetting is not None:
        judged["forgetting"] = Gate(value=forgetting.lost, ceiling=gates.forgetting)
    return judged
