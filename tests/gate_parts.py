"""A real server whose answers cannot end before a test lets them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event

from elsewhere import Elsewhere, Handler, elsewhere
from server_parts import Server, running_server

PATIENCE_S = 120
SILENCE_S = "600"  # that a model may think for; no test shuts its gate for as long


class Gate:
    """Where requests to a model wait while it is shut; it is open at first."""

    def __init__(self, model: Elsewhere) -> None:
        self.model = model
        self.reached = Event()
        """Set once a request waits."""
        self._opened = Event()
        self._opened.set()
        model.faults = [self._answer]

    @contextmanager
    def shut(self) -> Iterator[None]:
        """Let no request through until the block is left."""
        self.reached.clear()
        self._opened.clear()
        try:
            yield
        finally:
            self._opened.set()

    def _answer(self, handler: Handler) -> None:
        if not self._opened.is_set():
            self.reached.set()
            self._opened.wait()
        with suppress(ConnectionError):  # whoever asked may have left
            type(handler).answer(handler)


@contextmanager
def gated_server(
    home: Path, index: Path, *flags: str, **variables: str
) -> Iterator[tuple[Server, Gate]]:
    """Run `groundtune serve` with a model behind a gate."""
    with elsewhere() as model:
        gate = Gate(model)
        known = {"GROUNDTUNE_MODEL": f"{model.url}/v1#m", "GROUNDTUNE_MODEL_TIMEOUT": SILENCE_S}
        with running_server(home, index, *flags, **known, **variables) as server:
            yield server, gate
