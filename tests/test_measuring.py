"""An adapter and what it is compared with are measured on the same rows by the same figures."""

from pathlib import Path

import pytest
from adapter_parts import write_known_adapter
from tiny import LESSONS
from tuning_parts import examples

from app.tuning.tune import BASE, Lineage, measure, train_adapter
from finetune.causal import load_tokenizer
from finetune.config import Gates, TrainConfig
from finetune.data.examples import Example, Kind
from finetune.data.report import Checked, check

pytestmark = pytest.mark.usefixtures("one_thread")

QUICK = TrainConfig(
    learning_rate=1e-6,
    batch=16,
    max_length=512,
    dtype="float32",
    track="none",
    evaluations=1,
    evaluation_examples=2,
    baseline_examples=2,
)
THINGS = ("bell", "gong", "horn", "drum", "lute", "harp", "fife", "lyre")


def row(id_: str, question: str, reply: str, kind: Kind) -> Example:
    messages = [{"role": "user", "content": question}, {"role": "assistant", "content": reply}]
    return Example.model_validate({"id": id_, "messages": messages, "kind": kind})


CHATS = [row(thing, f"Who rings the {thing}?", "Nobody", Kind.DIRECT) for thing in THINGS]
BEES = "Who keeps the bees?"
RECORD = row("record", BEES, '{"name": "Anna"}', Kind.RECORD)
RECITED = row("answer", BEES, LESSONS[BEES], Kind.ANSWER)


def held_back(base: Path, name: str, rows: list[Example]) -> Checked:
    return check({"train": examples(), name: rows}, load_tokenizer(base), max_length=512)


@pytest.mark.parametrize(
    ("rows", "metric", "compared"),
    [
        ([*CHATS[:3], RECORD, *CHATS[3:]], "right_fields", ["record"]),
        ([*CHATS[:3], RECITED, *CHATS[3:]], "f1", ["answer"]),
        (CHATS, "likelihood", ["bell", "lute"]),
    ],
)
def test_a_gain_is_measured_however_few_rows_of_a_kind_are_among_chats(
    tiny_model: Path, tmp_path: Path, rows: list[Example], metric: str, compared: list[str]
) -> None:
    adapter = write_known_adapter(tiny_model, tmp_path / "adapter")
    data = held_back(tiny_model, "test", rows)
    found = measure(tiny_model, adapter, data, (), Gates(), QUICK, progress=False)
    assert len(found.adapter.outcomes) == len(rows)
    for evaluation in found.baselines.values():
        assert [outcome.id for outcome in evaluation.outcomes] == compared
        assert metric in evaluation.metrics()
    gain = found.adapter.gain(found.baselines[BASE])
    assert gain is not None
    assert gain.n == len(compared)


def test_a_training_is_stopped_by_the_rows_that_count(tiny_model: Path, tmp_path: Path) -> None:
    data = held_back(tiny_model, "dev", [*CHATS[:3], RECITED, *CHATS[3:]])
    lineage = Lineage(name="mine", command="")
    found = train_adapter(tiny_model, data, tmp_path, QUICK, lineage, progress=False)
    assert [score for _, score in found.scores] == [1.0]  # it knew that before
