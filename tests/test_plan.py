from pathlib import Path

from tuning_parts import encoded

from finetune.config import TrainConfig
from finetune.training.plan import plan
from finetune.training.sft import train

CONFIG = TrainConfig(rank=4, batch=4, epochs=6, evaluations=0, track="none", dtype="float32")


def test_a_plan_counts_what_a_run_then_does(
    tiny_model: Path, tmp_path: Path, one_thread: None
) -> None:
    rows = encoded(tiny_model)
    planned = plan(tiny_model, rows, tmp_path / "plan", CONFIG)
    assert planned.examples == 12
    assert planned.tokens == sum(len(row.ids) for row in rows)
    assert planned.trained_tokens == sum(len(row.ids) - row.prompt_length for row in rows)
    assert planned.computed_tokens < 0.6 * planned.tokens
    assert planned.sequences == 3
    assert planned.examples_per_step == 4
    assert planned.tokens_per_second > 0
    assert planned.memory_gib > 0
    done = train(tiny_model, rows, tmp_path / "run", CONFIG, identity={})
    assert planned.steps == done.steps
