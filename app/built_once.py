"""Build a part of an object on first use, once even if several threads ask for it together."""

from __future__ import annotations

from functools import cached_property
from typing import Any, Self, TypeVar, overload

Part = TypeVar("Part")


class built_once(cached_property[Part]):  # written like the property that it is
    """A `cached_property` with a lock of its object, an RLock called `building`.

    A part may need others of its own. Python's own lock is one for all objects of a class, up to
    3.11: two of them that build a part could wait for each other for ever. Since 3.12 it has none.
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
            return self._kept(keeper)

    def _kept(self, keeper: Any) -> Part:
        kept = vars(keeper)
        if self.attrname not in kept:
            kept[self.attrname] = self.func(keeper)
        part: Part = kept[self.attrname]
        return part

    def _keeper(self, instance: Any) -> Any:
        return instance


class shared(built_once[Part]):  # written like the property that it is
    """A part that views of an object have in common with it: their `whole`, which keeps it."""

    def _keeper(self, instance: Any) -> Any:
        return instance.whole or instance
