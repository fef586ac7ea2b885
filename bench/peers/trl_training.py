"""TRL's trainer with its defaults, given the same rows, rate, rank, modules and rows a step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
from datasets.arrow_dataset import Dataset
from peft import LoraConfig
from trl.trainer.sft_config import SFTConfig
from trl.trainer.sft_trainer import SFTTrainer

from bench.peers.trained import RANK, RATE, SEED, training
from bench.peers.turns import Work, serve
from finetune.data.examples import Example


def load(work: Work) -> Callable[[], dict[str, Any]]:
    """Read the examples."""
    return training(work, _train)


def _train(base: Path, examples: Sequence[Example], folder: Path) -> Path:
    rows = [
        {
            "prompt": row.prompt_chat(),
            "completion": [{"role": "assistant", "content": row.completion}],
        }
        for row in examples
    ]
    trainer = SFTTrainer(
        model=str(base),
        args=SFTConfig(
            output_dir=str(folder),
            learning_rate=RATE,
            num_train_epochs=1,
            seed=SEED,
            save_strategy="no",
            report_to="none",
            disable_tqdm=True,
            use_cpu=not torch.cuda.is_available(),
        ),
        train_dataset=Dataset.from_list(rows),
        peft_config=LoraConfig(r=RANK, lora_alpha=2 * RANK, target_modules="all-linear"),
    )
    trainer.train()
    trainer.save_model(str(folder / "adapter"))
    return folder / "adapter"


if __name__ == "__main__":
    serve(load)
