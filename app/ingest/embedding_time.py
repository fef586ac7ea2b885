"""Tell how long embedding will take, as soon as a first part of it is done."""

from __future__ import annotations

import time

LARGE = 1_000  # chunks; embedding fewer takes no time worth a word


class Pace:
    """How many chunks are known and embedded, and how fast that goes."""

    def __init__(self) -> None:
        self.known = 0
        self.done = 0
        self.computed = 0
        self._seconds = 0.0
        self._begun = time.monotonic()
        self._told = 0

    def begin(self) -> None:
        """Begin to embed a part."""
        self._begun = time.monotonic()

    def end(self, count: int, computed: int) -> str:
        """End a part; say how long the rest will take, when a large document has come up."""
        self._seconds += time.monotonic() - self._begun
        self.done += count
        self.computed += computed
        left = self.known - self.done
        if left < LARGE or self._told == self.known or not self.computed:
            return ""
        self._told = self.known
        minutes = left * self._seconds / self.computed / 60
        duration = f"{minutes:.0f} minutes" if minutes >= 2 else f"{minutes * 60:.0f} seconds"
        stopped = "if it is stopped, the next run goes on"
        return f"{left:,} chunks to embed will take about {duration}; {stopped}"
