"""Search learning rate and rank with Optuna; every trial is kept, a killed sweep goes on.

Knows how to ask for a training's score; knows nothing of how it is reached.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from weakref import finalize

import optuna
from optuna.trial import TrialState
from pydantic import BaseModel, ConfigDict, Field, PositiveFloat, PositiveInt

from finetune.config import TrainConfig
from finetune.errors import TrainingDiverged

Rate = Callable[[TrainConfig, Path], float]
"""Trains in a folder and returns the score on held-back examples, higher is better."""
FINISHED = (TrialState.COMPLETE, TrialState.PRUNED)


class SweepConfig(BaseModel):
    """What is searched, and how long."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    trials: PositiveInt = 8
    """Trainings in all, those of an earlier, interrupted sweep included."""
    learning_rates: tuple[PositiveFloat, PositiveFloat] = (1e-4, 3e-3)
    """Lowest and highest learning rate, drawn from evenly by order of magnitude."""
    ranks: tuple[int, ...] = Field((4, 8, 16), min_length=1)
    """Ranks to choose from; alpha is twice the rank, but for the recipe's own rank the recipe's."""
    seed: int = 13
    """Of Optuna's sampler."""


def sweep(rate: Rate, folder: Path, config: TrainConfig, space: SweepConfig) -> optuna.Study:
    """Run what is missing of the sweep kept in `folder`; a trial that diverges does not end it.

    The best configuration is `best_config(study, config)`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    storage = optuna.storages.RDBStorage(f"sqlite:///{folder / 'sweep.sqlite'}")
    study = optuna.create_study(
        study_name="sweep", storage=storage, direction="maximize", load_if_exists=True
    )
    finalize(study, storage.engine.dispose)  # Optuna leaves connections open
    while (done := len(study.get_trials(states=FINISHED))) < space.trials:
        # Seeded anew for each trial: one that was interrupted is drawn again, and its training
        # resumes in the same folder.
        study.sampler = optuna.samplers.TPESampler(seed=space.seed + done)
        study.optimize(_objective(rate, folder / f"trial-{done}", config, space), n_trials=1)
    return study


def _objective(
    rate: Rate, folder: Path, config: TrainConfig, space: SweepConfig
) -> Callable[[optuna.Trial], float]:
    def objective(trial: optuna.Trial) -> float:
        try:
            return rate(_suggest(trial, config, space), folder)
        except TrainingDiverged as error:
            raise optuna.TrialPruned(str(error)) from error

    return objective


def best_config(study: optuna.Study, config: TrainConfig) -> TrainConfig:
    """Return the configuration of the trial that scored highest.

    Raises TrainingDiverged when every trial did.
    """
    if not study.get_trials(states=[TrialState.COMPLETE]):
        diverged = study.get_trials(states=[TrialState.PRUNED])
        tried = ", ".join(f"{trial.params['learning_rate']:.2g}" for trial in diverged)
        raise TrainingDiverged(
            f"every trial diverged, at learning rates of {tried}: look for damaged rows in the "
            "report of the data set, or compute in --train.dtype float32"
        )
    return _with(config, study.best_params["learning_rate"], study.best_params["rank"])


def _suggest(trial: optuna.Trial, config: TrainConfig, space: SweepConfig) -> TrainConfig:
    low, high = space.learning_rates
    return _with(
        config,
        trial.suggest_float("learning_rate", low, high, log=True),
        int(trial.suggest_categorical("rank", space.ranks)),
    )


def _with(config: TrainConfig, learning_rate: float, rank: int) -> TrainConfig:
    # Of the rank that was asked for, alpha was asked for as well.
    alpha = config.alpha if rank == config.rank else 2 * rank
    changed = {"learning_rate": learning_rate, "rank": rank, "alpha": alpha}
    return config.model_copy(update=changed)
