"""Train the tiny model in a process of its own: `python train_tiny.py MODEL RUN [KILL_AT_STEP]`."""

import os
import signal
import sys
from pathlib import Path
from typing import Any

import torch
from tuning_parts import encoded

from finetune.config import TrainConfig
from finetune.training.sft import train

CONFIG = TrainConfig(
    rank=4,
    batch=4,
    epochs=4,
    dropout=0.1,  # so that resuming needs the random state as well
    evaluations=6,
    patience=9,
    checkpoints=6,
    track="none",
    dtype="float32",
)


def main() -> None:
    model, run = Path(sys.argv[1]), Path(sys.argv[2])
    kill_at = int(sys.argv[3]) if len(sys.argv) > 3 else 0
    rated: list[int] = []

    def score(model: Any, _tokenizer: object) -> float:
        rated.append(1)
        if len(rated) == kill_at:
            os.kill(os.getpid(), signal.SIGKILL)
        moved = [p.norm() for name, p in model.named_parameters() if "lora_B" in name]
        return float(sum(moved))  # grows, and says from its digits whether weights are equal

    torch.set_num_threads(1)
    train(model, encoded(model), run, CONFIG, identity={"data": "tiny"}, score=score)


if __name__ == "__main__":
    main()
