"""A model writes as it would by the library alone where its weights meet one row at a time."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from families import LESSONS
from family_models import write_family
from torch import nn

from app.models.load import load_pipeline
from finetune.causal import load_causal
from finetune.data.chat_format import encode_prompt
from finetune.one_row import OneRowLinear, multiply_single_rows

ULP = 2**-7  # bfloat16 has eight bits for a number's digits


def layer_of(*, bias: bool) -> nn.Linear:
    torch.manual_seed(0)
    return nn.Linear(256, 512, bias=bias).bfloat16()


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("shape", [(256,), (1, 256), (1, 1, 256)])
def test_a_row_is_multiplied_as_the_library_does_it(shape: tuple[int, ...], bias: bool) -> None:
    layer = layer_of(bias=bias)
    row = torch.randn(shape).bfloat16()
    with torch.inference_mode():
        expected = layer(row)
        multiply_single_rows(layer)
        assert isinstance(layer, OneRowLinear)
        torch.testing.assert_close(layer(row), expected, rtol=ULP, atol=1e-4)


@pytest.mark.parametrize("shape", [(3, 256), (2, 3, 256), (0, 256)])
def test_several_rows_are_left_to_the_library(shape: tuple[int, ...]) -> None:
    layer = layer_of(bias=True)
    rows = torch.randn(shape).bfloat16()
    with torch.inference_mode():
        expected = layer(rows)
        multiply_single_rows(layer)
        assert torch.equal(layer(rows), expected)


def test_a_row_that_lies_across_is_multiplied_too() -> None:
    layer = layer_of(bias=True)
    row = torch.randn(256, 2).bfloat16().T[:1]
    with torch.inference_mode():
        expected = layer(row)
        multiply_single_rows(layer)
        torch.testing.assert_close(layer(row), expected, rtol=ULP, atol=1e-4)


@pytest.mark.parametrize("dtype", ["bfloat16", "float32"])
def test_only_short_weights_are_multiplied_so_and_the_same_tokens_are_written(
    tmp_path: Path, dtype: str
) -> None:
    folder = write_family("qwen3", tmp_path / "model")
    pipeline = load_pipeline(folder, dtype=dtype)  # type: ignore[arg-type]  # a parameter
    theirs = load_causal(folder, dtype=getattr(torch, dtype))
    kinds = {type(layer) for layer in pipeline.model.modules() if isinstance(layer, nn.Linear)}
    assert kinds == {OneRowLinear if dtype == "bfloat16" else nn.Linear}
    for question, answer in LESSONS.items():
        ids = encode_prompt(pipeline.tokenizer, [{"role": "user", "content": question}])
        prompt = torch.tensor([ids])
        written = [
            model.generate(prompt, attention_mask=torch.ones_like(prompt), max_new_tokens=20)
            for model in (pipeline.model, theirs)
        ]
        assert torch.equal(*written)
        assert answer in str(pipeline.tokenizer.decode(written[0][0]))


def test_layers_of_other_kinds_are_left_as_they_are() -> None:
    class Scaled(nn.Linear):
        """A layer of another library."""

    class Packed(torch.Tensor):
        """A weight of another library."""

    packed, emptied = nn.Linear(8, 8).bfloat16(), nn.Linear(8, 8).bfloat16()
    packed.weight = nn.Parameter(packed.weight.detach().as_subclass(Packed))
    del emptied.weight
    layers = nn.Sequential(
        Scaled(8, 8).bfloat16(), nn.Linear(8, 8), nn.LayerNorm(8).bfloat16(), packed, emptied
    )
    before = [type(layer) for layer in layers]
    multiply_single_rows(layers)
    assert [type(layer) for layer in layers] == before
