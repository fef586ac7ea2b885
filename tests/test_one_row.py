"""A model writes as it would by the library alone where its weights meet one row at a time."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from family_models import write_family
from torch import nn

from app.models.load import load_pipeline
from finetune.causal import load_causal
from finetune.one_row import OneRowLinear, multiply_single_rows


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("shape", [(24,), (1, 24), (1, 1, 24), (3, 24), (2, 3, 24), (0, 24)])
def test_rows_are_multiplied_as_the_library_does_it(shape: tuple[int, ...], bias: bool) -> None:
    torch.manual_seed(0)
    layer = nn.Linear(24, 40, bias=bias).bfloat16()
    rows = torch.randn(shape).bfloat16()
    with torch.inference_mode():
        expected = layer(rows)
        multiply_single_rows(layer)
        assert isinstance(layer, OneRowLinear)
        torch.testing.assert_close(layer(rows), expected)


def test_a_transposed_row_is_multiplied_too() -> None:
    layer = nn.Linear(24, 40).bfloat16()
    rows = torch.randn(24, 2).bfloat16().T[:1]
    with torch.inference_mode():
        expected = layer(rows)
        multiply_single_rows(layer)
        torch.testing.assert_close(layer(rows), expected)


@pytest.mark.parametrize("dtype", ["bfloat16", "float32"])
def test_only_short_weights_are_multiplied_so_and_the_same_tokens_are_written(
    tmp_path: Path, dtype: str
) -> None:
    folder = write_family("qwen2", tmp_path / "model")
    ours = load_pipeline(folder, dtype=dtype).model  # type: ignore[arg-type]  # a parameter
    theirs = load_causal(folder, dtype=getattr(torch, dtype))
    kinds = {type(module) for module in ours.modules() if isinstance(module, nn.Linear)}
    assert kinds == {OneRowLinear if dtype == "bfloat16" else nn.Linear}
    prompt = torch.arange(40).reshape(1, -1)
    written = [
        model.generate(prompt, attention_mask=torch.ones_like(prompt), max_new_tokens=20)
        for model in (ours, theirs)
    ]
    assert torch.equal(*written)


def test_layers_of_other_kinds_are_left_as_they_are() -> None:
    class Scaled(nn.Linear):
        """A layer of another library."""

    layers = nn.Sequential(Scaled(8, 8).bfloat16(), nn.Linear(8, 8), nn.LayerNorm(8).bfloat16())
    before = [type(layer) for layer in layers]
    multiply_single_rows(layers)
    assert [type(layer) for layer in layers] == before
