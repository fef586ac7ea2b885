"""The cache that keeps keys and values in place holds what the library's own holds."""

from __future__ import annotations

from pathlib import Path

import torch
from transformers.cache_utils import DynamicLayer

from app.models.load import load_pipeline
from finetune.kv_cache import GROUPED, ROOM, GrowingLayer


def test_a_growing_layer_holds_what_the_librarys_holds() -> None:
    growing, usual = GrowingLayer(), DynamicLayer()
    for tokens in (5, 1, 1, ROOM, 1, 3):
        _update(growing, usual, rows=2, tokens=tokens)
    for layer in (growing, usual):
        layer.crop(-4)
    _update(growing, usual, rows=2, tokens=1)
    for layer in (growing, usual):
        layer.batch_repeat_interleave(2)
        layer.reorder_cache(torch.tensor([3, 0, 0, 1]))
    _update(growing, usual, rows=4, tokens=2)
    for layer in (growing, usual):
        layer.reset()
    _update(growing, usual, rows=1, tokens=2)


def test_a_token_is_written_without_copying_what_is_kept() -> None:
    layer = GrowingLayer()
    layer.update(torch.ones(1, 2, 3, 4), torch.ones(1, 2, 3, 4))
    before = layer.keys.data_ptr()
    for _ in range(ROOM):
        layer.update(torch.ones(1, 2, 1, 4), torch.ones(1, 2, 1, 4))
    assert layer.keys.data_ptr() == before


def test_a_served_model_reads_what_heads_share_once(tiny_model: Path) -> None:
    assert load_pipeline(tiny_model).model.config._attn_implementation == GROUPED


def _update(growing: GrowingLayer, usual: DynamicLayer, *, rows: int, tokens: int) -> None:
    keys, values = torch.randn(2, rows, 3, tokens, 4)
    for ours, theirs in zip(growing.update(keys, values), usual.update(keys, values), strict=True):
        assert torch.equal(ours, theirs)
    assert growing.get_seq_length() == usual.get_seq_length()
