"""End a forward pass midway once nobody waits for what it would say."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from torch import nn


class Abandoned(Exception):
    """Nobody waits for this pass any more."""


class PassWatch:
    """Looks before every layer of a model whether its pass is still wanted.

    A pass over long prompts takes a second on a CPU; a layer takes a small part of that.
    """

    def __init__(self, model: nn.Module) -> None:
        self._unwanted: Callable[[], bool] = _never
        for layer in layers(model):
            layer.register_forward_pre_hook(self._look)

    @contextmanager
    def over(self, unwanted: Callable[[], bool]) -> Iterator[None]:
        """Raise Abandoned out of the passes in this block as soon as `unwanted` says so."""
        self._unwanted = unwanted
        try:
            yield
        finally:
            self._unwanted = _never

    def _look(self, *_: Any) -> None:
        if self._unwanted():
            raise Abandoned


def layers(model: nn.Module) -> nn.ModuleList:
    """Return a transformer's layers, whatever its family calls them: its longest list."""
    lists = (module for module in model.modules() if isinstance(module, nn.ModuleList))
    return max(lists, key=len, default=nn.ModuleList())


def _never() -> bool:
    return False
