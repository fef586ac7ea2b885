"""What adapters have made the model forget, beside their arms' answers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from app.assistant import Assistant
from app.compare.run.reuse import Kept
from app.dataset.rehearsal import sample_measured
from app.models.adapters import find_adapter
from app.models.merged import adapter_fingerprint
from app.settings import Settings
from app.tuning.tune import load_model
from finetune.causal import load_tokenizer
from finetune.config import TrainConfig
from finetune.evaluation.forgetting import perplexity, within_context


def forgotten(
    base: Assistant, arms: Mapping[str, Settings], kept: Kept, *, count: int
) -> dict[str, float]:
    """Return by what share perplexity on `count` general replies of the base rises, by arm.

    Arms without an adapter are left out: they are the base model. What was measured before is
    taken up.
    """
    adapter_of = {
        name: find_adapter(arm.adapter, model=arm.model, registry=arm.registry)
        for name, arm in arms.items()
    }
    adapters = {name: adapter.folder for name, adapter in adapter_of.items() if adapter is not None}
    hashes = {name: adapter_fingerprint(adapter) for name, adapter in adapters.items()}
    made = base.made_by(__name__, index=None, data=[count, hashes])
    return kept.once("forgetting", made, lambda: _measure(base, adapters, count), what="forgetting")


def _measure(base: Assistant, adapters: Mapping[str, Path], count: int) -> dict[str, float]:
    folder, config = base.folder, TrainConfig()
    if not adapters:
        return {}
    replies = sample_measured(base.chat_model, count=count)
    model = load_model(folder, config)
    rows = within_context(model, load_tokenizer(folder), replies)
    before = perplexity(model, rows)
    after = {
        adapter: perplexity(load_model(folder, config, adapter), rows)
        for adapter in set(adapters.values())
    }
    return {name: after[adapter] / before - 1 for name, adapter in adapters.items()}
