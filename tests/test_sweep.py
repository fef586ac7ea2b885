import math
from pathlib import Path

import pytest

from finetune.config import TrainConfig
from finetune.errors import TrainingDiverged
from finetune.training.sweep import SweepConfig, best_config, sweep

SPACE = SweepConfig(trials=6)
CONFIG = TrainConfig()


class Rated:
    """Scores a configuration by a formula whose best learning rate is 1e-3; remembers all."""

    def __init__(self, *, broken: int = -1, diverging: int = -1) -> None:
        self.seen: list[tuple[float, int]] = []
        self.folders: set[str] = set()
        self.broken, self.diverging = broken, diverging

    def __call__(self, config: TrainConfig, folder: Path) -> float:
        self.folders.add(folder.name)
        self.seen.append((config.learning_rate, config.rank))
        if len(self.seen) == self.diverging:
            raise TrainingDiverged("not finite")
        if len(self.seen) == self.broken:
            raise KeyboardInterrupt
        return -abs(math.log10(config.learning_rate) + 3) + config.rank / 1000


def test_the_best_configuration_is_the_one_that_scored_highest(tmp_path: Path) -> None:
    rate = Rated()
    study = sweep(rate, tmp_path, CONFIG, SPACE)
    assert len(rate.seen) == 6
    best = max(rate.seen, key=lambda seen: -abs(math.log10(seen[0]) + 3) + seen[1] / 1000)
    chosen = best_config(study, CONFIG)
    assert (chosen.learning_rate, chosen.rank, chosen.alpha) == (*best, 2 * best[1])
    assert all(1e-4 <= rate <= 3e-3 and rank in (4, 8, 16) for rate, rank in rate.seen)


def test_the_rank_of_the_recipe_keeps_the_recipes_alpha(tmp_path: Path) -> None:
    recipe = CONFIG.model_copy(update={"rank": 8, "alpha": 32})
    seen: list[tuple[int, float]] = []

    def rate(config: TrainConfig, folder: Path) -> float:
        seen.append((config.rank, config.alpha))
        return 0.0

    alone = sweep(rate, tmp_path / "alone", recipe, SweepConfig(trials=2, ranks=(8,)))
    assert best_config(alone, recipe).alpha == 32
    sweep(rate, tmp_path / "all", recipe, SPACE)
    assert {alpha for rank, alpha in seen if rank == 8} == {32}
    assert {(rank, alpha) for rank, alpha in seen if rank != 8} <= {(4, 8), (16, 32)}


def test_an_interrupted_sweep_goes_on_where_it_stopped(tmp_path: Path) -> None:
    first = Rated(broken=4)
    with pytest.raises(KeyboardInterrupt):
        sweep(first, tmp_path / "broken", CONFIG, SPACE)
    second = Rated()
    resumed = sweep(second, tmp_path / "broken", CONFIG, SPACE)
    whole = sweep(Rated(), tmp_path / "whole", CONFIG, SPACE)
    assert len(second.seen) == 3
    assert second.seen[0] == first.seen[3]  # the interrupted trial is taken up in its folder
    assert sorted(first.folders & second.folders) == ["trial-3"]
    assert resumed.best_params == whole.best_params
    nothing_left = Rated()
    sweep(nothing_left, tmp_path / "broken", CONFIG, SPACE)
    assert nothing_left.seen == []


def test_a_trial_that_diverges_does_not_end_the_sweep(tmp_path: Path) -> None:
    rate = Rated(diverging=2)
    study = sweep(rate, tmp_path, CONFIG, SPACE)
    assert len(rate.seen) == 6
    assert [trial.state.name for trial in study.trials].count("PRUNED") == 1


@pytest.mark.parametrize("interrupted", [0, 1])
def test_a_sweep_whose_trials_all_diverge_says_so(tmp_path: Path, interrupted: int) -> None:
    def diverging(config: TrainConfig, folder: Path) -> float:
        raise TrainingDiverged("not finite")

    study = sweep(diverging, tmp_path, CONFIG, SweepConfig(trials=2))
    for _ in range(interrupted):
        study.ask()  # killed before a learning rate was drawn
    with pytest.raises(
        TrainingDiverged, match=r"^every trial diverged, at learning rates of \S+, \S+: look"
    ):
        best_config(study, CONFIG)
