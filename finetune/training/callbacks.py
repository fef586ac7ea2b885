"""Watch a training: stop it when it diverges or no longer helps, keep its best, show progress."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from tqdm import tqdm
from transformers import TrainerCallback

from finetune.config import TrainConfig
from finetune.errors import TrainingDiverged
from finetune.whole_files import write_whole

Score = Callable[[Any, Any], float]
"""Rates (model, tokenizer) on held-back examples, higher is better."""


class StopWhenNotFinite(TrainerCallback):
    """Stop before a broken gradient reaches the weights; the checkpoints so far stay good."""

    def __init__(self, run: Path) -> None:
        self.run = run

    def on_pre_optimizer_step(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Raise TrainingDiverged when a gradient holds what is no number."""
        gradients = (p.grad for p in kwargs["model"].parameters() if p.grad is not None)
        if not all(torch.isfinite(gradient).all() for gradient in gradients):
            raise TrainingDiverged(
                f"the gradient of step {state.global_step + 1} is not finite: the last good "
                f"checkpoint is kept in {self.run}; lower the learning rate ({args.learning_rate})"
            )


class BestAdapter(TrainerCallback):
    """Answer held-back examples now and then; keep the last best adapter, stop when worse.

    transformers' early stopping keeps the first of equal scores and takes a tie for standing still;
    ten examples tie often.
    """

    def __init__(
        self, folder: Path, score: Score | None, config: TrainConfig, trainer: Any
    ) -> None:
        self.folder = folder
        self._score = score if config.evaluations else None
        self._config = config
        self._trainer = trainer
        self._record = folder.parent / "scores.json"
        self.scores: list[tuple[int, float]] = []

    def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Take up the scores of a run that is resumed, up to the step it resumes from."""
        if self._record.exists():
            known = json.loads(self._record.read_text())
            self.scores = [(at, score) for at, score in known if at <= state.global_step]

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Evaluate at equal distances, the last step included."""
        if self._score is None or not self._is_due(state):
            return
        model = kwargs["model"]
        model.eval()
        score = self._score(model, self._trainer.processing_class)
        model.train()
        better = all(score >= earlier for _, earlier in self.scores)  # few examples tie easily
        self.scores.append((state.global_step, score))
        due = control.should_log
        self._trainer.log({"dev_score": score})
        control.should_log = due  # logging the score must not swallow this step's loss
        if state.is_world_process_zero:
            self._keep(better)
        control.should_training_stop |= self._is_stuck()

    def _is_due(self, state: Any) -> bool:
        every = max(1, state.max_steps // self._config.evaluations)
        done = state.global_step in {at for at, _ in self.scores}
        return not done and (
            state.global_step == state.max_steps
            or (state.global_step % every == 0 and state.max_steps - state.global_step >= every)
        )

    def _keep(self, better: bool) -> None:
        if better:
            self._trainer.save_model(str(self.folder))
        write_whole(self._record, json.dumps(self.scores))

    def _is_stuck(self) -> bool:
        best = max(range(len(self.scores)), key=lambda at: (self.scores[at][1], at))
        return len(self.scores) - 1 - best >= self._config.patience


class Progress(TrainerCallback):
    """One bar with the loss and the time left."""

    def __init__(self, *, enabled: bool) -> None:
        self._enabled = enabled
        self._bar: Any = None

    def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Open the bar where the run stands."""
        self._bar = tqdm(
            total=state.max_steps,
            initial=state.global_step,
            desc="training",
            unit="step",
            disable=not (self._enabled and state.is_world_process_zero),
        )

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Advance."""
        self._bar.update(1)

    def on_log(
        self, args: Any, state: Any, control: Any, logs: dict[str, float] | None = None, **_: Any
    ) -> None:
        """Show the newest loss and score."""
        shown = {name: logs[name] for name in ("loss", "dev_score") if logs and name in logs}
        if self._bar is not None and shown:
            self._bar.set_postfix({name: f"{value:.3f}" for name, value in shown.items()})

    def on_train_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Close the bar."""
        self._bar.close()
