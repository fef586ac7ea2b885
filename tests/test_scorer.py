"""Passes hold little that costs and says nothing, and change no score."""

from __future__ import annotations

import random
from itertools import combinations

import pytest
import torch
from transformers import (
    BloomConfig,
    BloomForCausalLM,
    GPT2Config,
    GPT2LMHeadModel,
    LlamaConfig,
    LlamaForCausalLM,
    MistralConfig,
    MistralForCausalLM,
    PreTrainedModel,
)

from finetune.measured import Measured
from finetune.scoring import MAX_PASS_TOKENS, PASS_COST, Scorer, passes, shared_length

TOKENS = 50
LABELS = [3, 4, 5]
SIZES = {"vocab_size": TOKENS, "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2}
ROTARY = {**SIZES, "intermediate_size": 32, "max_position_embeddings": 512}
MODELS = {
    "rotary": lambda: LlamaForCausalLM(LlamaConfig(**ROTARY)),
    "forgets": lambda: MistralForCausalLM(
        MistralConfig(**ROTARY, num_key_value_heads=2, sliding_window=16)
    ),
    "absolute": lambda: GPT2LMHeadModel(GPT2Config(**SIZES)),
    "places untold": lambda: BloomForCausalLM(BloomConfig(**SIZES)),
}


class Counted:
    """Counts the tokens that a model is given."""

    def __init__(self, model: PreTrainedModel) -> None:
        self.tokens = 0
        model.register_forward_pre_hook(self._count, with_kwargs=True)

    def _count(self, _: object, __: object, inputs: dict[str, torch.Tensor]) -> None:
        self.tokens += inputs["input_ids"].numel()


def rows(beginning: int, rest: list[int], measured: int) -> list[Measured]:
    """Return rows with a common beginning, whose last tokens but two are measured."""
    some = random.Random(0)
    start = [some.randrange(1, TOKENS) for _ in range(beginning)]
    made = [[*start, *(some.randrange(1, TOKENS) for _ in range(length))] for length in rest]
    return [Measured(ids, len(ids) - 2 - measured, len(ids) - 2, LABELS) for ids in made]


def alone(model: PreTrainedModel, row: Measured) -> tuple[list[float], list[float]]:
    """Compute a row's label and text scores from a pass of nothing else."""
    with torch.inference_mode():
        said = torch.log_softmax(model(torch.tensor([row.ids])).logits[0].float(), dim=-1)
    text = [float(said[at - 1, row.ids[at]]) for at in range(row.start, row.end)]
    return said[-1, row.labels].tolist(), text


@pytest.mark.parametrize("kind", MODELS)
def test_scores_are_those_of_each_row_alone_whatever_the_model(kind: str) -> None:
    torch.manual_seed(0)
    model = MODELS[kind]().eval()
    asked = rows(beginning=60, rest=[9, 30, 10, 12, 31, 90], measured=5)
    for row, score in zip(asked, Scorer(model, pad=0).score(asked), strict=True):
        labels, text = alone(model, row)
        assert score.labels == pytest.approx(labels, abs=1e-4)
        assert score.text == pytest.approx(text, abs=1e-4)
        assert len(text) == 5


def test_a_common_beginning_passes_once() -> None:
    model = MODELS["rotary"]().eval()
    counted = Counted(model)
    Scorer(model, pad=0).score(rows(beginning=60, rest=[20] * 6, measured=5))
    assert counted.tokens == 60 + 6 * 20
    counted.tokens = 0
    Scorer(model, pad=0).score(rows(beginning=5, rest=[20] * 6, measured=5))
    assert counted.tokens == 6 * 25  # a pass of its own would cost more


def test_what_predicts_a_measured_token_is_not_shared() -> None:
    same = [7] * 10
    assert shared_length([Measured(same, 10, 10, LABELS)] * 2) == 9  # the last says the reply
    assert shared_length([Measured(same, 6, 8, LABELS)] * 2) == 5
    assert shared_length([Measured(same, 1, 2, LABELS)] * 2) == 0
    assert shared_length([Measured([7, 8, 9], 3, 3, LABELS), Measured(same, 10, 10, LABELS)]) == 1
    assert shared_length([]) == 0


def cost(parts: list[list[int]], lengths: list[int]) -> int:
    return sum(PASS_COST + len(part) * max(lengths[row] for row in part) for part in parts)


def divisions(lengths: list[int]) -> list[list[list[int]]]:
    """Return every division of the rows, shortest first, into runs."""
    order = sorted(range(len(lengths)), key=lengths.__getitem__)
    inner = range(1, len(order))
    return [
        [order[a:b] for a, b in zip((0, *cuts), (*cuts, len(order)), strict=True)]
        for count in range(len(order))
        for cuts in combinations(inner, count)
    ]


@pytest.mark.parametrize("seed", range(20))
def test_no_division_among_passes_costs_less(seed: int) -> None:
    some = random.Random(seed)
    lengths = [some.randrange(1, 400) for _ in range(some.randrange(1, 10))]
    parts = passes(lengths)
    assert sorted(row for part in parts for row in part) == list(range(len(lengths)))
    assert cost(parts, lengths) == min(cost(other, lengths) for other in divisions(lengths))


def test_rows_of_one_length_share_a_pass_as_far_as_memory_goes() -> None:
    assert passes([100] * 6) == [[0, 1, 2, 3, 4, 5]]
    parts = passes([MAX_PASS_TOKENS // 3] * 7 + [2 * MAX_PASS_TOKENS])
    assert len(parts) == 4
    assert all(len(part) <= 3 for part in parts)
    assert parts[-1] == [7]  # a longer row than allowed goes alone
    assert passes([]) == []
