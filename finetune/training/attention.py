"""Say which token of a bundle may attend to which, in the form that the model's attention takes.

Layers may see all that came before or a window of it, and add a mask or look it up. Whether a
model then computes what it computes of separate rows is tried, not assumed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from finetune.causal import takes
from finetune.training.bundles import PADDING, PREFIX, Bundle, collate

FULL, SLIDING = "full_attention", "sliding_attention"
EXACT, ROUGH = (
    0.01,
    0.1,
)  # of the logits' standard deviation; a wrong mask moves them by more than 1


def prepared(model: Any, batch: dict[str, torch.Tensor]) -> dict[str, Any]:
    """Turn a collated batch into what the model's forward pass takes; labels are left out."""
    segments, positions = batch["segments"], batch["position_ids"]
    inputs: dict[str, Any] = {"input_ids": batch["input_ids"], "use_cache": False}
    if takes(model, "position_ids"):
        inputs["position_ids"] = positions
    if bool((segments == PREFIX).any()):
        inputs["attention_mask"] = _masks(model, segments, positions)
    else:  # rows by themselves: the model knows best
        inputs["attention_mask"] = (segments != PADDING).long()
    return inputs


def shares(model: Any, bundles: Sequence[Bundle]) -> bool:
    """Tell whether a model computes of bundles what it computes of their rows alone.

    The longest bundle is tried: what a window cuts off is seen in it, if in any.
    """
    shared = [bundle for bundle in bundles if bundle.shared]
    if not shared:
        return True
    longest = max(shared, key=lambda bundle: bundle.tokens)
    was_training = model.training
    model.eval()
    try:
        together = _trained_logits(model, longest)
        alone = torch.cat([_trained_logits(model, Bundle((row,), 0)) for row in longest.members])
    except (RuntimeError, ValueError, TypeError, IndexError, KeyError, AttributeError):
        return False  # it cannot take such a mask at all
    finally:
        model.train(was_training)
    allowed = EXACT if together.dtype == torch.float32 else ROUGH
    return bool((together - alone).abs().max() <= allowed * alone.std())


def _trained_logits(model: Any, bundle: Bundle) -> torch.Tensor:
    batch = {name: tensor.to(model.device) for name, tensor in collate([bundle.columns()]).items()}
    trained = (batch["labels"][0, 1:] != -100).nonzero().flatten()
    with torch.no_grad():
        logits: torch.Tensor = model(**prepared(model, batch), logits_to_keep=trained).logits[0]
    return logits


def _masks(model: Any, segments: torch.Tensor, positions: torch.Tensor) -> Any:
    """Return one mask, or one by kind of layer where a model has several kinds."""
    config = model.config.get_text_config()
    kinds = set(getattr(config, "layer_types", None) or [_kind(config)])
    if strange := kinds - {FULL, SLIDING}:
        raise ValueError(f"layers of kind {sorted(strange)} cannot be told what to attend to")
    seen = attention(segments)
    distance = positions[:, None, :, None] - positions[:, None, None, :]
    made = {}
    for kind in kinds:
        mask = seen & (distance < config.sliding_window) if kind == SLIDING else seen
        made[kind] = mask if config._attn_implementation == "sdpa" else _added(mask, model.dtype)
    return made if len(made) > 1 else next(iter(made.values()))


def _kind(config: Any) -> str:
    windowed = getattr(config, "sliding_window", None) and getattr(
        config, "use_sliding_window", True
    )
    return SLIDING if windowed else FULL


def _added(mask: torch.Tensor, dtype: torch.dtype) -> torch.Tensor:
    """Write a mask as what is added to scores."""
    return torch.zeros(mask.shape, dtype=dtype, device=mask.device).masked_fill(
        ~mask, torch.finfo(dtype).min
    )


def attention(segments: torch.Tensor) -> torch.Tensor:
    """Let each token see the prefix and its own segment, up to itself: (batch, 1, query, key)."""
    query, key = segments[:, :, None], segments[:, None, :]
    seen = (key == PREFIX) | (key == query)
    causal = torch.ones(
        segments.shape[1], segments.shape[1], dtype=torch.bool, device=segments.device
    ).tril()
    return (seen & causal)[:, None]
