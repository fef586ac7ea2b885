import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from filelock import FileLock
from peft import PeftModel
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM
from tuning_parts import encoded, example, examples

from finetune.config import TrainConfig
from finetune.data.encoding import Encoded
from finetune.data.examples import Kind
from finetune.errors import DataError, TrainingDiverged
from finetune.registry.merge import merge_adapter
from finetune.training.hardware import compute_dtype, require_packages
from finetune.training.results import TrainResult
from finetune.training.runs import last_checkpoint
from finetune.training.sft import train

HERE = Path(__file__).parent
QUICK = TrainConfig(
    rank=4, batch=4, epochs=6, learning_rate=1e-2, evaluations=0, track="none", dtype="float32"
)


@pytest.fixture(autouse=True)
def _one_thread(one_thread: None) -> None:
    pass


def run_tiny(model: Path, run: Path, config: TrainConfig = QUICK, **options) -> TrainResult:
    return train(model, encoded(model), run, config, identity={"data": "tiny"}, **options)


def weights(adapter: Path) -> dict[str, torch.Tensor]:
    return load_file(adapter / "adapter_model.safetensors")


def same(left: dict[str, torch.Tensor], right: dict[str, torch.Tensor]) -> bool:
    return left.keys() == right.keys() and all(torch.equal(left[k], right[k]) for k in left)


def test_loss_falls_and_only_the_adapter_moves(tiny_model: Path, tmp_path: Path) -> None:
    before = load_file(tiny_model / "model.safetensors")
    result = run_tiny(tiny_model, tmp_path / "run")
    assert result.steps == 18  # 12 examples, 4 a step, 6 epochs
    assert result.losses[-1][1] < 0.7 * result.losses[0][1]
    assert same(load_file(tiny_model / "model.safetensors"), before)
    adapter = weights(result.adapter)
    # 7 projections in each of 2 layers, two matrices each, none for the head
    assert len(adapter) == 28
    assert all("lora_" in name and "lm_head" not in name for name in adapter)
    base = AutoModelForCausalLM.from_pretrained(tiny_model)
    loaded = PeftModel.from_pretrained(base, str(result.adapter))
    ids = torch.tensor([encoded(tiny_model)[0].ids])
    with torch.inference_mode(), loaded.disable_adapter():
        plain = loaded(ids).logits
    with torch.inference_mode():
        assert (loaded(ids).logits - plain).abs().max() > 0.1


def test_the_same_seed_gives_the_same_adapter_and_another_seed_another(
    tiny_model: Path, tmp_path: Path
) -> None:
    config = QUICK.model_copy(update={"dropout": 0.1, "epochs": 2})
    first = weights(run_tiny(tiny_model, tmp_path / "1", config).adapter)
    again = weights(run_tiny(tiny_model, tmp_path / "2", config).adapter)
    other = config.model_copy(update={"seed": 14})
    assert same(first, again)
    assert not same(first, weights(run_tiny(tiny_model, tmp_path / "3", other).adapter))


def test_sharing_prefixes_changes_nothing_but_the_speed(tiny_model: Path, tmp_path: Path) -> None:
    whole_batch = QUICK.model_copy(update={"batch": 12, "epochs": 3})  # order cannot matter
    apart = whole_batch.model_copy(update={"share_prefixes": False})
    shared = run_tiny(tiny_model, tmp_path / "1", whole_batch)
    separate = run_tiny(tiny_model, tmp_path / "2", apart)
    assert shared.steps == separate.steps == 3
    assert [loss for _, loss in shared.losses] == pytest.approx(
        [loss for _, loss in separate.losses], rel=1e-4
    )


def divergence(base: Path, adapter: Path, rows: list[Encoded]) -> float:
    """Kullback-Leibler divergence of adapter from base, a token, by its definition."""
    model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(base), str(adapter))
    found = []
    for row in rows:
        ids = torch.tensor([row.ids])
        with torch.inference_mode():
            tuned = model(ids).logits[0, row.prompt_length - 1 : -1].softmax(-1)
            with model.disable_adapter():
                plain = model(ids).logits[0, row.prompt_length - 1 : -1].softmax(-1)
        found.append((plain * (plain / tuned).log()).sum(-1))
    return float(torch.cat(found).mean())


def test_rehearsal_keeps_the_distribution_of_the_base(tiny_model: Path, tmp_path: Path) -> None:
    answered = examples()
    kept = [example(f"kept-{n}", f"Write {n}.", f"{n} bees", passage="ferry") for n in range(6)]
    words = encoded(tiny_model, kept)
    rehearsed = encoded(tiny_model, [r.model_copy(update={"kind": Kind.REHEARSAL}) for r in kept])

    def trained(rows: list[Encoded], name: str) -> TrainResult:
        return train(tiny_model, rows, tmp_path / name, QUICK, identity={"rows": name})

    first = encoded(tiny_model, answered)
    without = divergence(tiny_model, trained(first, "without").adapter, words)
    result = trained([*first, *rehearsed], "with")
    assert without > 0.1
    assert divergence(tiny_model, result.adapter, words) < 0.5 * without
    # A new adapter is the base: rehearsal costs nothing, whatever the words are.
    assert trained(rehearsed, "alone").losses[0][1] == pytest.approx(0, abs=1e-5)


