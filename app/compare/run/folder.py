"""Keep a comparison's folder to one process at a time."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path

from app.held import held

LOCK = ".lock"


def alone_in(output: Path) -> AbstractContextManager[None]:
    """Keep others out of a folder; raises UserError while another compares or clears there."""
    return held(output / LOCK, f"another process is at work in {output}: wait until it is done")
