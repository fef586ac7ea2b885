"""Train an adapter of a comparison's own on rows that were made for it, once."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from app.assistant import Assistant
from app.compare.plan.arms import Adapter, Trained
from app.compare.run.reuse import Kept
from app.provenance import key
from app.tuning.tune import Lineage, train_adapter, training
from finetune.causal import load_tokenizer
from finetune.config import TrainConfig
from finetune.data.examples import Example
from finetune.data.report import check


@dataclass(frozen=True)
class OwnTraining:
    """Trains adapters of the assistant's base in `folder`."""

    assistant: Assistant
    folder: Path
    kept: Kept
    seed: int

    def train(self, name: Adapter, rows: Sequence[Example], recipe: TrainConfig) -> Trained:
        """Train on rows, or take up a training of the same rows, base, recipe and code.

        The seconds are those since it was last resumed.
        """
        base = self.assistant.folder
        recipe = recipe.model_copy(update={"seed": self.seed})
        data = check(
            {"train": rows},
            load_tokenizer(base),
            max_length=recipe.max_length,
            on_overlong=recipe.on_overlong,
        )
        lineage = Lineage(name=name, command="groundtune compare")
        made = training(base, data, lineage) | {"settings": recipe.model_dump(mode="json")}
        run = self.folder / f"{name}-{key(made)}"
        start = time.perf_counter()
        adapter = train_adapter(base, data, run, recipe, lineage, progress=True).adapter
        took = adapter / "seconds.txt"
        self.kept.note(f"the {name} training", reused=int(took.exists()), of=1)
        if not took.exists():
            took.write_text(f"{time.perf_counter() - start:.1f}\n", encoding="utf-8")
        return Trained(adapter, float(took.read_text(encoding="utf-8")))
