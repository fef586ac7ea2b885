"""Engines that run inside this process: one for each folder, for as long as a store uses it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from threading import Lock
from typing import Generic, TypeVar
from weakref import WeakValueDictionary

from app.errors import UserError

T = TypeVar("T")


class Engines(Generic[T]):
    """The engines of one kind, which other processes cannot open meanwhile."""

    def __init__(self, store: str, start: Callable[[Path], T], taken: type[Exception]) -> None:
        self._store = store
        self._start = start
        self._taken = taken
        self._opened: WeakValueDictionary[Path, T] = WeakValueDictionary()
        self._opening = Lock()

    def opened(self) -> list[T]:
        """Return those that run now."""
        return list(self._opened.values())

    def open(self, folder: Path) -> T:
        """Return the engine of a folder; raises UserError where another process has it."""
        with self._opening:
            engine = self._opened.get(folder)
            if engine is None:
                try:
                    engine = self._start(folder)
                except self._taken as error:
                    raise UserError(
                        f"another process uses the {self._store} in {folder}: end it, or start a "
                        f"{self._store} server and name it in GROUNDTUNE_STORE"
                    ) from error
                self._opened[folder] = engine
            return engine
