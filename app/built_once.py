"""Build a part of an object on first use, once even if several threads ask for it together."""

from __future__ import annotations

from functools import cached_property
from typing import Any, Self, TypeVar, overload

Part = TypeVar("Part")


class built_once(cached_property[Part]):  # written like the property that it is
    """A `cached_property` with a lock, which Python's own has lost in 3.12.

    The object holds the lock, an RLock, as `building`, so that a part may need others of its own.
    """

    @overload
    def __get__(self, instance: None, owner: type[Any] | None = None) -> Self: ...

    @overload
    def __get__(self, instance: object, owner: type[Any] | None = None) -> Part: ...

    def __get__(self, instance: Any, owner: type[Any] | None = None) -> Self | Part:
        """Return the part; once it is built, Python finds it without coming here."""
        if instance is None:
            return self
        keeper = self._keeper(instance)
        with keeper.building:
            part: Part = super().__get__(keeper, owner)
            return part

    def _keeper(self, instance: Any) -> Any:
        return instance


class shared(built_once[Part]):  # written like the property that it is
    """A part that views of an object have in common with it: their `whole`, which keeps it."""

    def _keeper(self, instance: Any) -> Any:
        return instance.whole or instance
