"""Products of weights with one row, which is what a model computes for each token that it writes.

Knows torch's layers; knows nothing of who generates.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import nn


class OneRowLinear(nn.Linear):
    """A linear layer that multiplies a single row as a vector."""

    def forward(self, input: torch.Tensor) -> torch.Tensor:
        """Return `(..., out_features)` of `(..., in_features)`."""
        if input.numel() != input.shape[-1]:
            return super().forward(input)
        row = input.view(-1)
        if self.bias is None:
            product = torch.mv(self.weight, row)
        else:
            product = torch.addmv(self.bias, self.weight, row)
        return product.view(*input.shape[:-1], self.out_features)


def multiply_single_rows(model: Any) -> None:
    """Have a model on a CPU multiply its weights in bfloat16 with a single row as with a vector.

    Torch hands the product of two matrices to another library, which takes half as long again for
    one row. The numbers are the same. Layers of other kinds are left as they are.
    """
    for module in model.modules():
        if type(module) is nn.Linear and _is_bfloat16_on_cpu(getattr(module, "weight", None)):
            module.__class__ = OneRowLinear


def _is_bfloat16_on_cpu(weight: object) -> bool:
    """Tell it of a plain weight; libraries that quantise put something else in its place."""
    if type(weight) is not nn.Parameter:
        return False
    return weight.device.type == "cpu" and weight.dtype is torch.bfloat16