def test_the_last_of_the_best_is_kept_and_training_stops_when_it_gets_worse(
    tiny_model: Path, tmp_path: Path
) -> None:
    given = iter([0.2, 0.9, 0.9, 0.3, 0.4, 0.95])
    seen: list[dict[str, torch.Tensor]] = []

    def score(model, _tokenizer) -> float:
        state = {n: p.detach().clone() for n, p in model.named_parameters() if p.requires_grad}
        seen.append(state)
        return next(given)

    config = QUICK.model_copy(update={"evaluations": 6, "patience": 2})
    result = run_tiny(tiny_model, tmp_path / "run", config, score=score)
    assert result.scores == [(3, 0.2), (6, 0.9), (9, 0.9), (12, 0.3), (15, 0.4)]
    assert result.steps == 15
    kept = weights(result.adapter)
    best = {name.replace(".default", ""): value for name, value in seen[2].items()}
    assert same(kept, best)


def start_tiny(*arguments: str, launcher: tuple[str, ...] = ()) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, *launcher, str(HERE / "train_tiny.py"), *arguments],
        env={**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(HERE)},
        capture_output=True,
        text=True,
    )


def test_a_run_killed_midway_and_resumed_ends_with_the_weights_of_one_that_was_not(
    tiny_model: Path, tmp_path: Path
) -> None:
    whole = start_tiny(str(tiny_model), str(tmp_path / "whole"))
    assert whole.returncode == 0, whole.stderr
    killed = start_tiny(str(tiny_model), str(tmp_path / "killed"), "4")
    assert killed.returncode == -signal.SIGKILL
    assert last_checkpoint(tmp_path / "killed") is not None
    assert not (tmp_path / "killed" / "checkpoint-12").exists()
    resumed = start_tiny(str(tiny_model), str(tmp_path / "killed"))
    assert resumed.returncode == 0, resumed.stderr
    left, right = (weights(tmp_path / name / "best") for name in ("whole", "killed"))
    assert same(left, right)
    scores = [json.loads((tmp_path / n / "scores.json").read_text()) for n in ("whole", "killed")]
    assert scores[0] == scores[1]
    assert [at for at, _ in scores[0]] == [2, 4, 6, 8, 10, 12]


def test_a_finished_training_is_taken_up_without_its_model(
    tiny_model: Path, tmp_path: Path
) -> None:
    done, rows = run_tiny(tiny_model, tmp_path), encoded(tiny_model)
    assert done.losses
    gone = tmp_path / "no model is here"
    assert train(gone, rows, tmp_path, QUICK, identity={"data": "tiny"}) == done
    shutil.rmtree(done.adapter)
    assert run_tiny(tiny_model, tmp_path) == done
    assert weights(done.adapter)


def test_a_finished_training_whose_best_adapter_is_gone_says_so(
    tiny_model: Path, tmp_path: Path
) -> None:
    config = QUICK.model_copy(update={"evaluations": 2})
    done = run_tiny(tiny_model, tmp_path, config, score=lambda *_: 1.0)
    (done.adapter / "adapter_model.safetensors").unlink()
    with pytest.raises(DataError, match="its adapter is gone from"):
        run_tiny(tiny_model, tmp_path, config, score=lambda *_: 1.0)


def test_two_processes_train_on_gloo(tiny_model: Path, tmp_path: Path) -> None:
    launcher = ("-m", "torch.distributed.run", "--nproc_per_node", "2")
    done = start_tiny(str(tiny_model), str(tmp_path / "run"), launcher=launcher)
    assert done.returncode == 0, done.stderr[-2000:]
    assert len(weights(tmp_path / "run" / "best")) == 28
    # Each step takes a bundle of each process: there are fewer than the twelve of one process.
    assert str(last_checkpoint(tmp_path / "run")).endswith("checkpoint-8")


def test_a_folder_in_which_a_training_is_at_work_is_refused(
    tiny_model: Path, tmp_path: Path
) -> None:
    with (
        FileLock(tmp_path / ".lock"),
        pytest.raises(DataError, match="another training is at work in"),
    ):
        run_tiny(tiny_model, tmp_path, QUICK)


def test_a_checkpoint_that_was_cut_off_is_passed_over(tmp_path: Path) -> None:
    for step, state in ((5, "{}"), (10, "{}"), (15, '{"cut'), (20, None)):
        folder = tmp_path / f"checkpoint-{step}"
        folder.mkdir()
        if state is not None:
            (folder / "trainer_state.json").write_text(state)
    assert last_checkpoint(tmp_path) == str(tmp_path / "checkpoint-10")


