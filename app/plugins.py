"""Find what installed packages add, by their entry points; knows none of the things themselves."""

from __future__ import annotations

import textwrap
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Generic, TypeVar

from app.errors import UserError

T = TypeVar("T")

OURS = "groundtune."
"""What the names of our groups of entry points begin with."""
LONGEST = 200  # characters of what a package's error says


@dataclass(frozen=True)
class Port(Generic[T]):
    """A place where packages add things, each under a name. Letters' case does not count."""

    group: str
    """Of the entry points."""
    wanted: str
    """What is added here, as errors say it."""
    fits: Callable[[object], bool] = callable
    """Whether a loaded thing is one."""
    builtin: frozenset[str] = frozenset()
    """Names that no package may take."""
    spelled: Callable[[str], str] = str.lower
    """How a name is written where things are looked up."""

    def names(self) -> list[str]:
        """Return the names that packages add; nothing is loaded."""
        return sorted(self._points())

    def load(self, name: str) -> T:
        """Return what a package adds under a name; KeyError where none does.

        Raises UserError where the name is another's too, and where the thing cannot be loaded or
        is not what is wanted.
        """
        first, *others = self._points()[name]
        if others:
            also = " and ".join(map(_package, others))
            raise self.broken(name, f"and so does {also}: uninstall all but one")
        if name in self.builtin:
            raise self.broken(name, "which is built in: choose another name, or uninstall it")
        try:
            thing = first.load()
        except Exception as error:  # a package's import raises what it likes
            raise self.failed(name, f"{first.value} cannot be loaded", error) from error
        if not self.fits(thing):
            kind = type(thing).__name__
            raise self.broken(name, f"but {first.value} is of type {kind}, not {self.wanted}")
        loaded: T = thing
        return loaded

    def module(self, name: str) -> str:
        """Return the module of what a package adds under a name."""
        return self._points()[name][0].module

    def broken(self, name: str, reason: str) -> UserError:
        """Return the error that tells of a package's mistake, with the package's name."""
        package = _package(self._points()[name][0])
        return UserError(f"{package} adds {name!r} to {self.group}, {reason}")

    def failed(self, name: str, what: str, error: Exception) -> UserError:
        """Return the error that tells what a package's code raised."""
        said = textwrap.shorten(str(error), LONGEST, placeholder=" ...")
        reason = f"{type(error).__name__}: {said}" if said else type(error).__name__
        return self.broken(name, f"but {what} ({reason}): mend it, or uninstall it")

    def _points(self) -> dict[str, list[EntryPoint]]:
        named = defaultdict[str, list[EntryPoint]](list)
        for point in added().get(self.group, ()):
            named[self.spelled(point.name)].append(point)
        return dict(named)


@cache
def added() -> Mapping[str, Sequence[EntryPoint]]:
    """Return what installed packages add, by group; they are looked through once."""
    installed = entry_points()
    ours = sorted(group for group in installed.groups if group.startswith(OURS))
    return {group: tuple(installed.select(group=group)) for group in ours}


def packages() -> set[str]:
    """Return the names of what is imported for things that are added."""
    points = [point for group in added().values() for point in group]
    return {point.module.partition(".")[0] for point in points}


def describe_added() -> str:
    """Say what is added and by which packages; nothing is loaded."""
    groups = [
        f"{group.removeprefix(OURS)}: "
        + ", ".join(f"{point.name} ({_package(point)})" for point in points)
        for group, points in added().items()
    ]
    return "; ".join(groups) or "none"


def _package(point: EntryPoint) -> str:
    return f"{point.dist.name} {point.dist.version}" if point.dist else "a package"