def test_a_folder_with_another_training_is_refused(tiny_model: Path, tmp_path: Path) -> None:
    config = QUICK.model_copy(update={"epochs": 1})
    run_tiny(tiny_model, tmp_path, config)
    with pytest.raises(DataError, match="holds a training with other config: name another folder"):
        run_tiny(tiny_model, tmp_path, config.model_copy(update={"rank": 8}))
    with pytest.raises(DataError, match="holds a training with other data"):
        train(tiny_model, encoded(tiny_model), tmp_path, config, identity={"data": "other"})


def test_a_gradient_that_is_no_number_stops_the_run_and_keeps_the_last_good_checkpoint(
    tiny_model: Path, tmp_path: Path
) -> None:
    def poison(model, _tokenizer) -> float:
        if (tmp_path / "checkpoint-9").exists():
            weight = next(p for n, p in model.named_parameters() if "lora_B" in n)
            weight.data.fill_(float("nan"))
        return 0.0

    config = QUICK.model_copy(update={"evaluations": 6, "checkpoints": 6, "patience": 9})
    with pytest.raises(TrainingDiverged, match="step 13 is not finite") as caught:
        run_tiny(tiny_model, tmp_path, config, score=poison)
    assert "lower the learning rate" in str(caught.value)
    good = Path(str(last_checkpoint(tmp_path)))
    assert good.name in ("checkpoint-9", "checkpoint-12")
    assert all(tensor.isfinite().all() for tensor in weights(tmp_path / "checkpoint-9").values())


def test_an_adapter_on_a_base_in_bfloat16_is_trained_in_float32(
    tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("finetune.training.sft.base_dtype", compute_dtype)  # as on a GPU
    config = QUICK.model_copy(update={"dtype": "bfloat16"})
    held: set[tuple[bool, torch.dtype]] = set()

    def score(model: Any, _tokenizer: object) -> float:
        held.update(("lora_" in name, p.dtype) for name, p in model.named_parameters())
        return float(len(held))

    result = run_tiny(
        tiny_model, tmp_path / "run", config.model_copy(update={"evaluations": 1}), score=score
    )
    assert held == {(True, torch.float32), (False, torch.bfloat16)}
    assert result.losses[-1][1] < 0.7 * result.losses[0][1]
    assert {tensor.dtype for tensor in weights(result.adapter).values()} == {torch.float32}
    assert merge_adapter(tiny_model, result.adapter, tmp_path / "merged").from_base > 0.1


def test_qlora_without_cuda_is_one_clear_line() -> None:
    with pytest.raises(DataError, match=r"method 'qlora' needs a CUDA device.*use method 'lora'"):
        require_packages(QUICK.model_copy(update={"method": "qlora"}))
    require_packages(QUICK)


def test_bf16_is_chosen_only_where_the_processor_computes_in_it() -> None:
    assert compute_dtype(flags=frozenset({"avx512_bf16"})) is torch.bfloat16
    assert compute_dtype(flags=frozenset({"avx2", "fma"})) is torch.float32
    assert compute_dtype("float32", flags=frozenset({"avx512_bf16"})) is torch.float32


def test_a_tracker_that_is_not_installed_is_named(tiny_model: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="pip install wandb"):
        run_tiny(tiny_model, tmp_path, QUICK.model_copy(update={"track": "wandb"}))


def test_losses_and_scores_reach_tensorboard(tiny_model: Path, tmp_path: Path) -> None:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    config = QUICK.model_copy(update={"track": "tensorboard", "evaluations": 2})
    run_tiny(tiny_model, tmp_path, config, score=lambda *_: 0.5)
    (events,) = tmp_path.glob("runs/*/events*")
    logged = EventAccumulator(str(events.parent)).Reload()
    wanted = {"train/loss", "train/learning_rate", "train/grad_norm", "train/dev_score"}
    assert wanted <= set(logged.Tags()["scalars"])
    assert len(logged.Scalars("train/loss")) == 18


def test_a_training_goes_on_from_an_adapter(tiny_model: Path, tmp_path: Path) -> None:
    first = run_tiny(tiny_model, tmp_path / "first")
    shorter = QUICK.model_copy(update={"epochs": 1, "learning_rate": 1e-4})
    further = run_tiny(tiny_model, tmp_path / "further", shorter, start=first.adapter)
    assert further.losses[0][1] < first.losses[-1][1] + 0.5
    moved = weights(further.adapter)
    assert moved.keys() == weights(first.adapter).keys()
    assert not same(moved, weights(first.adapter))


def test_a_share_of_the_adapter_gone_on_from_is_averaged_in(
    tiny_model: Path, tmp_path: Path
) -> None:
    first = run_tiny(tiny_model, tmp_path / "first")
    shorter = QUICK.model_copy(update={"epochs": 1})
    whole = run_tiny(tiny_model, tmp_path / "whole", shorter, start=first.adapter)
    quarter = shorter.model_copy(update={"start_share": 0.25})
    mixed = run_tiny(tiny_model, tmp_path / "mixed", quarter, start=first.adapter)
    old, new = weights(first.adapter), weights(whole.adapter)
    for name, found in weights(mixed.adapter).items():
        torch.testing.assert_close(found, 0.25 * old[name] + 0.75 * new[name])
    PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(tiny_model), str(mixed.adapter))
